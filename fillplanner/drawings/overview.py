"""Geometry of a whole plan on one strip a line, however many activities it has: each
column of the drawing has the kind that takes most of it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from math import inf

from common.svg import Scale, from_zero, round_step
from fillplanner.drawings.gantt import KINDS, ROWS_AT_ONCE, Activity, blocks

WIDTH, STRIP, GAP, COLUMN, AXIS = 1080, 16, 5, 0.75, 20
MOST_DATES = 10
DAYS_APART = (1, 2, 7, 14, 28, 56, 91, 182, 364, 728)


@dataclass(frozen=True)
class Strip:
    """One line's hours: an SVG path for each kind."""

    y: int
    paths: dict[str, str]


@dataclass(frozen=True)
class Window:
    """What a window of blocks takes of the drawing, up to where the next begins."""

    first: int
    last: int
    x: float
    width: float


@dataclass(frozen=True)
class Overview:
    """The whole drawing.

    strips: one a line.
    windows: what each window of blocks takes of it.
    dates: midnights as (place, text).
    shown_x, shown_width: the window that is drawn large.
    now_x: where now is, None outside of the plan.
    scale: units of the drawing an hour.
    """

    strips: list[Strip]
    windows: list[Window]
    dates: list[tuple[float, str]]
    shown_x: float
    shown_width: float
    now_x: float | None
    scale: float
    width: int = WIDTH

    @property
    def bars_height(self) -> int:
        return len(self.strips) * (STRIP + GAP)

    @property
    def height(self) -> int:
        return self.bars_height + AXIS

    @property
    def text_y(self) -> int:
        return self.height - 5


def overview(
    activities: Sequence[Activity],
    begin: datetime,
    first: int = 1,
    zone: tzinfo | None = None,
    now: datetime | None = None,
) -> Overview:
    """The plan from its first hour to its last.

    activities: as the wire has them, in hours from the plan's start.
    begin: the plan's start, aware.
    first: the first block of the window that is drawn large, from 1.
    zone: the clock of the dates, UTC for none.
    now: aware; None to leave it out.
    """
    hours = max((row["end"] for row in activities), default=1.0) or 1.0
    scale = from_zero(hours, 0, WIDTH)
    everything = blocks(activities)
    shown = everything[first - 1 : first - 1 + ROWS_AT_ONCE]
    start = shown[0][0]["start"] if shown else 0.0
    end = max((block[-1]["end"] for block in shown), default=hours)
    passed = (now - begin).total_seconds() / 3600 if now else -1.0
    return Overview(
        strips=strips(activities, scale),
        windows=windows(everything, scale),
        dates=list(dates(begin.astimezone(zone or UTC), hours, scale)),
        shown_x=scale.at(start),
        shown_width=scale.length(end - start),
        now_x=scale.at(passed) if 0 <= passed <= hours else None,
        scale=scale.per_value,
    )


def strips(activities: Sequence[Activity], scale: Scale) -> list[Strip]:
    """One a line, in the order of their numbers."""
    by_line: dict[int, list[Activity]] = {}
    for row in activities:
        by_line.setdefault(row.get("line") or 1, []).append(row)
    lines = sorted(by_line) or [1]
    return [
        Strip(y=i * (STRIP + GAP), paths=paths(by_line.get(line, []), scale, i))
        for i, line in enumerate(lines)
    ]


def paths(activities: Sequence[Activity], scale: Scale, strip: int) -> dict[str, str]:
    """Rectangles of each kind; neighbouring columns of one kind are one rectangle."""
    pieces: dict[str, list[str]] = {kind: [] for kind in KINDS}
    y = strip * (STRIP + GAP)
    for kind, x, width in runs(activities, scale):
        pieces[kind].append(f"M{x:g} {y}h{width:g}v{STRIP}h-{width:g}z")
    return {kind: "".join(own) for kind, own in pieces.items()}


def runs(
    activities: Sequence[Activity], scale: Scale
) -> Iterator[tuple[str, float, float]]:
    """Kind, begin and width; what is narrower than a column goes with what follows,
    under the name of the longest.
    """
    hours: dict[str, float] = {}
    begun = 0.0
    starts = [row["start"] for row in activities]
    for row, after in zip(activities, [*starts[1:], inf], strict=False):
        if not hours:
            begun = row["start"]
        kind, end = row["kind"], row["end"]
        hours[kind] = hours.get(kind, 0.0) + row["duration_hours"]
        width = scale.length(end - begun)
        if width >= COLUMN or after > end + 1e-6:
            longest = max(hours, key=hours.__getitem__)
            yield longest, scale.at(begun), max(0.3, width)
            hours = {}


def windows(everything: Sequence[Sequence[Activity]], scale: Scale) -> list[Window]:
    """Every window of the plan's blocks."""
    firsts = range(0, len(everything), ROWS_AT_ONCE)
    edges = [scale.at(everything[i][0]["start"]) for i in firsts]
    edges.append(float(WIDTH))
    return [
        Window(
            first=i + 1,
            last=min(i + ROWS_AT_ONCE, len(everything)),
            x=begin,
            width=round(end - begin, 2),
        )
        for i, (begin, end) in zip(firsts, pairwise(edges), strict=True)
    ]


def dates(begin: datetime, hours: float, scale: Scale) -> Iterator[tuple[float, str]]:
    """Midnights on the chart's clock, ten at most; a short plan's own beginning."""
    apart = round_step(DAYS_APART, hours / 24 / MOST_DATES)
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    last = (begin + timedelta(hours=hours)).date()
    day = midnight.date() + timedelta(days=1)
    while day <= last:
        moment = midnight.replace(year=day.year, month=day.month, day=day.day)
        passed = moment.astimezone(UTC) - begin.astimezone(UTC)
        x = scale.at(passed.total_seconds() / 3600)
        if x <= WIDTH - 50:
            yield x, date_text(day, with_weekday=apart < 7)
        day += timedelta(days=apart)


def date_text(day: date, with_weekday: bool) -> str:
    """A day as the axis names it, with its weekday or else its year."""
    if with_weekday:
        return f"{day:%a} {day.day} {day:%b}"
    return f"{day.day} {day:%b %Y}"
