"""Re-planning: after a cadence has changed, empty slots that no longer belong to it go,
and missing ones come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from common.errors import InvalidInput
from scheduling.channels.topoff import (
    HORIZON_DAYS,
    LONGEST_HORIZON_DAYS,
    add_slots,
    empty_slot,
    key_of,
    taken_places,
    untaken,
)
from scheduling.closures import closures
from scheduling.content.services import placeholder_of
from scheduling.domain import states
from scheduling.domain.cadence import CadenceError, LocalSlot, slots
from scheduling.events import posts_changed
from scheduling.models import ChannelAccount, Post
from scheduling.models.posts import PostQuerySet


@dataclass(frozen=True)
class Replan:
    """What re-planning would do from now to `end`: empty slots that go, slots that
    come, empty slots that stay.
    """

    end: datetime
    removed: tuple[Post, ...]
    added: tuple[LocalSlot, ...]
    kept: int

    @property
    def changes_nothing(self) -> bool:
        return not self.removed and not self.added


def compare(account: ChannelAccount, now: datetime | None = None) -> Replan:
    """The difference between the channel's calendar and its cadence, saved or not.
    Nothing is changed.

    Only future empty slots at their own place go: what was filled, moved, made by hand
    or canceled stays. A channel that is not active gets no new slots. Raises
    InvalidInput for a cadence that cannot be kept.
    """
    start = now or timezone.now()
    empties = [
        post
        for post in _empty_slots(account, start).order_by("scheduled_at")
        if _unmoved(post)
    ]
    end = _horizon(account, start)
    try:
        grid = slots(account.cadence, start, end)
    except (CadenceError, OverflowError) as error:
        raise InvalidInput(f"{account.name}: {error}") from error
    closed = closures(account.workspace_id, start, end)
    grid = [slot for slot in grid if closed.at(account, slot.instant) is None]
    wanted = set(grid)
    removed = tuple(post for post in empties if post.slot not in wanted)
    taken = taken_places([account], start, end)[account.pk]
    taken -= {
        place
        for post in removed
        for place in (post.scheduled_at, post.slot and key_of(post.slot))
        if place
    }
    added = (
        tuple(untaken(grid, taken))
        if account.status == ChannelAccount.Status.ACTIVE
        else ()
    )
    return Replan(end, removed, added, len(empties) - len(removed))


@transaction.atomic
def apply(account: ChannelAccount, now: datetime | None = None) -> tuple[int, int]:
    """Do what `compare` says; how many slots went and came.

    The deletion is a compare-and-set: a slot that somebody fills at the same time is
    either filled and stays, or gone before it could be filled.
    """
    found = compare(account, now)
    placeholder = placeholder_of(account.workspace)
    # One statement: a queryset's own delete() reads first and would take a slot filled in between.
    doomed = Post.objects.filter(
        pk__in=[post.pk for post in found.removed],
        state=states.PLANNED,
        content=placeholder,
    )
    removed = doomed._raw_delete(doomed.db) or 0
    added = add_slots([empty_slot(account, placeholder, slot) for slot in found.added])
    posts_changed(account.workspace_id)
    return removed, added


def _empty_slots(account: ChannelAccount, start: datetime) -> PostQuerySet:
    rows = Post.objects.filter(
        account=account, state=states.PLANNED, content__is_placeholder=True
    )
    planned: PostQuerySet = rows.filter(
        scheduled_at__gte=start, slot_date__isnull=False
    )
    return planned


def _unmoved(post: Post) -> bool:
    return post.slot is not None and post.slot.instant == post.scheduled_at


def _horizon(account: ChannelAccount, start: datetime) -> datetime:
    """As far as the calendar was topped off, at least the usual days and at most the longest."""
    last = (
        _empty_slots(account, start).aggregate(last=Max("scheduled_at"))["last"]
        or start
    )
    usual, longest = (
        start + timedelta(days=days) for days in (HORIZON_DAYS, LONGEST_HORIZON_DAYS)
    )
    return min(max(usual, last + timedelta(minutes=1)), longest)
