"""Reading a line's calendar from the wire, and writing it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from common.mappings import JsonObject, Record
from fillplanner.planning.calendar import WEEKDAYS, Calendar

Read = TypeVar("Read")
KEYS = ("zone", "weekly_off", "days_off", "shifts", "blocked")
MOST_ENTRIES = 1000
# What the lists hold.
WEEKDAY = "a weekday's name"
DATE = "a date like 2026-12-25"
PAIR = 'a pair of times like ["06:00", "22:00"]'
INTERVAL = 'an object with "start" before "end", as ISO times'


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
    weekly = set(_list(wire, "weekly_off", WEEKDAY, _weekday, wrong))
    calendar = Calendar(
        zone=zone,
        weekly_off=tuple(sorted(weekly)),
        days_off=tuple(_list(wire, "days_off", DATE, date.fromisoformat, wrong)),
        shifts=tuple(_list(wire, "shifts", PAIR, _shift, wrong)),
        intervals=tuple(_list(wire, "blocked", INTERVAL, _interval, wrong)),
    )
    if len(weekly) == len(WEEKDAYS):
        wrong.append("'weekly_off' leaves no working day")
    return (None, wrong) if wrong else (calendar, [])


def calendar_wire(calendar: Calendar) -> JsonObject:
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
    """The zone's key, UTC where there is none such, which `wrong` says then."""
    try:
        return ZoneInfo(str(name)).key
    except (ValueError, OSError, KeyError):
        wrong.append(f"'zone' must be an IANA zone (got {name})")
        return "UTC"


def _list(
    wire: Record,
    key: str,
    what: str,
    read: Callable[[Any], Read],
    wrong: list[str],
) -> list[Read]:
    rows = wire.get(key, [])
    if not isinstance(rows, list) or len(rows) > MOST_ENTRIES:
        wrong.append(f"'{key}' must be a list of at most {MOST_ENTRIES}")
        return []
    entries = []
    for row in rows:
        try:
            entries.append(read(row))
        except (ValueError, TypeError, KeyError):
            wrong.append(f"'{key}' must hold {what} (got {row!r})")
    return entries


def _weekday(name: Any) -> int:
    return WEEKDAYS.index(str(name).lower())


def _shift(pair: Any) -> tuple[time, time]:
    begin, end = pair
    return time.fromisoformat(begin), time.fromisoformat(end)


def _interval(row: Any) -> tuple[datetime, datetime]:
    """Blocked hours; a moment without an offset is in UTC."""
    start = _moment(row["start"])
    end = _moment(row["end"])
    if start >= end:
        raise ValueError("the end is not after the start")
    return start, end


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
