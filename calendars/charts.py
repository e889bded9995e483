"""Geometry of the charts that templates draw as SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, GAP = 1080, 180, 3


@dataclass(frozen=True)
class Bar:
    """One bar in a chart of 1080 x 180 units, with what it stands for."""

    x: float
    y: float
    width: float
    height: float
    day: date
    value: int
    labelled: bool


def bars(series: Sequence[tuple[date, int]]) -> list[Bar]:
    """A bar a day, scaled to the largest value; every seventh is labelled. An empty day has height 0."""
    most = max((value for _, value in series), default=0) or 1
    step = WIDTH / max(1, len(series))
    return [
        Bar(
            round(i * step, 2),
            round(HEIGHT * (1 - value / most), 2),
            round(step - GAP, 2),
            round(HEIGHT * value / most, 2),
            day,
            value,
            i % 7 == 0,
        )
        for i, (day, value) in enumerate(series)
    ]
