"""Geometry of the Gantt chart that templates draw as SVG: one row a clean block, time
from left to right. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from wcwidth import width as cells

from common.mappings import Record
from common.svg import Scale, from_zero, marks, round_step
from common.texts import folded

CHART = 900
ROW = 40
BAR = 28
TICKS = (0.25, 0.5, 1, 2, 4, 6, 12, 24, 48, 96, 168)
TICK_APART = 64
# About what a letter of the chart's font takes; a Chinese one counts as two.
LETTER = 6.6
PADDING = 12
ROWS_AT_ONCE = 40
ZOOMS = (1, 4, 8, 24)
KINDS = ("fill", "clean", "changeover")
Activity = Record


@dataclass(frozen=True)
class View:
    """What is wanted of a chart.

    first: the first block, from 1; None for where the first hit is.
    zoom: hours across its width; None for those of the longest block.
    kinds: kinds of activities to draw; none for all.
    find: a text to be looked for.
    zone: the clock on which rows begin, UTC for none.
    now: aware; None to leave it out.
    most_blocks: how many blocks the window has at most.
    """

    first: int | None = None
    zoom: int | None = None
    kinds: frozenset[str] = frozenset()
    find: str = ""
    zone: tzinfo | None = None
    now: datetime | None = None
    most_blocks: int = ROWS_AT_ONCE

    def shows(self, activity: Activity) -> bool:
        """Whether the activity is of a kind to draw."""
        return not self.kinds or activity["kind"] in self.kinds

    def finds(self, activity: Activity) -> bool:
        """Whether the activity is one of those looked for; none is where nothing is looked for."""
        wanted = folded(self.find)
        if not wanted:
            return False
        texts = (activity["lot_id"], activity["lot_type"], activity["note"])
        return any(wanted in folded(text) for text in texts if text)


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
        """Where its label begins, in pixels."""
        return round(self.x + PADDING / 2, 2)

    @property
    def label_y(self) -> float:
        """The line on which its label stands."""
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
        """Where the row's name stands."""
        return self.y + 16

    @property
    def time_y(self) -> int:
        """Where the row's beginning stands."""
        return self.y + 30

    @property
    def bottom(self) -> int:
        """Where the next row begins."""
        return self.y + ROW


@dataclass(frozen=True)
class Chart:
    """One window of blocks.

    rows: one a block.
    ticks: hours as (x, text).
    width, height: of the drawing.
    scale: units of the drawing an hour.
    first, total: the window's first block, from 1, and how many there are in all.
    hits: how many activities were found.
    hit_blocks: the blocks that they are in.
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
        """The window's last block."""
        return self.first + len(self.rows) - 1

    @property
    def earlier(self) -> int | None:
        """The first block of the window before."""
        return max(1, self.first - ROWS_AT_ONCE) if self.first > 1 else None

    @property
    def later(self) -> int | None:
        """The first block of the window after."""
        return self.last + 1 if self.last < self.total else None

    @property
    def next_hit(self) -> int | None:
        """The next block after the window with something that was looked for."""
        return next((number for number in self.hit_blocks if number > self.last), None)


def clock(moment: datetime) -> str:
    """Day and time as the chart has them."""
    return f"{moment:%a} {moment.day} {moment:%b, %H:%M}"


def blocks(activities: Iterable[Activity]) -> list[list[Activity]]:
    """Activities by block: each begins with a clean."""
    rows: list[list[Activity]] = []
    for activity in activities:
        if activity["kind"] == "clean" or not rows:
            rows.append([])
        rows[-1].append(activity)
    return rows


def chart(
    activities: Sequence[Activity], begin: datetime, view: View | None = None
) -> Chart:
    """A window of blocks; one scale for the whole plan, so that windows compare.

    activities: as the wire has them, in hours from the plan's start.
    begin: the plan's start, aware.
    view: what is wanted; None for the first window of everything.
    """
    view = view or View()
    everything = blocks(activities)
    hits = hits_by_block(everything, view)
    first = view.first or next(iter(hits), 1)
    first = min(max(1, first), max(1, len(everything)))
    lengths = (block[-1]["end"] - block[0]["start"] for block in everything)
    longest = max(lengths, default=1.0) or 1.0
    scale = from_zero(view.zoom or longest, 0, CHART)
    window = everything[first - 1 : first - 1 + view.most_blocks]
    rows = [
        row(first + i, i, block, begin, scale, view) for i, block in enumerate(window)
    ]
    return Chart(
        rows=rows,
        ticks=ticks(longest, scale),
        width=max(CHART, math.ceil(longest * scale.per_value)) + 8,
        height=max(1, len(rows)) * ROW,
        scale=scale.per_value,
        first=first,
        total=len(everything),
        hits=sum(hits.values()),
        hit_blocks=tuple(hits),
    )


def hits_by_block(
    everything: Sequence[Sequence[Activity]], view: View
) -> dict[int, int]:
    """How many activities that are looked for are in which block, those with none left
    out.
    """
    if not view.find:
        return {}
    counts = {
        number: sum(view.finds(activity) for activity in block)
        for number, block in enumerate(everything, 1)
    }
    return {number: count for number, count in counts.items() if count}


def row(
    number: int,
    index: int,
    block: Sequence[Activity],
    begin: datetime,
    scale: Scale,
    view: View,
) -> Row:
    """One block.

    number, index: its number in the plan, from 1, and its place in the window, from 0.
    block: its activities.
    begin: the plan's start, aware.
    scale: of hours since a block's beginning.
    view: what is wanted.
    """
    y = index * ROW
    origin = block[0]["start"]
    starts = begin + timedelta(hours=origin)
    ends = begin + timedelta(hours=block[-1]["end"])
    now_x = None
    if view.now and starts <= view.now <= ends:
        now_x = scale.at((view.now - starts).total_seconds() / 3600)
    return Row(
        number=number,
        y=y,
        starts=starts.astimezone(view.zone or UTC),
        hours=origin,
        line=block[0].get("line"),
        now_x=now_x,
        bars=[
            bar(activity, origin, y, begin, scale, view)
            for activity in block
            if view.shows(activity)
        ],
    )


def bar(
    activity: Activity, origin: float, y: int, begin: datetime, scale: Scale, view: View
) -> Bar:
    """One activity; `origin` is when its block begins, in hours, and all else is as
    `row` has it.
    """
    width = scale.length(activity["duration_hours"])
    text = activity["lot_id"] or activity["kind"].capitalize()
    fits = cells(text) * LETTER + PADDING <= width
    return Bar(
        x=scale.at(activity["start"] - origin),
        y=y + (ROW - BAR) / 2,
        width=width,
        kind=activity["kind"],
        label=text if fits else "",
        title=title(activity, begin, view.zone or UTC),
        hit=view.finds(activity),
    )


def title(activity: Activity, begin: datetime, zone: tzinfo) -> str:
    """What is said of a bar, on three lines: what, when on the clock, when in hours
    from the plan's start.
    """
    start = (begin + timedelta(hours=activity["start"])).astimezone(zone)
    end = (begin + timedelta(hours=activity["end"])).astimezone(zone)
    if activity["lot_id"]:
        what = f"Fill {activity['lot_id']} ({activity['lot_type']})"
    else:
        what = activity["note"] or activity["kind"].capitalize()
    hours = f"{activity['start']:,.2f} h to {activity['end']:,.2f} h"
    long = f"{activity['duration_hours']:,.2f} h long"
    return f"{what}\n{clock(start)} to {clock(end)}\n{hours}, {long}"


def ticks(longest: float, scale: Scale) -> list[tuple[float, str]]:
    """Marks that stand apart, in hours since the block began."""
    least = TICK_APART / scale.per_value
    step = round_step((*TICKS, math.ceil(least)), least)
    return [(scale.at(hours), f"{hours:g} h") for hours in marks(step, 0, longest)]
