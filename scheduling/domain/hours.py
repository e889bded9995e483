"""The days that a calendar shows and the hours they really have: 23, 24 or 25. No rows,
no Django.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from scheduling.domain.cadence import instant

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
MONTH = "month"
WEEK = "week"
ONE_DAY = "day"
LIST = "list"
VIEWS = {MONTH: "Month", WEEK: "Week", ONE_DAY: "Day", LIST: "List"}


@dataclass(frozen=True)
class Frame:
    """What one page of a calendar shows: some local days of a zone, and which days the
    steps lead to.
    """

    view: str
    day: date
    zone: str
    days: tuple[date, ...]
    previous: date
    following: date

    @property
    def start(self) -> datetime:
        """The first day's midnight; aware UTC."""
        return midnight(self.days[0], self.zone)

    @property
    def end(self) -> datetime:
        """The midnight after the last day; aware UTC."""
        return midnight(self.days[-1] + DAY, self.zone)

    @property
    def title(self) -> str:
        """What the page is called: a day, a range of days, or a month."""
        first = self.days[0]
        last = self.days[-1]
        if self.view == ONE_DAY:
            return f"{first:%A} {first.day} {first:%B %Y}"
        if self.view != WEEK:
            return f"{self.day:%B %Y}"
        if first.year != last.year:
            return f"{first.day} {first:%b %Y} – {last.day} {last:%b %Y}"
        month = "" if first.month == last.month else f" {first:%b}"
        return f"{first.day}{month} – {last.day} {last:%b %Y}"


def frame_of(view: str, day: date, zone: str) -> Frame:
    """The page of that view that has the day."""
    if view == ONE_DAY:
        return Frame(view, day, zone, (day,), day - DAY, day + DAY)
    if view == WEEK:
        monday = day - timedelta(days=day.weekday())
        return Frame(view, day, zone, _run(monday, 7), day - 7 * DAY, day + 7 * DAY)
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    days = _run(first, (after - first).days) if view == LIST else month_days(first)
    return Frame(view, day, zone, tuple(days), (first - DAY).replace(day=1), after)


def _run(first: date, count: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=n) for n in range(count))


def month_days(month: date) -> tuple[date, ...]:
    """The days of the month's grid: whole weeks from Monday, 28 to 42 days."""
    first = month.replace(day=1)
    start = first - timedelta(days=first.weekday())
    after = (first + timedelta(days=32)).replace(day=1)
    return _run(start, ((after - start).days + 6) // 7 * 7)


def midnight(day: date, zone: str) -> datetime:
    """When the local day begins; aware UTC."""
    return instant(day, time(0), zone)


@dataclass(frozen=True)
class Hour:
    """An hour of the wall clock, or what a clock change leaves of it: [start, end) in aware UTC.

    `mark` is the zone's abbreviation for an hour that comes twice that day, else blank.
    """

    day: date
    hour: int
    start: datetime
    end: datetime
    mark: str = ""

    @property
    def label(self) -> str:
        """`09:00`, and `02:00 CEST` where the hour comes twice."""
        return f"{self.hour:02}:00 {self.mark}".strip()


def hours_of(day: date, zone: str) -> list[Hour]:
    """The hours of a local day in order; one that is skipped is not there, one that
    comes twice is there twice.
    """
    local = ZoneInfo(zone)

    def hour_and_offset(at: datetime) -> tuple[int, timedelta | None]:
        there = at.astimezone(local)
        return there.hour, there.utcoffset()

    stretches = [
        (key[0], list(quarters))
        for key, quarters in groupby(_quarters(day, zone), hour_and_offset)
    ]
    times_each = Counter(hour for hour, _ in stretches)
    hours = []
    for hour, quarters in stretches:
        start = quarters[0]
        end = quarters[-1] + QUARTER
        mark = mark_of(start, zone) if times_each[hour] > 1 else ""
        hours.append(Hour(day, hour, start, end, mark))
    return hours


def mark_of(moment: datetime, zone: str) -> str:
    """What the zone's time is called then: CEST."""
    return moment.astimezone(ZoneInfo(zone)).tzname() or ""


def _quarters(day: date, zone: str) -> Iterator[datetime]:
    moment = midnight(day, zone)
    end = midnight(day + DAY, zone)
    while moment < end:
        yield moment
        moment += QUARTER


def clock_note(day: date, zone: str) -> str:
    """A sentence about a day whose clocks change, blank for others."""
    start = midnight(day, zone)
    end = midnight(day + DAY, zone)
    length = end - start
    if length == DAY:
        return ""
    local = ZoneInfo(zone)
    times = [at.astimezone(local) for at in _quarters(day, zone)]
    offset = times[0].utcoffset()
    new = next((at for at in times if at.utcoffset() != offset), times[0])
    last_before = new.astimezone(UTC) - QUARTER
    old = last_before.astimezone(local) + QUARTER
    way = "forward" if length < DAY else "back"
    hours = f"{length / timedelta(hours=1):g}"
    change = f"at {old:%H:%M} clocks go {way} to {new:%H:%M}"
    return f"{day:%A} {day.day} {day:%B} has {hours} hours: {change}."


def wall_time(moment: datetime, zone: str) -> str:
    """`09:30` on the zone's clock; a time that comes twice names its offset too: `02:30 CEST`."""
    local = moment.astimezone(ZoneInfo(zone))
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f"{local:%H:%M} {local.tzname()}" if twice else f"{local:%H:%M}"
