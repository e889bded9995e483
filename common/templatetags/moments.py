"""Wording of instants: wall-clock texts in a zone, countdowns, and notes near a clock change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import dropwhile, islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import dateformat

from common.wall_clocks import comes_twice

DAY = timedelta(days=1)
FORMATS = {
    "full": ("D j M, H:i", "D j M Y, H:i"),
    "date": ("D j M", "D j M Y"),
    "time": ("H:i", "H:i"),
    "second": ("H:i:s", "H:i:s"),
}


class Moment(NamedTuple):
    """An instant as a page shows it; `change` and `elsewhere` are empty when there is
    nothing to say.
    """

    iso: str
    zone: str
    text: str
    title: str
    change: str
    elsewhere: str


def iso_utc(instant: datetime) -> str:
    """`2026-11-23T08:00:00Z`; raises ValueError for a datetime without zone."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a zone: {instant!r}")
    second = instant.astimezone(UTC).replace(microsecond=0)
    return second.isoformat().replace("+00:00", "Z")


def moment(
    instant: datetime, zone: str, local_zone: str, style: str, now: datetime
) -> Moment:
    """Describe an aware `instant` in the IANA `zone`, and in `local_zone` where its
    clocks differ.

    `style` is full, date, time or second; the year is left out in the year of `now`.
    Raises ValueError for an instant without zone, KeyError for another style and
    ZoneInfoNotFoundError for an unknown zone.
    """
    iso = iso_utc(instant)
    local = instant.astimezone(ZoneInfo(zone))
    elsewhere = _elsewhere(local, local_zone)
    change = clock_change(instant, zone)
    notes = (long_text(local, zone), utc_text(instant), elsewhere, change)
    return Moment(
        iso=iso,
        zone=zone,
        text=wall_text(local, style, now),
        title=" · ".join(filter(None, notes)),
        change=change,
        elsewhere=elsewhere,
    )


def long_text(local: datetime, zone: str) -> str:
    """`Monday 23 November 2026, 09:00 CET (Europe/Berlin)`."""
    wall_clock = dateformat.format(local, "l j F Y, H:i")
    return f"{wall_clock} {local.tzname()} ({zone})"


def utc_text(instant: datetime) -> str:
    """The time of day in UTC."""
    return f"{instant.astimezone(UTC):%H:%M} UTC"


def wall_text(local: datetime, style: str, now: datetime) -> str:
    """`Mon 23 Nov, 09:00`; an hour that happens twice also names its offset (`02:30 CEST`)."""
    this_year, other_year = FORMATS[style]
    same_year = now.astimezone(local.tzinfo).year == local.year
    text = dateformat.format(local, this_year if same_year else other_year)
    if style != "date" and comes_twice(local):
        return f"{text} {local.tzname()}"
    return text


def _elsewhere(local: datetime, zone: str) -> str:
    """The wall clock in `zone` with its city, or nothing where it shows the same."""
    if not zone:
        return ""
    other = local.astimezone(ZoneInfo(zone))
    if other.utcoffset() == local.utcoffset():
        return ""
    is_same_day = other.date() == local.date()
    time_text = dateformat.format(other, "H:i" if is_same_day else "D H:i")
    return f"{time_text} {city_of(zone)}"


def city_of(zone: str) -> str:
    """What people call a zone: `New York` for America/New_York."""
    _, _, city = zone.rpartition("/")
    return city.replace("_", " ")


def clock_change(instant: datetime, zone: str) -> str:
    """A sentence when the clocks of `zone` change less than a day before or after
    `instant`, else nothing.
    """
    here = ZoneInfo(zone)
    before = _offset(instant - DAY, here)
    at = _offset(instant, here)
    after = _offset(instant + DAY, here)
    if before == after:
        return ""
    way = "forward" if after > before else "back"
    step = duration_words(abs(after - before))
    side = "before" if at == after else "after"
    return f"Clocks go {way} {step} in the day {side} this time"


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def duration_words(span: timedelta) -> str:
    """The two largest units of a positive span, without zeros: `3 d 4 h`, `2 h 5 min`, `42 s`."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    amounts = {"d": days, "h": hours, "min": minutes, "s": seconds}
    from_largest = dropwhile(lambda unit: not amounts[unit], amounts)
    words = [
        f"{amounts[unit]} {unit}" for unit in islice(from_largest, 2) if amounts[unit]
    ]
    return " ".join(words) or "0 s"


def countdown_words(instant: datetime, now: datetime) -> str:
    """`in 2 h 5 min`, `now` within a second, `5 min ago`; the same words as the ticking
    script uses.
    """
    span = instant - now
    if abs(span) < timedelta(seconds=1):
        return "now"
    if span > timedelta(0):
        return f"in {duration_words(span)}"
    return f"{duration_words(-span)} ago"
