"""Trials of posting times: designed, started by moving posts as chance has it, stopped,
and what won adopted.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calendars import states
from calendars.advice.preferences import prefer
from calendars.models import Preferences, Trial, TrialPost
from calendars.optimiser.limits import Limits
from calendars.optimiser.question import Ground, grid, local, pose, read_ground
from calendars.optimiser.services import in_order, move_to
from calendars.optimiser.worker import collision_text
from calendars.timing.allotting import allot
from calendars.timing.optimise import INFEASIBLE, optimise
from calendars.trials.access import access_trial
from calendars.trials.results import as_json, look_at, results_of
from calendars.trials.watch import changed
from common.errors import Conflict, Unprocessable
from common.mappings import JsonObject, Record, Values
from common.transitions import advance
from scheduling.access import posts_of
from scheduling.domain import states as posting
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.models import Post
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

MOST_VARIANTS = 5
MOST_POSTS = 500
LONGEST = timedelta(days=90)
SECONDS = 8.0
WEEK = timedelta(days=7)
HOURS = range(24)
WEEKDAYS = range(7)


@dataclass(frozen=True)
class Design:
    """What is to be tried on the posts of [start, end): variants as `Trial` keeps them,
    the control first.
    """

    name: str
    variants: Sequence[Record]
    start: datetime
    end: datetime
    platforms: Sequence[str] = ()
    kpi: str = Trial.Kpi.ENGAGEMENT
    guardrail: float | None = 0.02


def create(user: User, workspace: Workspace, design: Design) -> Trial:
    """A draft of a trial; no post moves yet. Raises Unprocessable."""
    require_role(user, workspace, Role.EDITOR)
    if faults := _faults(design):
        raise Unprocessable("Not valid.", faults)
    variants = [{"windows": [], **variant} for variant in design.variants]
    with transaction.atomic():
        trial = Trial.objects.create(
            workspace=workspace,
            made_by=user,
            name=design.name.strip(),
            variants=variants,
            start=design.start,
            end=design.end,
            platforms=list(design.platforms),
            kpi=design.kpi,
            guardrail=design.guardrail,
            seed=secrets.randbelow(2**31),
        )
        changed(trial)
        audit.record(
            user,
            "created",
            trial.topic,
            workspace=workspace,
            after={"variants": variants},
        )
    return access_trial(user, trial.pk)


def _faults(design: Design) -> dict[str, list[str]]:
    """What is wrong with a design, by its fields; empty for a good one."""
    faults = {}
    if not design.name.strip() or len(design.name) > 120:
        faults["name"] = ["Give a name of at most 120 characters."]
    if fault := _variant_fault(design.variants):
        faults["variants"] = [fault]
    length = design.end - design.start
    if not timedelta(0) < length <= LONGEST or design.end <= timezone.now():
        faults["end"] = [
            f"The end must be to come, after the start, and at most {LONGEST.days} days later."
        ]
    if unknown := set(design.platforms) - set(BY_NAME):
        faults["platforms"] = [f"Unknown: {', '.join(sorted(unknown))}."]
    if design.kpi not in Trial.Kpi.values:
        faults["kpi"] = [f"One of {', '.join(Trial.Kpi.values)}."]
    if design.guardrail is not None and not 0 <= design.guardrail <= 1:
        faults["guardrail"] = ["Give a rate from 0 to 1."]
    return faults


def _variant_fault(variants: Sequence[Record]) -> str:
    """What is wrong with the variants; blank for good ones."""
    names = [str(variant.get("name", "")).strip() for variant in variants]
    are_names = all(0 < len(name) <= 60 for name in names)
    differ = len(set(names)) == len(names)
    if not 2 <= len(names) <= MOST_VARIANTS or not are_names or not differ:
        return f"Give 2 to {MOST_VARIANTS} variants with different names."
    if not all(_is_variant(variant) for variant in variants):
        return (
            "A variant has a known strategy, and windows where its strategy is windows."
        )
    return ""


def _is_variant(variant: Record) -> bool:
    """Whether its strategy is known and its windows go with it."""
    return variant.get("strategy") in Trial.Strategy.values and _windows_fit(variant)


def _windows_fit(variant: Record) -> bool:
    """Whether it has windows where its strategy is windows, and only there; all of them
    within a day.
    """
    windows = variant.get("windows") or []
    wants_windows = variant.get("strategy") == Trial.Strategy.WINDOWS
    return bool(windows) == wants_windows and all(map(_is_window, windows))


def _is_window(window: Record) -> bool:
    """Whether it is a weekday, and the hours [start, end) of it."""
    return (
        window.get("weekday") in WEEKDAYS
        and window.get("start") in HOURS
        and window.get("end") in range(1, 25)
        and window["start"] < window["end"]
    )


def start(user: User, trial_id: UUID) -> Trial:
    """Give the open posts of the range to the variants by chance and move them as their
    strategies say, each within its local ISO week. All of it or nothing. Raises
    Conflict for too few posts, or when no times keep every rule.
    """
    trial = access_trial(user, trial_id, Role.EDITOR)
    with transaction.atomic():
        advance(
            Trial.objects.filter(pk=trial.pk),
            states.TRIAL,
            states.RUNNING,
            source=states.DRAFT,
            started_at=timezone.now(),
        )
        # Two trials that begin at once share no post.
        Workspace.objects.select_for_update(no_key=True).get(pk=trial.workspace_id)
        posts = _eligible(user, trial)
        _allot(user, trial, posts)
        changed(trial)
        audit.record(
            user,
            "started",
            trial.topic,
            workspace=trial.workspace,
            after={"posts": len(posts)},
        )
    return access_trial(user, trial_id)


def _allot(user: User, trial: Trial, posts: Sequence[Post]) -> None:
    """Give the posts to variants by chance, and move them as those want."""
    strata = {str(post.pk): stratum_of(post) for post in posts}
    variant_of = allot(strata, trial.names, trial.seed)
    times, scores = _times(user, trial, posts, variant_of)
    TrialPost.objects.bulk_create(
        TrialPost(
            trial=trial,
            post=post,
            variant=variant_of[key],
            stratum=strata[key],
            time_before=post.scheduled_at,
            time_after=times.get(key, post.scheduled_at),
            score=scores.get(key),
        )
        for key, post in _by_key(posts).items()
    )
    _move(user, posts, times)


def _by_key(posts: Iterable[Post]) -> dict[str, Post]:
    """Posts by their keys as the optimiser names them."""
    return {str(post.pk): post for post in posts}


def _eligible(user: User, trial: Trial) -> list[Post]:
    """The posts that it is about. Raises Conflict for too few or too many."""
    begin = max(trial.start, timezone.now())
    rows = posts_of(user, trial.workspace).between(begin, trial.end)
    rows = rows.filter(state__in=(posting.DRAFT, posting.SCHEDULED))
    rows = rows.exclude(trial_posts__trial__state=states.RUNNING)
    if trial.platforms:
        rows = rows.filter(account__platform__in=trial.platforms)
    posts = list(rows.order_by("pk")[: MOST_POSTS + 1])
    if not len(trial.variants) <= len(posts) <= MOST_POSTS:
        raise Conflict(
            f"A trial needs {len(trial.variants)} to {MOST_POSTS} drafts or "
            "scheduled posts in its range."
        )
    return posts


def stratum_of(post: Post) -> str:
    """Platform and local ISO week: within these, variants have equally many posts."""
    return f"{post.account.platform} {week_of(post, post.scheduled_at)}"


def week_of(post: Post, at: datetime | None) -> str:
    """The ISO week of an instant on the post's clock; blank for none."""
    return f"{local(post.account, at):%G-W%V}" if at else ""


def _times(
    user: User, trial: Trial, posts: Sequence[Post], variant_of: Mapping[str, str]
) -> tuple[Mapping[str, datetime], Mapping[str, float]]:
    """New times, and what every post's time is held to be worth. Those of the standard
    strategy stay.
    """
    variants = {variant["name"]: variant for variant in trial.variants}
    moving = {
        key: post
        for key, post in _by_key(posts).items()
        if variants[variant_of[key]]["strategy"] != Trial.Strategy.STANDARD
    }
    ground = _ground(user, trial, posts, moving.values())
    worth = {
        key: worth_of(ground, post, variants[variant_of[key]], trial.seed)
        for key, post in moving.items()
    }
    answer = optimise(pose(ground, worth).question, SECONDS)
    if answer.status == INFEASIBLE:
        raise Conflict(collision_text(answer.collisions))
    scores = {
        key: ground.score(
            post, answer.times.get(key, post.scheduled_at or ground.start)
        )
        for key, post in moving.items()
    }
    return answer.times, scores


def _ground(
    user: User, trial: Trial, posts: Iterable[Post], moving: Iterable[Post]
) -> Ground:
    """What is known about the posts that move, a week around all posts of the trial."""
    times = [post.scheduled_at for post in posts if post.scheduled_at]
    return read_ground(
        user,
        trial.workspace,
        [post.pk for post in moving],
        Limits(),
        start=max(min(times) - WEEK, timezone.now()),
        end=max(times) + WEEK,
        usual=False,
    )


def worth_of(
    ground: Ground, post: Post, variant: Record, seed: int
) -> dict[datetime, float]:
    """The times that the variant's strategy lets a post have in its week, and how much
    it wants each.
    """
    week = week_of(post, post.scheduled_at)
    times = [
        at
        for at in grid(post.account, ground)
        if week_of(post, at) == week and ground.allows(post, at)
    ]
    if variant["strategy"] == Trial.Strategy.EXPERIMENTAL:
        chance = random.Random(f"{seed} {post.pk}")
        return {at: chance.random() for at in times}
    windows = variant["windows"]
    return {
        at: ground.worth(post, at)
        for at in times
        if not windows or any(_within(post, at, window) for window in windows)
    }


def _within(post: Post, at: datetime, window: Record) -> bool:
    local_time = local(post.account, at)
    return bool(
        local_time.weekday() == window["weekday"]
        and window["start"] <= local_time.hour < window["end"]
    )


def _move(user: User, posts: Sequence[Post], times: Mapping[str, datetime]) -> None:
    """Move the posts to their new times, in an order in which none is in another's way."""
    by_key = _by_key(posts)
    moves = [
        move_of(by_key[key], at)
        for key, at in times.items()
        if at != by_key[key].scheduled_at
    ]
    for key, new_time in in_order(moves):
        move_to(user, by_key[key], new_time)


def move_of(post: Post, at: datetime) -> JsonObject:
    """A move as the optimiser writes it down."""
    previous = post.scheduled_at or at
    return {
        "post": str(post.pk),
        "channel": str(post.account_id),
        "new_time": at.isoformat(),
        "previous_time": previous.isoformat(),
    }


def stop(user: User, trial_id: UUID, because: str = "") -> Trial:
    """End a running trial, or give up a draft; results stay as they are then. Raises
    Conflict for one that is over.
    """
    trial = access_trial(user, trial_id, Role.EDITOR)
    target = states.CANCELED if trial.state == states.DRAFT else states.STOPPED
    with transaction.atomic():
        advance(
            Trial.objects.filter(pk=trial.pk),
            states.TRIAL,
            target,
            ended_at=timezone.now(),
            results=as_json(look_at(trial)),
            stopped_because=(because or f"By {user.username}.")[:300],
        )
        changed(trial)
        audit.record(user, target, trial.topic, workspace=trial.workspace)
    return access_trial(user, trial_id)


def adopt(user: User, trial_id: UUID) -> Preferences:
    """Make the winner the workspace's preference: its windows, or else only hours that
    are at least about as good as those it used. A manager's work. Raises Conflict while
    nothing has won.
    """
    trial = access_trial(user, trial_id, Role.MANAGER)
    winner = results_of(user, trial).winner
    if winner is None:
        raise Conflict("No variant is surely better than the control yet.")
    variant = next(
        variant for variant in trial.variants if variant["name"] == winner.name
    )
    with transaction.atomic():
        platform = trial.platforms[0] if len(trial.platforms) == 1 else ""
        row = prefer(
            user,
            trial.workspace,
            wishes_from(trial, variant),
            platform=platform,
            own=False,
        )
        Trial.objects.filter(pk=trial.pk).update(adopted_at=timezone.now())
        changed(trial)
        audit.record(
            user,
            "adopted",
            trial.topic,
            workspace=trial.workspace,
            after={"winner": winner.name},
        )
    return row


def wishes_from(trial: Trial, variant: Record) -> Values:
    """The preferences that let posts go out as the variant's did."""
    windows = variant["windows"]
    if windows:
        return wishes_from_windows(windows)
    rows = trial.allotted.filter(variant=variant["name"])
    scores = [row.score for row in rows if row.score is not None]
    lowest_quarter = quantiles(scores, n=4)[0] if len(scores) > 1 else 0.0
    return {"quality_threshold": round(lowest_quarter, 3)}


def wishes_from_windows(windows: Sequence[Record]) -> Values:
    """Days and hours off: those that no window has."""
    weekdays = {window["weekday"] for window in windows}
    return {
        "weekdays_off": sorted(set(WEEKDAYS) - weekdays),
        "hours_off": hours_off(windows),
    }


def hours_off(windows: Sequence[Record]) -> list[JsonObject]:
    """The local hours that are in no window, one by one, as preferences keep them."""
    unused = sorted(set(HOURS) - used_hours(windows))
    return [{"start": hour, "end": hour + 1} for hour in unused]


def used_hours(windows: Sequence[Record]) -> set[int]:
    """The local hours that are in a window, on whatever weekday."""
    return {
        hour for window in windows for hour in range(window["start"], window["end"])
    }
