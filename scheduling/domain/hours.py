"""The days that a calendar shows and the hours they really have: 23, 24 or 25. No rows,
no Django.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from common.wall_clocks import comes_twice
from scheduling.domain.cadence import instant

DAY = timedelta(days=1)
WEEK_LONG = timedelta(weeks=1)
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
        if self.view == ONE_DAY:
            return long_date(self.day)
        if self.view == WEEK:
            return range_text(self.days[0], self.days[-1])
        return f"{self.day:%B %Y}"


def long_date(day: date) -> str:
    """`Monday 23 November 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def range_text(first: date, last: date) -> str:
    """`23 – 29 Nov 2026`, with the first day's month and year where they are others."""
    if first.year != last.year:
        begin = f"{first.day} {first:%b %Y}"
    elif first.month != last.month:
        begin = f"{first.day} {first:%b}"
    else:
        begin = str(first.day)
    return f"{begin} – {last.day} {last:%b %Y}"


def frame_of(view: str, day: date, zone: str) -> Frame:
    """The page of that view that has the day."""
    if view == ONE_DAY:
        return Frame(view, day, zone, (day,), day - DAY, day + DAY)
    if view == WEEK:
        return Frame(view, day, zone, week_days(day), day - WEEK_LONG, day + WEEK_LONG)
    first = day.replace(day=1)
    previous = (first - DAY).replace(day=1)
    following = next_month(first)
    days = days_between(first, following) if view == LIST else month_days(first)
    return Frame(view, day, zone, days, previous, following)


def next_month(first: date) -> date:
    """The first of the month after a first of a month."""
    return (first + timedelta(days=32)).replace(day=1)


def days_between(first: date, end: date) -> tuple[date, ...]:
    """The days of [first, end)."""
    count = (end - first).days
    return tuple(first + timedelta(days=n) for n in range(count))


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def week_days(day: date) -> tuple[date, ...]:
    """The days of the day's week, from Monday."""
    monday = monday_of(day)
    return days_between(monday, monday + WEEK_LONG)


def month_days(month: date) -> tuple[date, ...]:
    """The days of the month's grid: whole weeks from Monday, 28 to 42 days."""
    first = month.replace(day=1)
    last = next_month(first) - DAY
    return days_between(monday_of(first), monday_of(last) + WEEK_LONG)


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

    hours = []
    for (hour, _), stretch in groupby(_quarters(day, zone), hour_and_offset):
        quarters = list(stretch)
        hours.append(Hour(day, hour, quarters[0], quarters[-1] + QUARTER))
    return _marked(hours, zone)


def _marked(hours: Sequence[Hour], zone: str) -> list[Hour]:
    """The hours of a day, those that come twice with their marks."""
    counts = Counter(hour.hour for hour in hours)
    return [
        replace(hour, mark=mark_of(hour.start, zone)) if counts[hour.hour] > 1 else hour
        for hour in hours
    ]


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
    length = midnight(day + DAY, zone) - midnight(day, zone)
    if length == DAY:
        return ""
    old, new = _change_of(day, zone)
    way = "forward" if length < DAY else "back"
    hours = f"{length / timedelta(hours=1):g}"
    change = f"at {old:%H:%M} clocks go {way} to {new:%H:%M}"
    return f"{day:%A} {day.day} {day:%B} has {hours} hours: {change}."


def _change_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """What the clock would show at the moment of the day's change, and what it shows."""
    local = ZoneInfo(zone)
    times = [at.astimezone(local) for at in _quarters(day, zone)]
    offset = times[0].utcoffset()
    new = next((at for at in times if at.utcoffset() != offset), times[0])
    # A step on the wall clock, which does not know of the change.
    quarter_before = (new.astimezone(UTC) - QUARTER).astimezone(local)
    return quarter_before + QUARTER, new


def wall_time(moment: datetime, zone: str) -> str:
    """`09:30` on the zone's clock; a time that comes twice names its offset too: `02:30 CEST`."""
    local = moment.astimezone(ZoneInfo(zone))
    text = f"{local:%H:%M}"
    return f"{text} {local.tzname()}" if comes_twice(local) else text
