"""Reasons and wishes as people read them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

REASONS: Mapping[str, str] = {
    "platform_optimized": "a good hour on this platform",
    "historical_engagement_high": "your posts do well then",
    "audience_active_peak": "best hour of the day",
    "weekday_pattern_match": "one of the best days",
    "evening_engagement_peak": "evening peak",
    "low_competition": "no other post near",
    "little_own_data": "little data of your own",
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def reason(code: str) -> str:
    """A reason's sentence; for a code that has none its words."""
    return REASONS.get(code, code.replace("_", " "))


def span(hours: tuple[int, int]) -> str:
    """`22:00 to 06:00`; the end is not included."""
    return f"{hours[0]:02}:00 to {hours[1]:02}:00"


def days(numbers: Sequence[int]) -> str:
    """Weekdays by their short names in order, 0 being Monday."""
    return ", ".join(DAYS[number] for number in sorted(numbers))
