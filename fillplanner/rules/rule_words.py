"""Rules in words, for pages and files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from common.mappings import Record
from fillplanner.wall_clock import to_wall

Grid = tuple[list[str], list[tuple[str, list[float | None]]]]
NOTHING = "–"
RULE_NAMES = {
    "clean_hours": "Clean (h)",
    "window_hours": "Window (h)",
    "same_type_changeover_hours": "Changeover, same type (h)",
    "default_changeover_hours": "Changeover, other type (h)",
    "fill_rate_vph": "Fill rate (vials/h)",
    "lines": "Lines side by side",
    "allow_waiting": "The line may wait",
    "calendar": "Working hours",
    "priority_levels": "Priorities",
    "frozen_blocks": "Frozen blocks",
    "milp_time_limit": "Time for the exact optimiser (s)",
}


def rules_in_words(config: Record) -> Iterator[tuple[str, str]]:
    """Every rule under its name and in words, but for the matrix of changeover hours
    (see `grid_of`).
    """
    for name, value in config.items():
        if name != "changeover_matrix":
            yield RULE_NAMES.get(name, name), rule_text(value, name)


def grid_of(matrix: Mapping[str, Mapping[str, float]]) -> Grid:
    """The types that are changed to, and for each type that is changed from its hours
    to them, None for the general time.
    """
    columns = sorted({target for row in matrix.values() for target in row})
    return columns, [
        (source, [matrix[source].get(target) for target in columns])
        for source in sorted(matrix)
    ]


def rule_text(value: Any, name: str = "") -> str:
    """A rule as people read it; `name` is its key in a config."""
    if name == "calendar" and value:
        return "; ".join(calendar_parts(value))
    if isinstance(value, Mapping):
        parts = [f"{key} {rule_text(inner)}" for key, inner in value.items()]
        return ", ".join(parts) or NOTHING
    if isinstance(value, list | tuple):
        between = "; " if name == "frozen_blocks" else ", "
        return between.join(entries(value)) or NOTHING
    return NOTHING if value is None else value_text(value)


def entries(values: Sequence[Any]) -> Iterator[str]:
    """The entries of a list; a block in a list of blocks has a place."""
    for place, value in enumerate(values, 1):
        if isinstance(value, list | tuple):
            yield f"{place}: {rule_text(value)}"
        else:
            yield str(value)


def value_text(value: Any) -> str:
    """A number, a switch or a text."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def calendar_parts(calendar: Record) -> Iterator[str]:
    """What a calendar says, in words."""
    zone = calendar.get("zone", "UTC")
    yield f"{zone} time"
    weekly = [day.capitalize() for day in calendar.get("weekly_off", [])]
    if weekly:
        yield f"off every {', '.join(weekly)}"
    shifts = [f"{begin} to {end}" for begin, end in calendar.get("shifts", [])]
    if shifts:
        yield f"shifts {', '.join(shifts)}"
    days = [day_text(day) for day in calendar.get("days_off", [])]
    if days:
        yield f"days off {', '.join(days)}"
    for row in calendar.get("blocked", []):
        yield f"blocked {to_wall(row['start'], zone)} to {to_wall(row['end'], zone)}"


def day_text(day: str) -> str:
    """An ISO date as people write it."""
    return f"{date.fromisoformat(day):%-d %b %Y}"
