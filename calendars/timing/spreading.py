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
        insort(self.times, at)
        day = self.day(at)
        self.days[day] += 1
        self.weeks[week(day)] += 1

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.pace.zone)).date()

    def is_free(self, at: datetime) -> bool:
        """Whether one more post then keeps to the pace."""
        day = self.day(at)
        pace = self.pace
        if pace.per_day is not None and self.days[day] >= pace.per_day:
            return False
        if pace.per_week is not None and self.weeks[week(day)] >= pace.per_week:
            return False
        place = bisect_left(self.times, at)
        neighbours = self.times[max(0, place - 1) : place + 1]
        return all(
            abs(other - at) >= max(pace.gap, timedelta(microseconds=1))
            for other in neighbours
        )


def week(day: date) -> tuple[int, int]:
    """The ISO year and week of a day."""
    return day.isocalendar()[:2]


def lane(
    offers: Mapping[str, Iterable[Offer]], pace: Pace, times: Iterable[datetime] = ()
) -> Lane:
    """A platform's lane with the posts that are planned there already; offers are by format."""
    best_first = {
        name: sorted(of_format, key=lambda offer: (-offer.score, offer.at))
        for name, of_format in offers.items()
    }
    filled = Lane(best_first, pace)
    for at in times:
        filled.take(at)
    return filled


def spread(
    pairs: Sequence[tuple[str, str]],
    lanes: Mapping[str, Lane],
    stagger: timedelta,
    placed: Mapping[str, Sequence[datetime]],
    formats: Mapping[tuple[str, str], str],
) -> dict[tuple[str, str], datetime]:
    """A time for each (content, platform), in their order the best that is left for its
    format, by default the blank one; those that find none are left out.

    One content's times on different platforms are at least `stagger` apart, also from
    those where it is `placed` already.
    """
    chosen: dict[tuple[str, str], datetime] = {}
    times: dict[str, list[datetime]] = defaultdict(list)
    for content, own in placed.items():
        times[content] += own
    for content, platform in pairs:
        format_ = formats.get((content, platform), "")
        at = _best(lanes[platform], format_, times[content], stagger)
        if at is not None:
            lanes[platform].take(at)
            times[content].append(at)
            chosen[content, platform] = at
    return chosen


def _best(
    lane: Lane, format_: str, own: Sequence[datetime], stagger: timedelta
) -> datetime | None:
    for offer in lane.offers[format_]:
        is_apart = all(abs(other - offer.at) >= stagger for other in own)
        if is_apart and lane.is_free(offer.at):
            return offer.at
    return None
