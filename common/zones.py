"""Time zones and instants at the doors; inside, an instant is an aware UTC datetime and
a zone an IANA name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from common.wall_clocks import in_calendar


@cache
def known_zones() -> frozenset[str]:
    """Every IANA zone; finding them reads folders."""
    return frozenset(available_timezones())


@cache
def zone_names() -> tuple[str, ...]:
    """Every IANA zone a person may choose, sorted."""
    return (
        *sorted(
            name
            for name in known_zones()
            if "/" in name and not name.startswith("Etc/")
        ),
        "UTC",
    )


def zone_choices() -> list[tuple[str, str]]:
    """The same for a select, with names as people read them."""
    return [(name, zone_name(name)) for name in zone_names()]


def zone_name(zone: str) -> str:
    """As people read it: `America/New York`."""
    return zone.replace("_", " ")


def validate_zone(name: str) -> None:
    """Raises ValidationError unless `name` is an IANA zone."""
    if name not in known_zones():
        raise ValidationError(
            f"“{name}” is not a time zone; use an IANA name such as Europe/Berlin."
        )


class OutsideCalendar(ValueError):
    """A moment that is none that can be planned."""


def parse_instant(text: str, naive_zone: str = "UTC") -> datetime:
    """An ISO 8601 instant as aware UTC; a text without offset is read in `naive_zone`.
    Raises ValueError, which is OutsideCalendar for days outside of the calendar
    (`common.wall_clocks`).
    """
    moment = parse_datetime(text.strip())
    if moment is None:
        raise ValueError(f"not an ISO 8601 date and time: {text!r}")
    if not in_calendar(moment):
        raise OutsideCalendar(f"outside the calendar: {text!r}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(naive_zone))
    return moment.astimezone(UTC)
