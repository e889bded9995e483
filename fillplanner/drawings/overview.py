"""Geometry of a whole plan on one strip a line, however many activities it has: each
column of the drawing has the kind that takes most of it. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count, pairwise
from math import inf

from common.svg import Scale, from_zero, round_step
from fillplanner.drawings.gantt import KINDS, ROWS_AT_ONCE, Activity, blocks

WIDTH = 1080
STRIP = 16
GAP = 5
COLUMN = 0.75
AXIS = 20
LEAST_WIDTH = 0.3
CLOSE = 1e-6
MOST_DATES = 10
DATE_WIDTH = 50
ONE_HOUR = timedelta(hours=1)
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
        """How high all strips are together, in pixels."""
        return len(self.strips) * (STRIP + GAP)

    @property
    def height(self) -> int:
        """The same with the axis below them."""
        return self.bars_height + AXIS

    @property
    def text_y(self) -> int:
        """The line on which the dates stand."""
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
    hours = max((row["end"] for row in activities), default=0.0) or 1.0
    scale = from_zero(hours, 0, WIDTH)
    everything = blocks(activities)
    shown = everything[first - 1 : first - 1 + ROWS_AT_ONCE]
    shown_x, shown_width = shown_part(shown, hours, scale)
    return Overview(
        strips=strips(activities, scale),
        windows=windows(everything, scale),
        dates=list(dates(begin.astimezone(zone or UTC), hours, scale)),
        shown_x=shown_x,
        shown_width=shown_width,
        now_x=place_of_now(now, begin, scale),
        scale=scale.per_value,
    )


def shown_part(
    shown: Sequence[Sequence[Activity]], hours: float, scale: Scale
) -> tuple[float, float]:
    """Place and width of these blocks, of everything for none."""
    start = shown[0][0]["start"] if shown else 0.0
    end = max((block[-1]["end"] for block in shown), default=hours)
    return scale.at(start), scale.length(end - start)


def place_of_now(now: datetime | None, begin: datetime, scale: Scale) -> float | None:
    """None for none, and outside of the plan."""
    if now is None:
        return None
    passed = (now - begin) / ONE_HOUR
    return scale.at(passed) if scale.low <= passed <= scale.high else None


def strips(activities: Sequence[Activity], scale: Scale) -> list[Strip]:
    """One a line, in the order of their numbers; one without a line is the first."""
    by_line: dict[int, list[Activity]] = defaultdict(list)
    for row in activities:
        by_line[row.get("line") or 1].append(row)
    lines = sorted(by_line) or [1]
    heights = count(0, STRIP + GAP)
    return [
        Strip(y=y, paths=paths(by_line[line], scale, y))
        for y, line in zip(heights, lines, strict=False)
    ]


def paths(activities: Sequence[Activity], scale: Scale, y: int) -> dict[str, str]:
    """Rectangles of each kind, from that height down; neighbouring columns of one kind
    are one rectangle.
    """
    pieces: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for kind, x, width in runs(activities, scale):
        pieces[kind].append(f"M{x:g} {y}h{width:g}v{STRIP}h-{width:g}z")
    return {kind: "".join(rectangles) for kind, rectangles in pieces.items()}


def runs(
    activities: Sequence[Activity], scale: Scale
) -> Iterator[tuple[str, float, float]]:
    """Kind, begin and width; what is narrower than a column goes with what follows,
    under the name of the longest.
    """
    hours: dict[str, float] = defaultdict(float)
    begun = 0.0
    following = [row["start"] for row in activities[1:]] + [inf]
    for row, next_start in zip(activities, following, strict=False):
        if not hours:
            begun = row["start"]
        hours[row["kind"]] += row["duration_hours"]
        width = scale.length(row["end"] - begun)
        has_gap_after = next_start > row["end"] + CLOSE
        if width >= COLUMN or has_gap_after:
            longest = max(hours, key=hours.__getitem__)
            yield longest, scale.at(begun), max(LEAST_WIDTH, width)
            hours.clear()


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
    last = (begin + hours * ONE_HOUR).date()
    day = begin.date() + timedelta(days=1)
    while day <= last:
        midnight = datetime.combine(day, time(0), begin.tzinfo)
        passed = midnight.astimezone(UTC) - begin.astimezone(UTC)
        x = scale.at(passed / ONE_HOUR)
        if x <= WIDTH - DATE_WIDTH:
            yield x, date_text(day, with_weekday=apart < 7)
        day += timedelta(days=apart)


def date_text(day: date, with_weekday: bool) -> str:
    """A day as the axis names it, with its weekday or else its year."""
    if with_weekday:
        return f"{day:%a} {day.day} {day:%b}"
    return f"{day.day} {day:%b %Y}"
