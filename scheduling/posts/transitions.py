"""The one writer of a post's state and times: state, scheduled_at, due_at, rung_at, tries,
epoch and last_error.

A transition is a row of the table below: what the trail calls it, from which states it
starts, where it leads, and what it sets. `apply` brings one post or many through one:

1. posts in states that the row does not name are refused;
2. compare and set: a post moves only where it still is as it was read;
3. what people, and rules in their name, did is noted in the trail, an entry a post;
   what workers do stands in the attempts;
4. after the commit pages are told, and a worker is rung for what is due at once.

`due_at` is when a worker may next try; it is there as long as the post is scheduled or
being published. Whatever schedules a post or gives it another time begins its tries anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from common.doorbell import ring
from common.errors import Conflict
from common.mappings import Record, Values
from common.transitions import Partial
from scheduling import events
from scheduling.domain import states
from scheduling.models import ChannelAccount, Post
from workspaces import audit
from workspaces.models import User

PUBLISH_POST = "scheduling.publish_post"
OWNED = frozenset(
    ["state", "scheduled_at", "due_at", "rung_at", "tries", "epoch", "last_error"]
)
# Of no interest to those who read the trail.
UNNOTED = frozenset({"rung_at", "updated_at"})

Columns = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Details:
    """What comes with a transition: the post's new time, and why."""

    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Transition:
    """A row of the table. `name` is the trail's word, blank for what is not noted there;
    `target` None leaves the state; `sets` says which of the owned columns change
    besides it. `compares` are the columns that must still be as they were read. One that
    does not count as a change leaves the post's version.
    """

    sources: frozenset[str]
    target: str | None
    sets: Callable[[Post, Details], Values]
    name: str = ""
    compares: tuple[str, ...] = ("state",)
    rings: bool = False
    is_change: bool = True


def _nothing(post: Post, details: Details) -> Values:
    return {}


def _anew(post: Post, details: Details) -> Values:
    """Scheduled for a time; a failed post that is sent again is another publication."""
    epoch = post.epoch + 1 if post.state == states.FAILED else post.epoch
    return {
        "scheduled_at": details.at,
        "due_at": details.at,
        "epoch": epoch,
        **_UNTRIED,
    }


def _elsewhere(post: Post, details: Details) -> Values:
    """Another time; a scheduled post is due then, as if it had never been tried."""
    if post.state == states.SCHEDULED:
        return {"scheduled_at": details.at, "due_at": details.at, **_UNTRIED}
    return {"scheduled_at": details.at}


def _back(post: Post, details: Details) -> Values:
    """No longer scheduled."""
    return {"due_at": None, **_UNTRIED}


def _over(post: Post, details: Details) -> Values:
    """At an end, with the reason where there is one."""
    return {"due_at": None, "last_error": details.reason}


def _tried(post: Post, details: Details) -> Values:
    return {"tries": post.tries + 1}


def _untried(post: Post, details: Details) -> Values:
    return {"tries": max(0, post.tries - 1)}


def _later(post: Post, details: Details) -> Values:
    """To be tried again; its place in the calendar stays."""
    return {"due_at": details.at, "rung_at": None, "last_error": details.reason}


def _held(post: Post, details: Details) -> Values:
    """Due as before and untried: what stood in the way was not the post's."""
    return {"rung_at": None, "tries": 0, "last_error": details.reason}


def _because(post: Post, details: Details) -> Values:
    return {"last_error": details.reason}


def _aside(post: Post, details: Details) -> Values:
    """Without a time, until it gets another in the same transaction."""
    return {"scheduled_at": None}


_PLACE = ("state", "scheduled_at")
_UNTRIED: Values = {"rung_at": None, "tries": 0, "last_error": ""}


def _from(*sources: str) -> frozenset[str]:
    return frozenset(sources)


_IN_WORK = _from(states.PUBLISHING, states.UNCERTAIN)

# What people do, and rules in their name.
FILL = Transition(_from(states.PLANNED), states.DRAFT, _nothing, "filled")
WRITE = Transition(_from(states.PLANNED), states.DRAFT, _nothing, "written")
EMPTY = Transition(_from(states.DRAFT), states.PLANNED, _nothing, "emptied")
EDIT = Transition(_from(states.DRAFT, states.SCHEDULED), None, _nothing, "edited")
MOVE = Transition(states.OPEN, None, _elsewhere, "moved", _PLACE)
STEP_ASIDE = Transition(states.OPEN, None, _aside, compares=_PLACE)
SCHEDULE = Transition(
    _from(states.DRAFT, states.FAILED), states.SCHEDULED, _anew, "scheduled", _PLACE
)
SEND_NOW = Transition(
    _from(states.DRAFT, states.SCHEDULED, states.FAILED),
    states.SCHEDULED,
    _anew,
    "sent now",
    _PLACE,
    rings=True,
)
UNSCHEDULE = Transition(_from(states.SCHEDULED), states.DRAFT, _back, "unscheduled")
CANCEL = Transition(states.OPEN, states.CANCELED, _over, "canceled")
MARK_PUBLISHED = Transition(
    states.POST.sources(states.PUBLISHED) - {states.PUBLISHING},
    states.PUBLISHED,
    _over,
    "marked as published",
)
MARK_FAILED = Transition(
    states.POST.sources(states.FAILED) - {states.PUBLISHING},
    states.FAILED,
    _over,
    "marked as failed",
)

# What workers do.
CLAIM = Transition(_from(states.SCHEDULED), states.PUBLISHING, _tried)
FORGIVE = Transition(_from(states.PUBLISHING), None, _untried, is_change=False)
WENT_LIVE = Transition(_IN_WORK, states.PUBLISHED, _over)
UNCLEAR = Transition(_from(states.PUBLISHING), states.UNCERTAIN, _over)
STILL_UNCLEAR = Transition(_from(states.UNCERTAIN), None, _because)
TRY_AGAIN = Transition(_IN_WORK, states.SCHEDULED, _later)
HOLD = Transition(_IN_WORK, states.SCHEDULED, _held)
FAIL = Transition(_IN_WORK, states.FAILED, _over)
GIVE_UP = Transition(_from(states.SCHEDULED), states.FAILED, _over)


def begin(post: Post, state: str, at: datetime | None) -> Post:
    """A new post, not saved yet, in its first state at its time, if it has one."""
    post.state = state
    post.scheduled_at = at
    post.due_at = at if state == states.SCHEDULED else None
    return post


def apply(
    posts: Sequence[Post],
    transition: Transition,
    by: User | None,
    *,
    at: datetime | Mapping[UUID, datetime] | None = None,
    reason: str = "",
    noted: Record | None = None,
    **values: Any,
) -> None:
    """Bring all of the posts, which are of one workspace, through the transition, and
    note it in the trail: all of them or none.

    `at` is the new time, of all or of each by its key; `values` are other columns,
    `noted` is what the trail says besides. `by` None stands for the product itself. The
    posts say afterwards what their rows say.
    Raises Conflict for a post that may not move or was changed meanwhile, and where its
    channel has another post at the new time.
    """
    if not posts:
        return
    for post in posts:
        check(post, transition)
    before = {post.pk: _noted(post, values) for post in posts}
    try:
        with transaction.atomic():
            if not try_apply(posts, transition, at=at, reason=reason, **values):
                raise Partial
            _note(posts, transition, by, before, values, noted or {})
            if transition.rings:
                _ring(posts)
            events.these_posts_changed(posts)
    except Partial as error:
        raise Conflict(_changed_text(posts)) from error
    except IntegrityError as error:
        raise Conflict(_taken_text(posts)) from error


def check(post: Post, transition: Transition) -> None:
    """Raises Conflict where the transition does not start in the post's state."""
    if post.state in transition.sources:
        return
    if transition.target is None:
        raise Conflict(busy_text(post), {"state": post.state})
    message = f"This post is {post.state}; it cannot become {transition.target}."
    raise Conflict(message, {"state": post.state})


def try_apply(
    posts: Sequence[Post],
    transition: Transition,
    *,
    at: datetime | Mapping[UUID, datetime] | None = None,
    reason: str = "",
    same: Record | None = None,
    **values: Any,
) -> bool:
    """Compare and set alone, a statement for all that get the same values.

    False when no post is as it was read any more; raises Partial, within the caller's
    transaction, when some are not. `same` are further columns that must still be so.
    """
    if any(post.state not in transition.sources for post in posts):
        return False
    now = timezone.now()
    changes: dict[UUID, Values] = {}
    for post in posts:
        own_time = at.get(post.pk) if isinstance(at, Mapping) else at
        details = Details(own_time, reason)
        changes[post.pk] = _values(post, transition, details, now)
    moved = 0
    for (as_read, owned), keys in _alike(posts, transition, changes).items():
        still = Post.objects.filter(pk__in=keys, **dict(as_read), **(same or {}))
        moved += still.update(**dict(owned), **values)
    if moved == len(posts):
        for post in posts:
            _take_over(post, changes[post.pk] | values)
        return True
    if moved:
        raise Partial
    return False


def _alike(
    posts: Sequence[Post], transition: Transition, changes: Mapping[UUID, Values]
) -> dict[tuple[Columns, Columns], list[UUID]]:
    """The posts' keys by what is compared and what is set: a statement for each."""
    groups: dict[tuple[Columns, Columns], list[UUID]] = defaultdict(list)
    for post in posts:
        as_read = tuple((name, getattr(post, name)) for name in transition.compares)
        owned = tuple(changes[post.pk].items())
        groups[as_read, owned].append(post.pk)
    return groups


def _values(
    post: Post, transition: Transition, details: Details, now: datetime
) -> Values:
    values = transition.sets(post, details)
    if transition.is_change:
        values["updated_at"] = now
    if transition.target:
        values["state"] = transition.target
    return values


def _take_over(post: Post, values: Values) -> None:
    """Let the object say what its row says; expressions are known to the row only."""
    for name, value in values.items():
        if not isinstance(value, models.Expression):
            setattr(post, name, value)


def note_rung(posts: Sequence[Post], now: datetime) -> None:
    """That workers were rung for the posts; one that somebody took meanwhile is left."""
    waiting = Post.objects.filter(pk__in=[post.pk for post in posts])
    if posts:
        waiting.filter(state=states.SCHEDULED).update(rung_at=now)


def set_back(post: Post, at: datetime) -> None:
    """Pretend that a settled post stood in the calendar then: for demo data alone."""
    Post.objects.filter(pk=post.pk, due_at=None).update(scheduled_at=at)


def locked(rows: models.QuerySet[Post], transition: Transition) -> list[Post]:
    """Those of the rows that may go through the transition, nobody else's until the
    caller's transaction ends.
    """
    waiting = rows.filter(state__in=transition.sources).select_related("account")
    return list(waiting.select_for_update(of=("self",), no_key=True).order_by("pk"))


# --- the trail


def _noted(post: Post, values: Iterable[str]) -> Values:
    names = (OWNED | frozenset(values)) - UNNOTED
    return {name: _plain(getattr(post, name)) for name in sorted(names)}


def _plain(value: Any) -> Any:
    return str(value.pk) if isinstance(value, models.Model) else value


def _note(
    posts: Collection[Post],
    transition: Transition,
    by: User | None,
    before: Mapping[UUID, Values],
    values: Iterable[str],
    noted: Record,
) -> None:
    """An entry a post with what has changed."""
    entries = []
    for post in posts:
        old = before[post.pk]
        new = _noted(post, values)
        changed = [name for name in new if new[name] != old[name]]
        entries.append(
            audit.Entry(
                transition.name,
                f"post:{post.pk}",
                {name: old[name] for name in changed},
                {name: new[name] for name in changed} | dict(noted),
            )
        )
    first = next(iter(posts))
    audit.record_all(by, first.workspace, entries)


def _ring(posts: Iterable[Post]) -> None:
    for post in posts:
        ring(PUBLISH_POST, str(post.pk))


# --- what stands in the way, in words


def busy_text(post: Post) -> str:
    """Why a post cannot be changed in the state that it is in."""
    if post.state in states.BUSY:
        return "This post is being published right now."
    return f"This post is {post.state}; it cannot be changed any more."


def taken_text(account: ChannelAccount) -> str:
    """Why a channel cannot have a post at a time: it has one."""
    return f"{account.name} already has a post at that time."


def _taken_text(posts: Sequence[Post]) -> str:
    if len({post.account_id for post in posts}) == 1:
        return taken_text(posts[0].account)
    return "One of the channels already has a post at that time."


def _changed_text(posts: Sequence[Post]) -> str:
    """About the first of the posts that is not where it was read to be."""
    rows = Post.objects.filter(pk__in=[post.pk for post in posts])
    now = dict(rows.values_list("pk", "state"))
    for post in posts:
        state = now.get(post.pk)
        if state is None:
            return "This post is gone."
        if state in states.BUSY:
            return "This post is being published right now."
        if state != post.state:
            return f"Somebody else changed this post meanwhile; it is {state} now."
    return "Somebody else changed this post meanwhile."
