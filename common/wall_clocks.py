"""Days that can be planned, and what clocks on the wall do when they change. Pure."""

from __future__ import annotations

from datetime import date, datetime

# Far from the ends of what dates can be: sums with days and zones always come out.
FIRST_DAY = date(1970, 1, 2)
LAST_DAY = date(2999, 12, 31)
OUTSIDE = f"Give a date from {FIRST_DAY.year} to {LAST_DAY.year}."


def in_calendar(day: date) -> bool:
    """Whether it is a day that can be planned or recorded, rather than a slip of the
    hand.

    day: a date, or a moment, whose own date counts.
    """
    own = day.date() if isinstance(day, datetime) else day
    return FIRST_DAY <= own <= LAST_DAY


def day_in(text: str) -> date | None:
    """The day that a text such as 2026-11-21 names; None for no such text, and for
    days outside of the calendar.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if in_calendar(day) else None


def comes_twice(local: datetime) -> bool:
    """Whether clocks of its zone show this time twice, before and after going back."""
    other = local.replace(fold=1 - local.fold)
    return local.utcoffset() != other.utcoffset()
