"""Prices by weight: a few weights of each class carry prices, the knots, and items
between two knots are priced between them.

Any prices prove a bound, and those of like items are much alike; so a program with a
row for each knot, not for each group of equal items, is solved in a fraction of the
time and loses next to nothing. With a knot for each group it is the full program.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fillplanner.planning.packing.patterns import Groups, Pattern

Array = Any


class Knots:
    """Of each group the knots below and above it, and how far up between them it is (0 to 1)."""

    def __init__(self, groups: Groups, most_by_class: int) -> None:
        self.below, self.above = (
            np.empty(len(groups), np.int64),
            np.empty(len(groups), np.int64),
        )
        self.share = np.empty(len(groups))
        self.size = 0
        classes, weights = np.array(groups.class_of), np.array(groups.weight_of)
        demand = np.array(groups.demand, float)
        for kind in groups.instance.kinds:
            mine = np.flatnonzero(classes == kind)
            self._place(mine, weights[mine], spread(demand[mine], most_by_class))
        self.demand = self._summed(np.arange(len(groups)), demand)

    def _place(self, mine: Array, weights: Array, chosen: Array) -> None:
        """Knots at the chosen ones of a class's groups, which ascend by weight."""
        above = np.searchsorted(chosen, np.arange(len(mine)))
        below = np.where(chosen[above] == np.arange(len(mine)), above, above - 1)
        low, high = weights[chosen[below]], weights[chosen[above]]
        self.below[mine], self.above[mine] = self.size + below, self.size + above
        self.share[mine] = np.where(
            above > below, (weights - low) / np.maximum(high - low, 1), 0.0
        )
        self.size += len(chosen)

    def _summed(self, groups: Array, times: Array) -> Array:
        """How much of each knot so many items of these groups are."""
        sums = np.zeros(self.size)
        np.add.at(sums, self.below[groups], times * (1 - self.share[groups]))
        np.add.at(sums, self.above[groups], times * self.share[groups])
        return sums

    def column(self, pattern: Pattern) -> tuple[Array, Array]:
        """The rows of a pattern and its values there."""
        groups, times = np.array(pattern.counts).T
        sums = self._summed(groups, times.astype(float))
        rows = np.flatnonzero(sums)
        return rows, sums[rows]

    def prices(self, duals: Array) -> Array:
        """The price of each group, by the prices of the knots."""
        return duals[self.below] * (1 - self.share) + duals[self.above] * self.share


def spread(demand: Array, most: int) -> Array:
    """So many of the places, at about equal sums of demand, the first and the last
    among them; all if there are no more.
    """
    if len(demand) <= most:
        return np.arange(len(demand))
    sums = np.cumsum(demand)
    inner = np.searchsorted(sums, np.linspace(sums[0], sums[-1], most)[1:-1])
    return np.unique(np.concatenate([[0], inner, [len(demand) - 1]]))
