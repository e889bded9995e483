"""Geometry of the Gantt chart that templates draw as SVG: one row a clean block, time from left to right. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

LABELS, CHART, ROW, BAR = 132, 900, 40, 28
TICKS = (1, 2, 4, 6, 12, 24, 48, 96, 168)
MOST_TICKS = 12
# About what a letter of the chart's font takes.
LETTER, PADDING = 6.6, 12
ROWS_AT_ONCE = 40


@dataclass(frozen=True)
class Bar:
    """One activity in units of the drawing; the label is blank where it would not fit."""

    x: float
    y: float
    width: float
    kind: str
    label: str
    title: str
    height: int = BAR

    @property
    def label_x(self) -> float:
        return round(self.x + PADDING / 2, 2)

    @property
    def label_y(self) -> float:
        return round(self.y + BAR / 2 + 4, 2)


@dataclass(frozen=True)
class Row:
    """One block: its number from 1, when it begins, and its bars."""

    number: int
    y: int
    starts: datetime
    bars: list[Bar] = field(default_factory=list)

    @property
    def starts_text(self) -> str:
        """On the clock the chart was made for; a template's date filter would turn it back to UTC."""
        return f"{self.starts:%a} {self.starts.day} {self.starts:%b, %H:%M}"

    @property
    def label_y(self) -> int:
        return self.y + 16

    @property
    def time_y(self) -> int:
        return self.y + 30


@dataclass(frozen=True)
class Chart:
    """Rows of one window of blocks, hour ticks as (x, text), and the drawing's size."""

    rows: list[Row]
    ticks: list[tuple[float, str]]
    width: int
    height: int
    first: int
    total: int

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def axis_y(self) -> int:
        return self.height - 22

    @property
    def tick_y(self) -> int:
        return self.height - 6


def blocks(activities: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Activities by block: each begins with a clean."""
    made: list[list[Mapping[str, Any]]] = []
    for activity in activities:
        if activity["kind"] == "clean" or not made:
            made.append([])
        made[-1].append(activity)
    return made


def chart(activities: Sequence[Mapping[str, Any]], begin: datetime, first: int = 1, zone: Any = None) -> Chart:
    """The window of at most 40 blocks from block `first` on; one scale for the whole plan, so that windows compare.

    `begin` is the plan's start, aware; `zone` (tzinfo) is the clock on which rows say when they begin.
    """
    everything = blocks(activities)
    first = min(max(1, first), max(1, len(everything)))
    longest = max((block[-1]["end"] - block[0]["start"] for block in everything), default=1.0)
    scale = CHART / longest
    window = everything[first - 1 : first - 1 + ROWS_AT_ONCE]
    rows = [row(first + i, i, block, begin, scale, zone) for i, block in enumerate(window)]
    height = len(rows) * ROW + 26
    return Chart(rows, ticks(longest, scale), LABELS + CHART + 8, height, first, len(everything))


def row(number: int, index: int, block: list[Mapping[str, Any]], begin: datetime, scale: float, zone: Any) -> Row:
    y, origin = index * ROW, block[0]["start"]
    starts = (begin + timedelta(hours=origin)).astimezone(zone)
    return Row(number, y, starts, [bar(activity, origin, y, begin, scale, zone) for activity in block])


def bar(activity: Mapping[str, Any], origin: float, y: int, begin: datetime, scale: float, zone: Any) -> Bar:
    width = activity["duration_hours"] * scale
    text = activity["lot_id"] or activity["kind"].capitalize()
    fits = len(text) * LETTER + PADDING <= width
    x = round(LABELS + (activity["start"] - origin) * scale, 2)
    return Bar(
        x, y + (ROW - BAR) / 2, round(width, 2), activity["kind"], text if fits else "", title(activity, begin, zone)
    )


def title(activity: Mapping[str, Any], begin: datetime, zone: Any) -> str:
    """What a pointer resting on the bar is told."""
    start, end = ((begin + timedelta(hours=activity[edge])).astimezone(zone) for edge in ("start", "end"))
    what = (
        f"Fill {activity['lot_id']} ({activity['lot_type']})"
        if activity["lot_id"]
        else activity["note"] or activity["kind"]
    )
    return f"{what}: {start:%a %d %b %H:%M} to {end:%a %d %b %H:%M}, {activity['duration_hours']:.2f} h"


def ticks(longest: float, scale: float) -> list[tuple[float, str]]:
    """A dozen marks at most, in hours since the block began."""
    step = next((step for step in TICKS if longest / step <= MOST_TICKS), math.ceil(longest / MOST_TICKS))
    return [(round(LABELS + hour * scale, 2), f"{hour} h") for hour in range(0, int(longest) + 1, step)]
