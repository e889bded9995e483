"""Better times for posts: asked for, looked at, and taken over only while nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from calendars import states
from calendars.campaigns import follow
from calendars.models import OptimizationRun
from calendars.optimiser import worker as optimising
from calendars.optimiser.access import access_optimization
from calendars.optimiser.limits import Limits
from calendars.optimiser.question import fingerprint, posts_for
from common.doorbell import ring
from common.errors import Conflict, Missing, Problem, Unprocessable
from common.mappings import Record
from common.transitions import advance, try_advance
from scheduling.access import posts_of
from scheduling.domain import states as posting
from scheduling.models import Post
from scheduling.posts import transitions
from scheduling.posts.services import move
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

OPTIMISE_TIMES = "calendars.optimise_times"

MOST_POSTS = 1000
HORIZON = timedelta(days=7)
LONGEST = timedelta(days=90)
CHANGED = "Something changed since these times were chosen; choose them again."


@dataclass(frozen=True)
class Request:
    """Which posts to place within which limits; `end` is the last moment looked at
    (None: a week after the last of them), `names` the client's own content ids by post,
    `key` what stands for the call.
    """

    posts: Sequence[UUID]
    limits: Limits = field(default_factory=Limits)
    start: datetime | None = None
    end: datetime | None = None
    calendar_key: UUID | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


def optimise(user: User, workspace: Workspace, request: Request) -> OptimizationRun:
    """Find better times: at once for few posts, by a worker for more. Nothing is moved
    yet.

    Raises Missing for a post that is not the workspace's, Unprocessable for limits that
    contradict each other.
    """
    run = _begin(user, workspace, request)
    if run.state == states.PENDING and len(run.posts) <= settings.OPTIMIZE_AT_ONCE:
        optimising.run(run.pk, "in-request", settings.OPTIMIZE_REQUEST_SECONDS)
    return access_optimization(user, run.pk)


def _begin(user: User, workspace: Workspace, request: Request) -> OptimizationRun:
    """Write the run down, and ring a worker for one that is too long to wait for."""
    require_role(user, workspace, Role.EDITOR)
    ids = list(dict.fromkeys(request.posts))
    start, end = _range(_posts(user, workspace, ids), request)
    with transaction.atomic():
        run = OptimizationRun.objects.create(
            workspace=workspace,
            started_by=user,
            posts=[str(key) for key in ids],
            limits=request.limits.as_json(),
            start=start,
            end=end,
            calendar_key=request.calendar_key,
            names=dict(request.names),
            request_key=request.key,
        )
        audit.record(
            user,
            "optimised",
            run.topic,
            workspace=workspace,
            after={"posts": len(ids), "end": end},
        )
        tell_calendar(run)
        if len(ids) > settings.OPTIMIZE_AT_ONCE:
            ring(OPTIMISE_TIMES, str(run.pk))
        optimising.changed(run)
    return run


def _posts(user: User, workspace: Workspace, ids: Sequence[UUID]) -> list[Post]:
    """The posts with these ids. Raises Missing where one is not the workspace's."""
    if not 1 <= len(ids) <= MOST_POSTS:
        fault = f"Name 1 to {MOST_POSTS:,} posts, not {len(ids):,}."
        raise Unprocessable("Not valid.", {"targets": [fault]})
    posts = list(posts_of(user, workspace).filter(pk__in=ids))
    if len(posts) < len(ids):
        raise Missing("Post not found")
    return posts


def _range(posts: Iterable[Post], request: Request) -> tuple[datetime, datetime]:
    """From now or later to the last moment that is looked at. Raises Unprocessable."""
    limits = request.limits
    now = timezone.now()
    start = max(now, request.start or now, limits.not_before or now)
    times = [post.scheduled_at for post in posts if post.scheduled_at]
    last = max([start, *times])
    end = limits.not_after or request.end or min(last + HORIZON, start + LONGEST)
    # The last moment itself may be chosen.
    end += timedelta(microseconds=1)
    _check_range(limits, start, end, now)
    return start, end


def _check_range(limits: Limits, start: datetime, end: datetime, now: datetime) -> None:
    if limits.not_before and limits.not_after and limits.not_before >= limits.not_after:
        raise _bad("do_not_move_after", "must be after do_not_move_before")
    if end <= now:
        raise _bad("do_not_move_after", "has passed")
    if end <= start:
        raise _bad("do_not_move_after", "must be after the first moment looked at")
    if end - start > LONGEST + timedelta(days=1):
        raise _bad(
            "do_not_move_after", f"must be at most {LONGEST.days} days after the start"
        )
    for begin, until in limits.closed:
        if until <= begin:
            raise _bad("blackout_windows", "must end after they start")


def _bad(name: str, problem: str) -> Unprocessable:
    """What is raised for a constraint that goes against another, or the clock."""
    return Unprocessable(
        "The constraints contradict each other.",
        {f"constraints.{name}": [f"{name} {problem}."]},
    )


def open_posts(
    user: User,
    workspace: Workspace,
    start: datetime,
    end: datetime,
    channels: Iterable[UUID] = (),
) -> list[UUID]:
    """Ids of the drafts and scheduled posts of [start, end) that can still be moved, of
    these channels or all.
    """
    rows = posts_of(user, workspace).between(max(start, timezone.now()), end)
    rows = rows.filter(state__in=(posting.DRAFT, posting.SCHEDULED))
    chosen = list(channels)
    rows = rows.filter(account__in=chosen) if chosen else rows
    keys = rows.order_by("scheduled_at", "pk").values_list("pk", flat=True)
    return list(keys[: MOST_POSTS + 1])


def apply(user: User, run_id: UUID) -> OptimizationRun:
    """Give the posts the times that were chosen: all of them or, when one is refused,
    none. Doing it again changes nothing. Raises Conflict when something changed since,
    and for a run without an answer.
    """
    run = access_optimization(user, run_id, Role.EDITOR)
    if run.state != states.APPLIED:
        with transaction.atomic():
            _take_over(user, run)
    return access_optimization(user, run_id)


def _take_over(user: User, run: OptimizationRun) -> None:
    """Move the posts, unless somebody else just has; in the caller's transaction."""
    if not _is_mine_to_apply(run):
        return
    if run.calendar_key:
        follow.note_retiming(run.calendar_key, "better times are taken over")
    posts = _unchanged_posts(user, run)
    for key, at in in_order(run.moves):
        move_to(user, posts[key], at)
    tell_calendar(run)
    audit.record(
        user,
        "applied",
        run.topic,
        workspace=run.workspace,
        after={"moved": len(run.moves)},
    )
    optimising.changed(run)


def tell_calendar(run: OptimizationRun) -> None:
    """Bring the calendar that the run is about up to date; in the caller's transaction."""
    if run.calendar_key:
        follow.follow(run.calendar_key)


def _is_mine_to_apply(run: OptimizationRun) -> bool:
    """Whether nobody else has applied it. Raises Conflict for one that nobody can."""
    # Whoever wants to apply it too waits here until this one has.
    now = timezone.now()
    rows = OptimizationRun.objects.filter(pk=run.pk)
    if try_advance(
        rows, states.OPTIMIZATION, states.APPLIED, applied_at=now, updated_at=now
    ):
        return True
    state = rows.values_list("state", flat=True).get()
    if state == states.APPLIED:
        return False
    raise Conflict(
        f"This optimisation is {state}; there is nothing to apply.", {"state": state}
    )


def _unchanged_posts(user: User, run: OptimizationRun) -> Mapping[str, Post]:
    """The run's posts, nobody else's until the transaction ends. Raises Conflict where
    something changed since they were read.
    """
    ids = [UUID(key) for key in run.posts]
    # Whoever moves or changes one of the posts waits, and is seen below if they came first.
    rows = Post.objects.filter(workspace=run.workspace, pk__in=ids)
    list(rows.select_for_update().order_by("pk").values_list("pk"))
    posts, others = posts_for(user, run.workspace, ids, run.start, run.end)
    if fingerprint(posts, others) != run.fingerprint:
        raise Conflict(CHANGED, {"optimization": run.wire_id})
    return posts


def move_to(user: User, post: Post, at: datetime | None) -> None:
    """Move a post; None takes it out of the way for a moment. Raises Conflict naming it."""
    if at is None:
        transitions.try_apply([post], transitions.STEP_ASIDE)
        return
    try:
        move(user, post, at)
    except Problem as problem:
        raise Conflict(
            f"{post}: {problem.message}", {"post": str(post.pk)}
        ) from problem


def in_order(moves: Sequence[Record]) -> list[tuple[str, datetime | None]]:
    """Moves by post such that none goes to a time that another post still has; posts
    that go round in a circle begin with one of them stepping aside (None).
    """
    left = {change["post"]: change for change in moves}
    holders = {_old_place(change): change["post"] for change in moves}
    steps: list[tuple[str, datetime | None]] = []
    while left:
        ready = [
            key for key, change in left.items() if _new_place(change) not in holders
        ]
        if not ready:
            key, aside = next(iter(left.items()))
            steps.append((key, None))
            del holders[_old_place(aside)]
        for key in ready:
            change = left.pop(key)
            steps.append((key, datetime.fromisoformat(change["new_time"])))
            holders.pop(_old_place(change), None)
    return steps


def _old_place(change: Record) -> tuple[str, str]:
    """The channel and the time from which a post moves."""
    return change["channel"], change["previous_time"]


def _new_place(change: Record) -> tuple[str, str]:
    """The channel and the time to which a post moves."""
    return change["channel"], change["new_time"]


def cancel(user: User, run_id: UUID) -> OptimizationRun:
    """Stop a run that is under way. Raises Conflict for another."""
    run = access_optimization(user, run_id, Role.EDITOR)
    with transaction.atomic():
        rows = OptimizationRun.objects.filter(pk=run.pk)
        now = timezone.now()
        advance(
            rows,
            states.OPTIMIZATION,
            states.CANCELED,
            ended_at=now,
            updated_at=now,
            lease_until=None,
        )
        audit.record(user, "canceled", run.topic, workspace=run.workspace)
        tell_calendar(run)
        optimising.changed(run)
    return access_optimization(user, run_id)


def repeated(user: User, workspace: Workspace, key: str) -> OptimizationRun | None:
    """The applied run of the very same call, as long as its posts are where it put them."""
    rows = OptimizationRun.objects.filter(
        workspace=workspace, started_by=user, request_key=key, state=states.APPLIED
    ).order_by("-created_at")
    run: OptimizationRun | None = rows.first()
    if run is None:
        return None
    posts = posts_of(user, workspace).filter(pk__in=run.posts)
    now = {
        str(pk): at.isoformat() if at else None
        for pk, at in posts.values_list("pk", "scheduled_at")
    }
    stay = all(now.get(change["post"]) == change["new_time"] for change in run.changes)
    return run if stay else None
