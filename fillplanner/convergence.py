"""Geometry of how the exact optimiser closes in: the best plan so far from above, the
bound from below. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LEFT, WIDTH, HEIGHT, FOOT, RIGHT = 76, 640, 200, 24, 16
MOST_TICKS, CLOSE = 5, 1e-6
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
Point = Sequence[float]


@dataclass(frozen=True)
class Drawing:
    """Paths of best and bound as steps, the area between them, ticks as (place, text),
    and how it stands now.
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
        return LEFT + WIDTH + RIGHT

    @property
    def height(self) -> int:
        return HEIGHT + FOOT + 8

    @property
    def axis_y(self) -> int:
        return HEIGHT + 8

    @property
    def tick_y(self) -> int:
        return HEIGHT + FOOT + 2

    @property
    def left(self) -> int:
        return LEFT

    @property
    def right(self) -> int:
        return LEFT + WIDTH


def drawing(trace: Sequence[Point], until: float | None = None) -> Drawing | None:
    """Of points (seconds, best, bound) in order of time; None before there is a bound,
    and where the first was a proof. `until` is when it is now, in seconds since the run
    began.
    """
    points = [point for point in trace if point[2] > 0]
    if not points or all(best - bound < CLOSE for _, best, bound in points):
        return None
    begin, end = points[0][0], max(until or 0.0, points[-1][0])
    span = max(end - begin, 0.5)
    low, high = min(point[2] for point in points), max(point[1] for point in points)
    margin = max(high - low, high * 0.002) * 0.12
    low, high = low - margin, high + margin

    def x(seconds: float) -> float:
        return round(LEFT + (seconds - begin) / span * WIDTH, 1)

    def y(hours: float) -> float:
        return round(8 + (high - hours) / (high - low) * HEIGHT, 1)

    upper = list(steps([(x(s), y(best)) for s, best, _ in points], x(begin + span)))
    lower = list(steps([(x(s), y(bound)) for s, _, bound in points], x(begin + span)))
    return Drawing(
        path(upper),
        path(lower),
        f"{path(upper)}L{path(lower[::-1])[1:]}Z",
        [
            (y(low + (high - low) * n / 4), f"{low + (high - low) * n / 4:,.1f} h")
            for n in range(5)
        ],
        [(x(s), f"{s:g} s") for s in marks(begin, begin + span)],
        points[-1][1],
        points[-1][2],
        points,
    )


def steps(
    points: Sequence[tuple[float, float]], last: float
) -> Iterator[tuple[float, float]]:
    """Each value holds until the next one comes."""
    for (x, y), (after, _) in zip(points, [*points[1:], (last, 0.0)], strict=True):
        yield x, y
        yield after, y


def path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def marks(begin: float, end: float) -> list[float]:
    step = next(
        (step for step in STEPS if (end - begin) / step <= MOST_TICKS), STEPS[-1]
    )
    first = int(begin // step + 1) * step
    return [float(s) for s in range(first, int(end) + 1, step)]
