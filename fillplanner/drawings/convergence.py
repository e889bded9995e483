"""Geometry of how the exact optimiser closes in: the best plan so far from above, the
bound from below. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from common.svg import Scale, marks, polyline, round_step

LEFT = 76
WIDTH = 640
HEIGHT = 200
HEAD = 8
FOOT = 24
RIGHT = 16
MOST_TICKS = 5
CLOSE = 1e-6
# What the axes show at least: so many seconds, and hours as a share of the highest.
LEAST_SECONDS = 0.5
LEAST_SPAN = 0.002
# Room above and below, as a share of the hours that are shown.
MARGIN = 0.12
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
# Seconds since the run began, best and bound in hours.
Point = Sequence[float]
Place = tuple[float, float]


@dataclass(frozen=True)
class ConvergenceDrawing:
    """How the optimiser closes in, in units of the drawing.

    best_path, bound_path: SVG paths of best and bound as steps.
    area: the one between them.
    hours, seconds: ticks as (place, text).
    best, bound: how it stands now, in hours.
    points: what was drawn.
    """

    best_path: str
    bound_path: str
    area: str
    hours: list[tuple[float, str]]
    seconds: list[tuple[float, str]]
    best: float
    bound: float
    points: list[Point]

    @property
    def gap(self) -> float:
        """How far the best is over the bound at most, in percent of the bound."""
        return 100 * (self.best - self.bound) / self.bound if self.bound else 0.0

    @property
    def width(self) -> int:
        """The drawing's width in pixels."""
        return LEFT + WIDTH + RIGHT

    @property
    def height(self) -> int:
        """The drawing's height in pixels, words under the axis included."""
        return HEIGHT + FOOT + HEAD

    @property
    def axis_y(self) -> int:
        """Where the axis of time lies."""
        return HEIGHT + HEAD

    @property
    def tick_y(self) -> int:
        """The line on which the words of its ticks stand."""
        return HEIGHT + FOOT + 2

    @property
    def left(self) -> int:
        """Where the search begins."""
        return LEFT

    @property
    def right(self) -> int:
        """Where it ends."""
        return LEFT + WIDTH


def drawing(
    trace: Sequence[Point], until: float | None = None
) -> ConvergenceDrawing | None:
    """How the optimiser closes in; None before there is a bound, and where the first
    one was a proof.

    trace: points (seconds since the run began, best and bound in hours) in order of time.
    until: when it is now, in seconds since the run began; None when it is over.
    """
    points = [point for point in trace if point[2] > 0]
    if all(best - bound < CLOSE for _, best, bound in points):
        return None
    across, up = scales_of(points, until)
    upper = stepped(across, up, [(seconds, best) for seconds, best, _ in points])
    lower = stepped(across, up, [(seconds, bound) for seconds, _, bound in points])
    _, best, bound = points[-1]
    return ConvergenceDrawing(
        best_path=polyline(upper),
        bound_path=polyline(lower),
        area=area_between(upper, lower),
        hours=list(hour_ticks(up)),
        seconds=list(second_ticks(across)),
        best=best,
        bound=bound,
        points=points,
    )


def area_between(upper: Sequence[Place], lower: Sequence[Place]) -> str:
    """An SVG path along the upper places and back along the lower ones."""
    back = polyline(lower[::-1]).removeprefix("M")
    return f"{polyline(upper)}L{back}Z"


def scales_of(points: Sequence[Point], until: float | None) -> tuple[Scale, Scale]:
    """Seconds from left to right and hours from bottom to top: all points have room,
    with some to spare above and below.
    """
    begin = points[0][0]
    end = max(until or 0.0, points[-1][0], begin + LEAST_SECONDS)
    across = Scale(begin, end, LEFT, LEFT + WIDTH, digits=1)
    low = min(bound for _, _, bound in points)
    high = max(best for _, best, _ in points)
    margin = MARGIN * max(high - low, high * LEAST_SPAN)
    up = Scale(low - margin, high + margin, HEAD + HEIGHT, HEAD, digits=1)
    return across, up


def stepped(
    across: Scale, up: Scale, values: Sequence[tuple[float, float]]
) -> list[Place]:
    """Values (seconds, hours) as corners of a path that ends at the right edge."""
    places = [(across.at(seconds), up.at(hours)) for seconds, hours in values]
    return list(steps(places, across.end))


def hour_ticks(up: Scale) -> Iterator[tuple[float, str]]:
    """Marks at four equal distances."""
    span = up.high - up.low
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        hours = up.low + share * span
        yield up.at(hours), f"{hours:,.1f} h"


def second_ticks(across: Scale) -> Iterator[tuple[float, str]]:
    """Marks at round numbers of seconds after the beginning, a few at most."""
    step = round_step(STEPS, (across.high - across.low) / MOST_TICKS)
    for seconds in marks(step, across.low, across.high):
        if seconds > across.low:
            yield across.at(seconds), f"{seconds:g} s"


def steps(points: Sequence[Place], last: float) -> Iterator[Place]:
    """Each value holds until the next one comes."""
    ends = [x for x, _ in points[1:]] + [last]
    for (x, y), end in zip(points, ends, strict=True):
        yield x, y
        yield end, y
