"""Geometry of the bars that compare makespans, drawn as SVG by templates. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.svg import from_zero

LABELS = 132
CHART = 620
VALUES = 110
ROW = 36
HEIGHT = 22
SMALL = 200


@dataclass(frozen=True)
class MakespanBar:
    """One value in units of the drawing; `mark_x` is where its lower bound lies, None for none."""

    name: str
    value: float
    y: int
    width: float
    mark_x: float | None
    best: bool

    @property
    def x(self) -> int:
        """Where bars begin, in pixels as all of these."""
        return LABELS

    @property
    def height(self) -> int:
        """How high the bar is."""
        return HEIGHT

    @property
    def bottom(self) -> int:
        """Its lower edge."""
        return self.y + HEIGHT

    @property
    def text_y(self) -> int:
        """The line on which its texts stand."""
        return self.y + HEIGHT // 2 + 4

    @property
    def value_x(self) -> float:
        """Where the value stands."""
        return round(LABELS + self.width + 8, 2)


@dataclass(frozen=True)
class BarsDrawing:
    bars: list[MakespanBar]
    chart: int = CHART

    @property
    def width(self) -> int:
        """Names, bars and values beside each other."""
        return LABELS + self.chart + VALUES

    @property
    def height(self) -> int:
        """A row for each bar."""
        return ROW * len(self.bars)

    @property
    def axis_x(self) -> int:
        """Where the axis of zero stands."""
        return LABELS


def drawing(
    rows: Sequence[tuple[str, float, float | None]], best: str = "", chart: int = CHART
) -> BarsDrawing:
    """A bar for each value, all from 0 on, so that lengths tell the truth.

    rows: name, value and its lower bound, None for none.
    best: the name of the best one.
    chart: how wide the longest is.
    """
    longest = max((value for _, value, _ in rows), default=0.0)
    scale = from_zero(longest, LABELS, LABELS + chart)
    bars = []
    for i, (name, value, bound) in enumerate(rows):
        mark_x = None if bound is None else scale.at(bound)
        bar = MakespanBar(
            name=name,
            value=value,
            y=i * ROW + (ROW - HEIGHT) // 2,
            width=scale.length(value),
            mark_x=mark_x,
            best=name == best,
        )
        bars.append(bar)
    return BarsDrawing(bars, chart)
