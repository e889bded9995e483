"""Axes of drawings: where a value lies, and at which round values marks stand. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A straight axis.

    low, high: values at its two ends; they differ.
    begin, end: where those are in the drawing, in its units; end may be before begin,
        as for heights, which SVG counts from above.
    digits: of places, after the point.
    """

    low: float
    high: float
    begin: float
    end: float
    digits: int = 2

    @property
    def per_value(self) -> float:
        """Units of the drawing a value of one takes."""
        return (self.end - self.begin) / (self.high - self.low)

    def at(self, value: float) -> float:
        """Where a value lies."""
        return round(self.begin + (value - self.low) * self.per_value, self.digits)

    def length(self, span: float) -> float:
        """How long a difference of values is, never below zero."""
        return round(abs(span * self.per_value), self.digits)

    def within(self, value: float) -> float:
        """The value, or the end of the axis that is nearest to it."""
        return min(self.high, max(self.low, value))


def from_zero(most: float, begin: float, end: float, digits: int = 2) -> Scale:
    """From nothing to the most there is, or to one where there is nothing."""
    return Scale(0.0, most or 1.0, begin, end, digits)


def round_step(steps: Sequence[float], least: float) -> float:
    """The first of these distances of marks that is not below `least`, else the last."""
    return next((step for step in steps if step >= least), steps[-1])


def marks(step: float, first: float, last: float) -> list[float]:
    """Multiples of the step from `first` to `last`, both included where they are some."""
    tolerance = 1e-9
    begin = math.ceil(first / step - tolerance)
    end = math.floor(last / step + tolerance)
    return [number * step for number in range(begin, end + 1)]


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """An SVG path through these points."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
