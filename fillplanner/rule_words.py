"""Rules in words, for pages and files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from fillplanner.wall_clock import to_wall


def rule_text(value: Any, name: str = "") -> str:
    """A rule as people read it; `name` is its key in a config."""
    if name == "calendar" and value:
        return "; ".join(calendar_parts(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {rule_text(inner)}" for key, inner in value.items()) or "–"
    if isinstance(value, list | tuple):
        # A block in a list of blocks has a place.
        blocks = [
            f"{n}: {rule_text(row)}" if isinstance(row, list | tuple) else str(row) for n, row in enumerate(value, 1)
        ]
        return ("; " if name == "frozen_blocks" else ", ").join(blocks) or "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def calendar_parts(calendar: Mapping[str, Any]) -> Iterator[str]:
    zone = calendar.get("zone", "UTC")
    yield f"{zone} time"
    if calendar.get("weekly_off"):
        yield f"off every {', '.join(day.capitalize() for day in calendar['weekly_off'])}"
    if calendar.get("shifts"):
        yield f"shifts {', '.join(f'{begin} to {end}' for begin, end in calendar['shifts'])}"
    if calendar.get("days_off"):
        yield f"days off {', '.join(day_text(day) for day in calendar['days_off'])}"
    for row in calendar.get("blocked", []):
        yield f"blocked {to_wall(row['start'], zone)} to {to_wall(row['end'], zone)}"


def day_text(day: str) -> str:
    return f"{date.fromisoformat(day):%-d %b %Y}"
