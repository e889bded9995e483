"""Which content goes where and when: the best windows first, no more often than wished,
never close together. Pure.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

INSTANT = timedelta(microseconds=1)
# A content and a platform.
Pair = tuple[str, str]


@dataclass(frozen=True)
class Pace:
    """How often posts may go out on a platform: at most so many a local day and ISO
    week, and how far apart.
    """

    zone: str
    per_day: int | None = None
    per_week: int | None = None
    gap: timedelta = timedelta(0)


@dataclass(frozen=True)
class Offer:
    """A moment at which a post may go out (aware), and how good it is."""

    at: datetime
    score: float


@dataclass
class Lane:
    """One platform's offers by format, best first, its pace, and the times that are taken."""

    offers: Mapping[str, Sequence[Offer]]
    pace: Pace
    times: list[datetime] = field(default_factory=list)
    days: Counter[date] = field(default_factory=Counter)
    weeks: Counter[tuple[int, int]] = field(default_factory=Counter)

    def take(self, at: datetime) -> None:
        """Put a post at this instant."""
        insort(self.times, at)
        day = self.day(at)
        self.days[day] += 1
        self.weeks[week(day)] += 1

    def day(self, at: datetime) -> date:
        """The day of an instant on the lane's clock."""
        return at.astimezone(ZoneInfo(self.pace.zone)).date()

    def is_free(self, at: datetime) -> bool:
        """Whether one more post then keeps to the pace."""
        return self._has_room(self.day(at)) and self._keeps_gap(at)

    def _has_room(self, day: date) -> bool:
        """Whether the local day and its week may have one more post."""
        per_day = self.pace.per_day
        per_week = self.pace.per_week
        if per_day is not None and self.days[day] >= per_day:
            return False
        return per_week is None or self.weeks[week(day)] < per_week

    def _keeps_gap(self, at: datetime) -> bool:
        """Whether it is far enough from the posts before and after it."""
        gap = max(self.pace.gap, INSTANT)
        place = bisect_left(self.times, at)
        neighbours = self.times[max(0, place - 1) : place + 1]
        return all(abs(other - at) >= gap for other in neighbours)


def week(day: date) -> tuple[int, int]:
    """The ISO year and week of a day."""
    return day.isocalendar()[:2]


def lane(
    offers: Mapping[str, Iterable[Offer]], pace: Pace, times: Iterable[datetime] = ()
) -> Lane:
    """A platform's lane.

    offers: by format, in any order.
    pace: how often posts may go out there.
    times: of the posts that are planned there already (aware).
    """
    filled = Lane(
        {name: best_first(of_format) for name, of_format in offers.items()}, pace
    )
    for at in times:
        filled.take(at)
    return filled


def best_first(offers: Iterable[Offer]) -> list[Offer]:
    """The greatest score first, of equals the earliest."""
    return sorted(offers, key=lambda offer: (-offer.score, offer.at))


def spread(
    pairs: Sequence[Pair],
    lanes: Mapping[str, Lane],
    stagger: timedelta,
    placed: Mapping[str, Sequence[datetime]],
    formats: Mapping[Pair, str],
) -> dict[Pair, datetime]:
    """A time for each pair, in their order the best that is left for its format; those
    that find none are left out.

    pairs: (content, platform).
    lanes: by platform; they are filled.
    stagger: least time between one content's posts on different platforms.
    placed: when each content goes out already (aware).
    formats: of each pair; by default the blank one.
    """
    chosen: dict[Pair, datetime] = {}
    times: dict[str, list[datetime]] = defaultdict(list)
    for content, standing in placed.items():
        times[content] += standing
    for pair in pairs:
        content, platform = pair
        offers = lanes[platform].offers[formats.get(pair, "")]
        at = _best(lanes[platform], offers, times[content], stagger)
        if at is not None:
            lanes[platform].take(at)
            times[content].append(at)
            chosen[pair] = at
    return chosen


def _best(
    lane: Lane,
    offers: Sequence[Offer],
    times: Sequence[datetime],
    stagger: timedelta,
) -> datetime | None:
    """The first offer that is free and as far as the stagger from these times."""
    for offer in offers:
        is_apart = all(abs(other - offer.at) >= stagger for other in times)
        if is_apart and lane.is_free(offer.at):
            return offer.at
    return None
