"""Geometry of the Gantt chart that templates draw as SVG: one row a clean block, time
from left to right. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

CHART, ROW, BAR = 900, 40, 28
TICKS = (0.25, 0.5, 1, 2, 4, 6, 12, 24, 48, 96, 168)
TICK_APART = 64
# About what a letter of the chart's font takes.
LETTER, PADDING = 6.6, 12
ROWS_AT_ONCE = 40
ZOOMS = (1, 4, 8, 24)
KINDS = ("fill", "clean", "changeover")
Activity = Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """What is wanted of a chart: the first block (None: where the first hit is), hours
    across its width (None: those of the longest block), kinds to draw (none: all), a
    text to be looked for, the clock on which rows begin, and now.
    """

    first: int | None = None
    zoom: int | None = None
    kinds: frozenset[str] = frozenset()
    find: str = ""
    zone: tzinfo | None = None
    now: datetime | None = None

    def shows(self, activity: Activity) -> bool:
        return not self.kinds or activity["kind"] in self.kinds

    def finds(self, activity: Activity) -> bool:
        """Whether the activity is one of those looked for; none is where nothing is looked for."""
        wanted = self.find.casefold()
        said = (activity["lot_id"], activity["lot_type"], activity["note"])
        return bool(wanted) and any(wanted in text.casefold() for text in said if text)


@dataclass(frozen=True)
class Bar:
    """One activity in units of the drawing; the label is blank where it would not fit."""

    x: float
    y: float
    width: float
    kind: str
    label: str
    title: str
    hit: bool
    height: int = BAR

    @property
    def label_x(self) -> float:
        return round(self.x + PADDING / 2, 2)

    @property
    def label_y(self) -> float:
        return round(self.y + BAR / 2 + 4, 2)


@dataclass(frozen=True)
class Row:
    """One block: its number from 1, when it begins (also in hours from the plan's
    start), its bars, its line where there are several, and where now is in it.
    """

    number: int
    y: int
    starts: datetime
    hours: float
    line: int | None = None
    now_x: float | None = None
    bars: list[Bar] = field(default_factory=list)

    @property
    def starts_text(self) -> str:
        """On the clock the chart was made for; a template's date filter would turn it
        back to UTC.
        """
        return clock(self.starts)

    @property
    def label_y(self) -> int:
        return self.y + 16

    @property
    def time_y(self) -> int:
        return self.y + 30

    @property
    def bottom(self) -> int:
        return self.y + ROW


@dataclass(frozen=True)
class Chart:
    """Rows of one window of blocks, hour ticks as (x, text), the drawing's size, and
    how many activities were found.
    """

    rows: list[Row]
    ticks: list[tuple[float, str]]
    width: int
    height: int
    scale: float
    first: int
    total: int
    hits: int = 0
    hit_blocks: tuple[int, ...] = ()

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def earlier(self) -> int | None:
        """The first block of the window before."""
        return max(1, self.first - ROWS_AT_ONCE) if self.first > 1 else None

    @property
    def later(self) -> int | None:
        return self.last + 1 if self.last < self.total else None

    @property
    def next_hit(self) -> int | None:
        """The next block after the window with something that was looked for."""
        return next((number for number in self.hit_blocks if number > self.last), None)


def clock(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b, %H:%M}"


def blocks(activities: Iterable[Activity]) -> list[list[Activity]]:
    """Activities by block: each begins with a clean."""
    made: list[list[Activity]] = []
    for activity in activities:
        if activity["kind"] == "clean" or not made:
            made.append([])
        made[-1].append(activity)
    return made


def chart(
    activities: Sequence[Activity], begin: datetime, view: View | None = None
) -> Chart:
    """A window of at most 40 blocks; one scale for the whole plan, so that windows compare.

    `begin` is the plan's start, aware.
    """
    wanted, everything = view or View(), blocks(activities)
    found = (
        {n: sum(map(wanted.finds, block)) for n, block in enumerate(everything, 1)}
        if wanted.find
        else {}
    )
    hit_blocks = tuple(number for number, count in found.items() if count)
    first = wanted.first or next(iter(hit_blocks), 1)
    first = min(max(1, first), max(1, len(everything)))
    longest = (
        max((block[-1]["end"] - block[0]["start"] for block in everything), default=1.0)
        or 1.0
    )
    scale = CHART / (wanted.zoom or longest)
    window = everything[first - 1 : first - 1 + ROWS_AT_ONCE]
    rows = [
        row(first + i, i, block, begin, scale, wanted) for i, block in enumerate(window)
    ]
    width = max(CHART, math.ceil(longest * scale)) + 8
    return Chart(
        rows,
        ticks(longest, scale),
        width,
        max(1, len(rows)) * ROW,
        scale,
        first,
        len(everything),
        sum(found.values()),
        hit_blocks,
    )


def row(
    number: int,
    index: int,
    block: Sequence[Activity],
    begin: datetime,
    scale: float,
    view: View,
) -> Row:
    y, origin = index * ROW, block[0]["start"]
    starts = begin + timedelta(hours=origin)
    bars = [
        bar(activity, origin, y, begin, scale, view)
        for activity in block
        if view.shows(activity)
    ]
    now_x = None
    if view.now and starts <= view.now <= begin + timedelta(hours=block[-1]["end"]):
        now_x = round((view.now - starts).total_seconds() / 3600 * scale, 2)
    return Row(
        number,
        y,
        starts.astimezone(view.zone or UTC),
        origin,
        block[0].get("line"),
        now_x,
        bars,
    )


def bar(
    activity: Activity, origin: float, y: int, begin: datetime, scale: float, view: View
) -> Bar:
    width = activity["duration_hours"] * scale
    text = activity["lot_id"] or activity["kind"].capitalize()
    fits = len(text) * LETTER + PADDING <= width
    x = round((activity["start"] - origin) * scale, 2)
    return Bar(
        x,
        y + (ROW - BAR) / 2,
        round(width, 2),
        activity["kind"],
        text if fits else "",
        title(activity, begin, view.zone or UTC),
        view.finds(activity),
    )


def title(activity: Activity, begin: datetime, zone: tzinfo) -> str:
    """What is said of a bar, on three lines: what, when on the clock, when in hours
    from the plan's start.
    """
    start, end = (
        (begin + timedelta(hours=activity[edge])).astimezone(zone)
        for edge in ("start", "end")
    )
    note = activity["note"] or activity["kind"].capitalize()
    what = (
        f"Fill {activity['lot_id']} ({activity['lot_type']})"
        if activity["lot_id"]
        else note
    )
    hours = (
        f"{activity['start']:,.2f} h to {activity['end']:,.2f} h, "
        f"{activity['duration_hours']:,.2f} h long"
    )
    return f"{what}\n{clock(start)} to {clock(end)}\n{hours}"


def ticks(longest: float, scale: float) -> list[tuple[float, str]]:
    """Marks that stand apart, in hours since the block began."""
    step = next(
        (step for step in TICKS if step * scale >= TICK_APART),
        math.ceil(TICK_APART / scale),
    )
    count = int(longest / step + 1e-9) + 1
    return [(round(n * step * scale, 2), f"{n * step:g} h") for n in range(count)]
