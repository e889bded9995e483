"""Topping off: adding the planned slots that a channel's cadence asks for and the
calendar does not have yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from scheduling.closures import Closures, closures
from scheduling.content.services import placeholder_of
from scheduling.domain import states
from scheduling.domain.cadence import CadenceError, LocalSlot, slots
from scheduling.events import posts_changed
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.posts import transitions
from workspaces.models import Workspace

log = structlog.get_logger(__name__)

HORIZON_DAYS = 28
LONGEST_HORIZON_DAYS = 90
BATCH = 2000


@dataclass
class TopOff:
    """What a run did. The window is [start, end), aware UTC; `problems` names channels
    that were left out.
    """

    start: datetime
    end: datetime
    accounts: int = 0
    created: int = 0
    skipped: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def message(self) -> str:
        """The run as a sentence for people."""
        if not self.accounts and not self.problems:
            return "There are no active channel accounts to top off."
        return f"Created {self.created} new slots, skipped {self.skipped} existing"


def top_off(
    workspace: Workspace, days: int = HORIZON_DAYS, now: datetime | None = None
) -> TopOff:
    """Add the missing slots of the next `days` days, for active channels only.

    The window begins now, so a slot that is already past today is not made up for.
    Nothing that exists is touched, and nothing is planned into a blackout; two runs at
    once meet at the database's constraints and both succeed.
    """
    start = now or timezone.now()
    report = TopOff(start, start + timedelta(days=days))
    accounts = list(ChannelAccount.objects.filter(workspace=workspace).active())
    if not accounts:
        return report
    placeholder = placeholder_of(workspace)
    places = taken_places(accounts, report.start, report.end)
    closed = closures(workspace.pk, report.start, report.end)
    missing: list[Post] = []
    for account in accounts:
        missing += _missing(account, placeholder, places[account.pk], closed, report)
    report.created = add_slots(missing)
    report.skipped += len(missing) - report.created
    if report.created:
        posts_changed(workspace.pk)
    return report


Place = datetime | tuple[str, str, str]


def taken_places(
    accounts: Sequence[ChannelAccount], start: datetime, end: datetime
) -> dict[UUID, set[Place]]:
    """Per channel the instants that have a post, and the slots whose post was moved
    elsewhere: one query.

    A day more on either side, because a slot's local date may differ from its
    instant's.
    """
    places: dict[UUID, set[Place]] = defaultdict(set)
    day = timedelta(days=1)
    rows = Post.objects.filter(account__in=accounts)
    near = rows.between(start, end) | rows.filter(
        slot_date__range=((start - day).date(), (end + day).date())
    )
    fields = ("account_id", "scheduled_at", "slot_date", "slot_time", "slot_zone")
    for account_id, instant, date, clock, zone in near.values_list(*fields):
        places[account_id].add(instant)
        if date:
            places[account_id].add((str(date), str(clock), zone))
    return places


def _missing(
    account: ChannelAccount,
    placeholder: ContentItem,
    occupied: set[Place],
    closed: Closures,
    report: TopOff,
) -> list[Post]:
    try:
        grid = slots(account.cadence, report.start, report.end)
    except (CadenceError, OverflowError) as error:
        report.problems.append(f"{account.name}: {error}")
        return []
    report.accounts += 1
    free = closed.left_open(account, untaken(grid, occupied))
    report.skipped += len(grid) - len(free)
    return [empty_slot(account, placeholder, slot) for slot in free]


def untaken(
    grid: Iterable[LocalSlot], taken_by_posts: set[Place]
) -> Iterator[LocalSlot]:
    """The slots whose instant and place have no post."""
    return (
        slot
        for slot in grid
        if slot.instant not in taken_by_posts and key_of(slot) not in taken_by_posts
    )


def key_of(slot: LocalSlot) -> Place:
    """The slot as `taken_places` has it: equal for the same local date, time and zone."""
    return (str(slot.date), str(slot.time), slot.zone)


def empty_slot(
    account: ChannelAccount, placeholder: ContentItem, slot: LocalSlot
) -> Post:
    """A planned post with the placeholder as its content, at the slot's instant;
    unsaved.
    """
    post = Post(
        workspace_id=account.workspace_id,
        account=account,
        content=placeholder,
        slot_date=slot.date,
        slot_time=slot.time,
        slot_zone=slot.zone,
    )
    return transitions.begin(post, states.PLANNED, slot.instant)


def add_slots(posts: list[Post]) -> int:
    """Insert in bulk; rows that lost a race to another run are left out. Returns how
    many are there.
    """
    return sum(map(_add_batch, _batches(posts)))


def _add_batch(posts: list[Post]) -> int:
    with transaction.atomic():
        Post.objects.bulk_create(posts, ignore_conflicts=True)
        return Post.objects.filter(pk__in=[post.pk for post in posts]).count()


def _batches(posts: list[Post]) -> Iterator[list[Post]]:
    for first in range(0, len(posts), BATCH):
        yield posts[first : first + BATCH]


def top_off_all(
    workspaces: Iterable[Workspace], days: int = HORIZON_DAYS
) -> dict[str, TopOff | str]:
    """Top off each workspace; a failing one is logged, reported as text and does not
    stop the others.
    """
    return {workspace.slug: _reported(workspace, days) for workspace in workspaces}


def _reported(workspace: Workspace, days: int) -> TopOff | str:
    try:
        return top_off(workspace, days)
    except Exception as error:
        # Whatever is wrong with one workspace, the others' calendars must not stay
        # empty for it.
        log.exception("top_off_failed", workspace=workspace.slug)
        return f"failed: {error}"
