"""Where posts that wait in a blackout can go: to their channels' own next cadence times
after it.

1. Posts with content come first, in the order of their times. Each gets the next time of
   its channel's cadence that has no post; an empty slot that is planned there gives way.
2. Empty slots, those that were inside and those that gave way, get the next times after
   that have nothing at all.

A channel without a cadence offers free hours, at the distance that the workspace wants.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from common.errors import Conflict
from common.grouping import grouped
from scheduling.closures import Closures, closures
from scheduling.domain.cadence import CadenceError, slots
from scheduling.models import ChannelAccount, Post
from scheduling.posts.free_times import free_instants

HORIZON = timedelta(days=366)


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

    account: ChannelAccount
    cadence: Sequence[datetime]
    there: dict[datetime, Post]
    given: set[datetime] = field(default_factory=set)

    def next_for(self, post: Post, after: datetime) -> datetime | None:
        """The next time for the post, which is given away with it."""
        for at in self.cadence:
            if at < after or at in self.given:
                continue
            present = self.there.get(at)
            if present is None or (present.is_empty and not post.is_empty):
                self.given.add(at)
                return at
        return None


def offers_for(
    waiting: Sequence[tuple[Post, datetime]], spacing_hours: int
) -> list[Offer]:
    """An offer for each post, in its channel's order of time, and for each empty slot
    that gives way: two queries, and more only for channels without a cadence.

    waiting: posts of one workspace, each with the first moment after the blackout.
    """
    if not waiting:
        return []
    by_account = grouped((post.account_id, (post, after)) for post, after in waiting)
    accounts = {post.account_id: post.account for post, _ in waiting}
    start = min(after for _, after in waiting)
    end = max(after for _, after in waiting) + HORIZON
    closed = closures(waiting[0][0].workspace_id, start, end)
    there = _posts_there(accounts.keys(), start, end)
    offers: list[Offer] = []
    for account_id, own in by_account.items():
        account = accounts[account_id]
        times = Times(
            account,
            _cadence_times(account, closed, start, end),
            there.get(account_id, {}),
        )
        own_offers = list(_offers(times, own))
        offers += (
            own_offers if times.cadence else _free_hours(account, own, spacing_hours)
        )
    return offers


def _posts_there(
    accounts: Collection[UUID], start: datetime, end: datetime
) -> dict[UUID, dict[datetime, Post]]:
    rows = Post.objects.filter(account__in=accounts).between(start, end).for_display()
    there: dict[UUID, dict[datetime, Post]] = {key: {} for key in accounts}
    for post in rows:
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


def _offers(times: Times, waiting: Sequence[tuple[Post, datetime]]) -> Iterator[Offer]:
    in_order = sorted(waiting, key=lambda pair: pair[0].scheduled_at or pair[1])
    empty = [(post, after) for post, after in in_order if post.is_empty]
    giving_way = []
    for post, after in in_order:
        if post.is_empty:
            continue
        at = times.next_for(post, after)
        yield Offer(post, at)
        present = times.there.get(at) if at else None
        if present is not None:
            giving_way.append((present, at or after))
    for post, after in empty:
        yield Offer(post, times.next_for(post, after))
    for post, after in giving_way:
        yield Offer(post, times.next_for(post, after), gives_way=True)


def _free_hours(
    account: ChannelAccount,
    waiting: Sequence[tuple[Post, datetime]],
    spacing_hours: int,
) -> list[Offer]:
    """Free hours from the end of the blackout on."""
    first = min(after for _, after in waiting)
    posts = [post for post, _ in waiting]
    try:
        times: list[datetime | None] = [
            *free_instants([account], first, spacing_hours, account.zone, len(posts))
        ]
    except Conflict:
        times = [None] * len(posts)
    return [Offer(post, at) for post, at in zip(posts, times, strict=True)]
