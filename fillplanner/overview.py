"""Geometry of a whole plan on one strip a line, however many activities it has: each
column of the drawing has the kind that takes most of it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from fillplanner.gantt import KINDS, ROWS_AT_ONCE, Activity, blocks

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
    """The plan from its first hour to its last; `first` is the first block of the
    window that is drawn large.
    """
    hours = max((row["end"] for row in activities), default=1.0) or 1.0
    scale = WIDTH / hours
    numbers = sorted({row.get("line") or 1 for row in activities}) or [1]
    strips = [
        Strip(
            i * (STRIP + GAP),
            paths(
                [row for row in activities if (row.get("line") or 1) == number],
                scale,
                i,
            ),
        )
        for i, number in enumerate(numbers)
    ]
    everything = blocks(activities)
    shown = everything[first - 1 : first - 1 + ROWS_AT_ONCE]
    start = shown[0][0]["start"] if shown else 0.0
    end = max((block[-1]["end"] for block in shown), default=hours)
    passed = (now - begin).total_seconds() / 3600 if now else -1.0
    return Overview(
        strips,
        windows(everything, scale),
        list(dates(begin.astimezone(zone or UTC), hours, scale)),
        round(start * scale, 2),
        round((end - start) * scale, 2),
        round(passed * scale, 2) if 0 <= passed <= hours else None,
        scale,
    )


def paths(activities: Sequence[Activity], scale: float, strip: int) -> dict[str, str]:
    """Rectangles of each kind; neighbouring columns of one kind are one rectangle."""
    made: dict[str, list[str]] = {kind: [] for kind in KINDS}
    y = strip * (STRIP + GAP)
    for kind, x, width in runs(activities, scale):
        made[kind].append(f"M{x:g} {y}h{width:g}v{STRIP}h-{width:g}z")
    return {kind: "".join(pieces) for kind, pieces in made.items()}


def runs(
    activities: Sequence[Activity], scale: float
) -> Iterator[tuple[str, float, float]]:
    """Kind, begin and width; what is narrower than a column goes with what follows,
    under the name of the longest.
    """
    hours: dict[str, float] = {}
    begun = 0.0
    for i, row in enumerate(activities):
        if not hours:
            begun = row["start"]
        hours[row["kind"]] = hours.get(row["kind"], 0.0) + row["duration_hours"]
        after = activities[i + 1]["start"] if i + 1 < len(activities) else None
        wide = (row["end"] - begun) * scale >= COLUMN
        if wide or after is None or after > row["end"] + 1e-6:
            longest = max(hours, key=hours.__getitem__)
            yield (
                longest,
                round(begun * scale, 2),
                max(0.3, round((row["end"] - begun) * scale, 2)),
            )
            hours = {}


def windows(everything: Sequence[Sequence[Activity]], scale: float) -> list[Window]:
    firsts = list(range(0, len(everything), ROWS_AT_ONCE))
    edges = [everything[i][0]["start"] * scale for i in firsts] + [float(WIDTH)]
    return [
        Window(
            i + 1,
            min(i + ROWS_AT_ONCE, len(everything)),
            round(edges[n], 2),
            round(edges[n + 1] - edges[n], 2),
        )
        for n, i in enumerate(firsts)
    ]


def dates(begin: datetime, hours: float, scale: float) -> Iterator[tuple[float, str]]:
    """Midnights on the chart's clock, ten at most; a short plan's own beginning."""
    apart = next(
        (days for days in DAYS_APART if hours / 24 / days <= MOST_DATES), DAYS_APART[-1]
    )
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    last = (begin + timedelta(hours=hours)).date()
    day = midnight.date() + timedelta(days=1)
    while day <= last:
        moment = midnight.replace(year=day.year, month=day.month, day=day.day)
        x = (
            (moment.astimezone(UTC) - begin.astimezone(UTC)).total_seconds()
            / 3600
            * scale
        )
        if x <= WIDTH - 50:
            named = (
                f"{day:%a} {day.day} {day:%b}"
                if apart < 7
                else f"{day.day} {day:%b %Y}"
            )
            yield round(x, 2), named
        day += timedelta(days=apart)
