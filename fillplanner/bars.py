"""Geometry of the bars that compare makespans, drawn as SVG by templates. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LABELS, CHART, VALUES, ROW, HEIGHT = 132, 620, 110, 36, 22
SMALL = 200


@dataclass(frozen=True)
class Bar:
    """One value in units of the drawing; `mark_x` is where its lower bound lies, None for none."""

    name: str
    value: float
    y: int
    width: float
    mark_x: float | None
    best: bool

    @property
    def x(self) -> int:
        return LABELS

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def bottom(self) -> int:
        return self.y + HEIGHT

    @property
    def text_y(self) -> int:
        return self.y + HEIGHT // 2 + 4

    @property
    def value_x(self) -> float:
        return round(LABELS + self.width + 8, 2)


@dataclass(frozen=True)
class Drawing:
    bars: list[Bar]
    chart: int = CHART

    @property
    def width(self) -> int:
        return LABELS + self.chart + VALUES

    @property
    def height(self) -> int:
        return ROW * len(self.bars)

    @property
    def axis_x(self) -> int:
        return LABELS


def drawing(
    rows: Sequence[tuple[str, float, float | None]], best: str = "", chart: int = CHART
) -> Drawing:
    """A bar for each name, value and bound, all from 0 on, so that lengths tell the
    truth; the longest is as wide as the `chart`.
    """
    longest = max((value for _, value, _ in rows), default=0.0) or 1.0
    scale = chart / longest
    bars = [
        Bar(
            name,
            value,
            i * ROW + (ROW - HEIGHT) // 2,
            round(value * scale, 2),
            None if bound is None else round(LABELS + bound * scale, 2),
            name == best,
        )
        for i, (name, value, bound) in enumerate(rows)
    ]
    return Drawing(bars, chart)
