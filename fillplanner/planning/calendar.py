"""When a line stands still: days off, hours outside shifts, and single intervals, as
hours from a plan's start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
Interval = tuple[float, float]


@dataclass(frozen=True)
class Calendar:
    """`intervals` are aware moments; days and shifts are on the clock of the IANA
    `zone`. Without shifts a working day is whole; a shift that ends at or before its
    start ends the next day.
    """

    zone: str = "UTC"
    weekly_off: tuple[int, ...] = ()
    days_off: tuple[date, ...] = ()
    shifts: tuple[tuple[time, time], ...] = ()
    intervals: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def recurring(self) -> bool:
        """Whether working hours are limited for ever, not only at times."""
        return bool(self.shifts or self.weekly_off)

    def blocked(self, start: datetime, hours: float) -> tuple[Interval, ...]:
        """The blocked hours from `start` (aware) on, merged and ascending, for so many hours."""
        end = start + timedelta(hours=hours)
        closed = [*self.intervals, *gaps(self._open(start, end), start, end)]
        return merged(
            (self._hours(a, start), self._hours(b, start))
            for a, b in closed
            if b > start and a < end
        )

    @staticmethod
    def _hours(moment: datetime, start: datetime) -> float:
        return max(0.0, (moment - start).total_seconds() / 3600)

    def _open(
        self, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """The stretches in which the line works, in UTC, from the day before."""
        zone = ZoneInfo(self.zone)
        day = start.astimezone(zone).date() - DAY
        while datetime.combine(day, time(), zone) < end:
            if day.weekday() not in self.weekly_off and day not in self.days_off:
                for begin, finish in self.shifts or ((time(), time()),):
                    until = day if finish > begin else day + DAY
                    opening = datetime.combine(day, begin, zone)
                    closing = datetime.combine(until, finish, zone)
                    yield opening.astimezone(UTC), closing.astimezone(UTC)
            day += DAY


def gaps(
    opened: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """What lies between open stretches."""
    free = start
    for opening, closing in sorted(opened):
        if opening > free:
            yield free, opening
        free = max(free, closing)
    if free < end:
        yield free, end


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The intervals in order, those that touch each other as one, empty ones left out."""
    stretches: list[Interval] = []
    for begin, end in sorted(intervals):
        if stretches and begin <= stretches[-1][1]:
            first, last = stretches[-1]
            stretches[-1] = first, max(last, end)
        elif end > begin:
            stretches.append((begin, end))
    return tuple(stretches)
