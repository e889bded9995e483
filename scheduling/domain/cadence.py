"""Cadence: how many posts a week at which local times, turned into slots and instants.
No rows, no Django.

The grid is anchored to the ISO week in the channel's zone, never to "today": whoever
tops off on whatever day gets the same slots. Wall-clock time is the promise, so 09:00
stays 09:00 across a clock change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = 7
LARGEST_CADENCE = 70
DEFAULT_TIMES = (time(9, 0),)


class CadenceError(ValueError):
    """A cadence that cannot be kept; the text says why."""


@dataclass(frozen=True)
class Cadence:
    """`posts_per_week` posts (0..70) in the zone with this IANA name, taking `times` in
    turn.

    Raises CadenceError for a count out of range, no times at all, or more posts on one
    day than there are different times, which would put two posts into one minute.
    """

    posts_per_week: int
    zone: str
    times: tuple[time, ...] = DEFAULT_TIMES

    def __post_init__(self) -> None:
        if not 0 <= self.posts_per_week <= LARGEST_CADENCE:
            raise CadenceError(
                f"posts per week must be 0 to {LARGEST_CADENCE}, not {self.posts_per_week}"
            )
        if not self.times:
            raise CadenceError("give at least one local time")
        object.__setattr__(self, "times", tuple(sorted(set(self.times))))

    def week(self, monday: date) -> Iterator[tuple[date, time]]:
        """The local dates and times of one ISO week, in order; exactly `posts_per_week`
        of them.

        Post i goes to day floor(i * 7 / n) for n <= 7; more wrap onto the same days, so
        n = 9 is one a day and a second one on two of the days. Times are taken in turn;
        on a day with several posts they are distinct.
        """
        per_day = self._per_day()
        turn = 0
        for offset, count in enumerate(per_day):
            for clock in self._turn(turn, count):
                yield monday + timedelta(days=offset), clock
            turn += count

    def _per_day(self) -> list[int]:
        counts = [self.posts_per_week // WEEK] * WEEK
        rest = self.posts_per_week % WEEK
        for i in range(rest):
            counts[i * WEEK // rest] += 1
        return counts

    def _turn(self, turn: int, count: int) -> list[time]:
        """The next `count` times of the rotation, each once, in the order of the day.

        A day with more posts than times gets the missing ones spread between the given
        times and midnight.
        """
        if count <= len(self.times):
            return sorted(
                self.times[(turn + i) % len(self.times)] for i in range(count)
            )
        return spread(self.times, count)


def spread(times: Sequence[time], count: int) -> list[time]:
    """`count` different times of one day: the given ones, then the middles of the
    widest gaps between them.

    The last gap ends at midnight; times are whole minutes.
    """
    minutes = [moment.hour * 60 + moment.minute for moment in times]
    while len(minutes) < count:
        minutes.sort()
        edges = [*minutes, 24 * 60]
        gaps = [
            (after - before, before)
            for before, after in zip(edges, edges[1:], strict=False)
        ]
        width, start = max(gaps, key=lambda gap: (gap[0], -gap[1]))
        minutes = [*minutes, start + width // 2] if width > 1 else fill_minute(minutes)
    return [time(minute // 60, minute % 60) for minute in sorted(minutes)]


def fill_minute(minutes: list[int]) -> list[int]:
    """Add the first free minute of the day, for days so full that no gap is left after
    the given times.
    """
    return [
        *minutes,
        next(minute for minute in range(24 * 60) if minute not in minutes),
    ]


@dataclass(frozen=True, order=True)
class LocalSlot:
    """A place in a channel's calendar: local date and time in a zone; the instant is
    derived from it.
    """

    date: date
    time: time
    zone: str

    @property
    def instant(self) -> datetime:
        """Aware UTC. A local time that does not exist moves forward by the gap; a
        doubled one is its first.
        """
        return instant(self.date, self.time, self.zone)

    def next_minute(self) -> LocalSlot:
        """The same slot a minute later on the wall clock, past midnight on the next
        day.
        """
        later = datetime.combine(self.date, self.time) + timedelta(minutes=1)
        return LocalSlot(later.date(), later.time(), self.zone)

    @property
    def near_clock_change(self) -> bool:
        """Whether the zone's offset changes on the slot's day."""
        zone = ZoneInfo(self.zone)
        midnight = datetime.combine(self.date, time(0), zone)
        return midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset()


def instant(day: date, clock: time, zone: str) -> datetime:
    """The UTC instant of a local date and time.

    PEP 495 with fold=0: in a gap the offset from before the change applies, which is
    the wanted move forward; in an overlap it is the first of the two.
    """
    return datetime.combine(day, clock.replace(fold=0), ZoneInfo(zone)).astimezone(UTC)


def slots(cadence: Cadence, start: datetime, end: datetime) -> list[LocalSlot]:
    """The cadence's slots whose instants lie in [start, end), aware, in order of time.

    A local time inside a clock-change gap may fall on the instant of a later one; the
    second of them goes to the next free minute, so that every week keeps its count.
    """
    zone = ZoneInfo(cadence.zone)
    monday = _monday(start.astimezone(zone).date()) - timedelta(days=WEEK)
    last = end.astimezone(zone).date() + timedelta(days=1)
    by_instant: dict[datetime, LocalSlot] = {}
    while monday <= last:
        for day, clock in cadence.week(monday):
            slot = LocalSlot(day, clock, cadence.zone)
            while slot.instant in by_instant:
                slot = slot.next_minute()
            by_instant[slot.instant] = slot
        monday += timedelta(days=WEEK)
    return [
        by_instant[moment] for moment in sorted(by_instant) if start <= moment < end
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def parse_times(texts: Sequence[str]) -> tuple[time, ...]:
    """Local times from "HH:MM" texts. Raises CadenceError naming the first bad one."""
    return tuple(_parse_time(text) for text in texts)


def _parse_time(text: str) -> time:
    try:
        moment = time.fromisoformat(str(text).strip())
    except ValueError:
        raise CadenceError(
            f"“{text}” is not a time of day; write it like 09:00"
        ) from None
    if moment.tzinfo or moment.second or moment.microsecond:
        raise CadenceError(f"“{text}” is not a time of day; write it like 09:00")
    return moment
