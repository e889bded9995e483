"""Reading a line's calendar from the wire, and writing it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from fillplanner.planning.calendar import WEEKDAYS, Calendar

Read = TypeVar("Read")
KEYS = ("zone", "weekly_off", "days_off", "shifts", "blocked")
MOST_ENTRIES = 1000


def read_calendar(wire: Any) -> tuple[Calendar | None, list[str]]:
    """The calendar in a wire object, or None and every complaint."""
    if not isinstance(wire, Mapping):
        return None, ["must be an object"]
    wrong = [
        f"'{key}' is not a known key; there are {', '.join(KEYS)}"
        for key in wire
        if key not in KEYS
    ]
    zone = _zone(wire.get("zone", "UTC"), wrong)
    weekly = _list(wire, "weekly_off", "a weekday's name", _weekday, wrong)
    days = _list(wire, "days_off", "a date like 2026-12-25", date.fromisoformat, wrong)
    shifts = _list(
        wire, "shifts", 'a pair of times like ["06:00", "22:00"]', _shift, wrong
    )
    intervals = _list(
        wire,
        "blocked",
        'an object with "start" before "end", as ISO times',
        _interval,
        wrong,
    )
    if len(set(weekly)) == len(WEEKDAYS):
        wrong.append("'weekly_off' leaves no working day")
    if wrong:
        return None, wrong
    return Calendar(
        zone, tuple(sorted(set(weekly))), tuple(days), tuple(shifts), tuple(intervals)
    ), []


def calendar_wire(calendar: Calendar) -> dict[str, Any]:
    """A wire object that reads back as the same calendar."""
    return {
        "zone": calendar.zone,
        "weekly_off": [WEEKDAYS[day] for day in calendar.weekly_off],
        "days_off": [day.isoformat() for day in calendar.days_off],
        "shifts": [
            [begin.isoformat("minutes"), end.isoformat("minutes")]
            for begin, end in calendar.shifts
        ],
        "blocked": [
            {"start": start.isoformat(), "end": end.isoformat()}
            for start, end in calendar.intervals
        ],
    }


def _zone(name: Any, wrong: list[str]) -> str:
    try:
        return ZoneInfo(str(name)).key
    except (ValueError, OSError, KeyError):
        wrong.append(f"'zone' must be an IANA zone (got {name})")
        return "UTC"


def _list(
    wire: Mapping[str, Any],
    key: str,
    wanted: str,
    read: Callable[[Any], Read],
    wrong: list[str],
) -> list[Read]:
    rows = wire.get(key, [])
    if not isinstance(rows, list) or len(rows) > MOST_ENTRIES:
        wrong.append(f"'{key}' must be a list of at most {MOST_ENTRIES}")
        return []
    made = []
    for row in rows:
        try:
            made.append(read(row))
        except (ValueError, TypeError, KeyError):
            wrong.append(f"'{key}' must hold {wanted} (got {row!r})")
    return made


def _weekday(name: Any) -> int:
    return WEEKDAYS.index(str(name).lower())


def _shift(pair: Any) -> tuple[time, time]:
    begin, end = pair
    return time.fromisoformat(begin), time.fromisoformat(end)


def _interval(row: Any) -> tuple[datetime, datetime]:
    start, end = (_moment(row[name]) for name in ("start", "end"))
    if start >= end:
        raise ValueError("the end is not after the start")
    return start, end


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
