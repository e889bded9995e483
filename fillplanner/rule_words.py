"""Rules in words, for pages and files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from fillplanner.wall_clock import to_wall

Grid = tuple[list[str], list[tuple[str, list[float | None]]]]
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


def rules_told(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
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
        return (
            ", ".join(f"{key} {rule_text(inner)}" for key, inner in value.items())
            or "–"
        )
    if isinstance(value, list | tuple):
        # A block in a list of blocks has a place.
        blocks = [
            f"{n}: {rule_text(row)}" if isinstance(row, list | tuple) else str(row)
            for n, row in enumerate(value, 1)
        ]
        return ("; " if name == "frozen_blocks" else ", ").join(blocks) or "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return (
        "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    )


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
