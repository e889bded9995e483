"""Re-planning: after a cadence has changed, empty slots that no longer belong to it go,
and missing ones come. People look first, then do it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from common.edits import Expected
from common.errors import InvalidInput
from common.mappings import Values
from scheduling.access import access_channel
from scheduling.channels.services import change_channel, check_channel, stored
from scheduling.channels.topoff import (
    HORIZON_DAYS,
    LONGEST_HORIZON_DAYS,
    Place,
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
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.models.posts import PostQuerySet
from workspaces import audit
from workspaces.models import User
from workspaces.roles import Role
from workspaces.services.rows import lock, set_fields, settled

CADENCE = ("posts_per_week", "zone", "local_times")


@dataclass(frozen=True)
class Replan:
    """What re-planning would do from now to `end`: empty slots that go, slots that
    come, empty slots that stay.
    """

    end: datetime
    removed: tuple[Post, ...]
    added: tuple[LocalSlot, ...]
    unchanged: int

    @property
    def changes_nothing(self) -> bool:
        """Whether the calendar is as the cadence wants it."""
        return not self.removed and not self.added


@dataclass(frozen=True)
class Replanned:
    """How many empty slots went and how many came."""

    removed: int
    added: int

    @property
    def message(self) -> str:
        """What was done, in words."""
        return f"Re-planned: {self.removed} empty slots removed, {self.added} added."


def preview(user: User, channel_id: UUID, values: Values | None = None) -> Replan:
    """What re-planning would do if the channel had these values. Managers; nothing is changed.

    Raises Unprocessable for values that no channel may have.
    """
    return compare(_with(user, channel_id, values))


@transaction.atomic
def replan(
    user: User,
    channel_id: UUID,
    values: Values | None = None,
    expected: Expected | None = None,
) -> Replanned:
    """Fit the channel's empty slots to these values and save them, in one transaction.
    Managers. Raises Overtaken where somebody else has changed what the caller expects.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    lock(channel)
    thing = f"channel:{channel.pk}"
    values = settled(expected, thing, stored(channel), values or {})
    set_fields(channel, values)
    check_channel(channel)
    # Posts before the audit trail, as everywhere: the other way round two changes could
    # wait for each other.
    done = Replanned(*apply(channel))
    if values:
        change_channel(user, channel_id, values)
    counts = {"removed": done.removed, "added": done.added}
    audit.record(
        user,
        "re-planned",
        f"channel:{channel.pk}",
        workspace=channel.workspace,
        after=counts,
    )
    return done


def _with(user: User, channel_id: UUID, values: Values | None) -> ChannelAccount:
    """The channel as it would be, not saved."""
    channel = access_channel(user, channel_id, Role.MANAGER)
    set_fields(channel, values or {})
    check_channel(channel)
    return channel


def compare(account: ChannelAccount, now: datetime | None = None) -> Replan:
    """The difference between the channel's calendar and its cadence, saved or not.
    Nothing is changed.

    Only future empty slots at their own place go: what was filled, moved, made by hand
    or canceled stays. A channel that is not active gets no new slots. Raises
    InvalidInput for a cadence that cannot be kept.
    """
    start = now or timezone.now()
    in_order = _empty_slots(account, start).order_by("scheduled_at")
    empties = [post for post in in_order if _unmoved(post)]
    end = _horizon(account, start)
    grid = _open_grid(account, start, end)
    belonging = set(grid)
    removed = tuple(post for post in empties if post.slot not in belonging)
    added: tuple[LocalSlot, ...] = ()
    if account.status == ChannelAccount.Status.ACTIVE:
        occupied = taken_places([account], start, end)[account.pk]
        occupied -= _places_of(removed)
        added = tuple(untaken(grid, occupied))
    return Replan(end, removed, added, len(empties) - len(removed))


def _open_grid(
    account: ChannelAccount, start: datetime, end: datetime
) -> list[LocalSlot]:
    """The slots that the cadence asks for, but for those in a blackout. Raises
    InvalidInput for a cadence that cannot be kept.
    """
    grid = _grid(account, start, end)
    return closures(account.workspace_id, start, end).left_open(account, grid)


def _grid(account: ChannelAccount, start: datetime, end: datetime) -> list[LocalSlot]:
    try:
        return slots(account.cadence, start, end)
    except (CadenceError, OverflowError) as error:
        raise InvalidInput(f"{account.name}: {error}") from error


def _places_of(posts: Iterable[Post]) -> set[Place]:
    """The instants and slots that the posts take up."""
    places: set[Place] = set()
    for post in posts:
        if post.scheduled_at is not None:
            places.add(post.scheduled_at)
        if post.slot is not None:
            places.add(key_of(post.slot))
    return places


@transaction.atomic
def apply(account: ChannelAccount, now: datetime | None = None) -> tuple[int, int]:
    """Do what `compare` says; how many slots went and came.

    The deletion is a compare-and-set: a slot that somebody fills at the same time is
    either filled and stays, or gone before it could be filled.
    """
    plan = compare(account, now)
    placeholder = placeholder_of(account.workspace)
    removed = _delete_empty(plan.removed, placeholder)
    added = add_slots([empty_slot(account, placeholder, slot) for slot in plan.added])
    posts_changed(account.workspace_id)
    return removed, added


def _delete_empty(posts: Iterable[Post], placeholder: ContentItem) -> int:
    """Those of the posts that are still empty slots go; how many there were."""
    # One statement: a queryset's own delete() reads first and would take a slot filled in between.
    doomed = Post.objects.filter(
        pk__in=[post.pk for post in posts], state=states.PLANNED, content=placeholder
    )
    return doomed._raw_delete(doomed.db) or 0


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
    empties = _empty_slots(account, start)
    last = empties.aggregate(last=Max("scheduled_at"))["last"] or start
    usual = start + timedelta(days=HORIZON_DAYS)
    longest = start + timedelta(days=LONGEST_HORIZON_DAYS)
    return min(max(usual, last + timedelta(minutes=1)), longest)
