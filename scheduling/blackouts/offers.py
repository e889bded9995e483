"""Where posts that wait in a blackout can go: to their channels' own next cadence times
after it.

1. Posts with content come first, in the order of their times. Each gets the next time of
   its channel's cadence that has no post; an empty slot that is planned there gives way.
2. Empty slots, those that were inside and those that gave way, get the next times after
   that have nothing at all.

A channel without a cadence offers free hours, at the distance that the workspace wants.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from common.errors import Conflict
from common.grouping import grouped
from scheduling.closures import Closures, closures
from scheduling.domain.cadence import CadenceError, slots
from scheduling.models import ChannelAccount, Post
from scheduling.posts.free_times import free_instants

HORIZON = timedelta(days=366)


@dataclass(frozen=True)
class Waiting:
    """A post in a blackout, and the first moment after that (aware)."""

    post: Post
    after: datetime

    @property
    def now_at(self) -> datetime:
        """When it is to go out as yet."""
        return self.post.scheduled_at or self.after


@dataclass(frozen=True)
class Offer:
    """A post with the time it can have, aware; None where its channel has none within a
    year. `gives_way` marks an empty slot that was not in the blackout.
    """

    post: Post
    at: datetime | None
    gives_way: bool = False


@dataclass
class Times:
    """A channel's next times, and what is there already."""

    cadence: Sequence[datetime]
    there: Mapping[datetime, Post]
    given: set[datetime] = field(default_factory=set)

    def offer(self, waiting: Waiting, gives_way: bool = False) -> Offer:
        """The next time for the post; it is given away with that."""
        free = (at for at in self.cadence if self._is_free(at, waiting))
        at = next(free, None)
        if at is not None:
            self.given.add(at)
        return Offer(waiting.post, at, gives_way)

    def _is_free(self, at: datetime, waiting: Waiting) -> bool:
        """Whether the post can have the time: an empty slot gives way to a full one."""
        if at < waiting.after or at in self.given:
            return False
        present = self.there.get(at)
        if present is None:
            return True
        return present.is_empty and not waiting.post.is_empty


def offers_for(waiting: Sequence[Waiting], spacing_hours: int) -> list[Offer]:
    """An offer for each post, in its channel's order of time, and for each empty slot
    that gives way: two queries, and more only for channels without a cadence.

    waiting: posts of one workspace.
    """
    if not waiting:
        return []
    ends = [each.after for each in waiting]
    start = min(ends)
    end = max(ends) + HORIZON
    first = waiting[0].post
    closed = closures(first.workspace_id, start, end)
    by_account = grouped((each.post.account, each) for each in waiting)
    there = _posts_there(by_account.keys(), start, end)
    offers: list[Offer] = []
    for account, own in by_account.items():
        cadence = _cadence_times(account, closed, start, end)
        if cadence:
            times = Times(cadence, there.get(account.pk, {}))
            offers += _offers(times, own)
        else:
            offers += _free_hours(account, own, spacing_hours)
    return offers


def _posts_there(
    accounts: Collection[ChannelAccount], start: datetime, end: datetime
) -> Mapping[UUID, Mapping[datetime, Post]]:
    """By channel and time."""
    of_channels = Post.objects.filter(account__in=accounts)
    there: dict[UUID, dict[datetime, Post]] = defaultdict(dict)
    for post in of_channels.between(start, end).for_display():
        if post.scheduled_at is not None:
            there[post.account_id][post.scheduled_at] = post
    return there


def _cadence_times(
    account: ChannelAccount, closed: Closures, start: datetime, end: datetime
) -> list[datetime]:
    """The channel's own times that are not closed; none for one without a cadence."""
    try:
        grid = slots(account.cadence, start, end)
    except CadenceError:
        return []
    return [slot.instant for slot in closed.left_open(account, grid)]


def _offers(times: Times, waiting: Sequence[Waiting]) -> list[Offer]:
    """For posts with content first, then for what is empty."""
    in_order = sorted(waiting, key=attrgetter("now_at"))
    full = [each for each in in_order if not each.post.is_empty]
    empty = [each for each in in_order if each.post.is_empty]
    offers = [times.offer(each) for each in full]
    displaced = _displaced(times, offers)
    offers += [times.offer(each) for each in empty]
    offers += [times.offer(each, gives_way=True) for each in displaced]
    return offers


def _displaced(times: Times, offers: Sequence[Offer]) -> list[Waiting]:
    """The empty slots whose times were given away."""
    displaced = []
    for offer in offers:
        present = times.there.get(offer.at) if offer.at else None
        if offer.at and present:
            displaced.append(Waiting(present, offer.at))
    return displaced


def _free_hours(
    account: ChannelAccount, waiting: Sequence[Waiting], spacing_hours: int
) -> list[Offer]:
    """Free hours from the end of the blackout on."""
    first = min(each.after for each in waiting)
    count = len(waiting)
    times: Sequence[datetime | None]
    try:
        times = free_instants([account], first, spacing_hours, account.zone, count)
    except Conflict:
        times = [None] * count
    return [Offer(each.post, at) for each, at in zip(waiting, times, strict=True)]
