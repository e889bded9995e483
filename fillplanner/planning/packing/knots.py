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
    """Of each group the knots below and above it, and how far up between them it is.

    size: how many knots there are (k).
    below, above: numbers of knots (one for each group).
    share: 0 at the knot below and 1 at the one above (one for each group).
    demand: how many items each knot stands for (k).
    """

    def __init__(self, groups: Groups, most_by_class: int) -> None:
        """Choose knots.

        groups: the items.
        most_by_class: how many knots a class may have.
        """
        self.size = 0
        self.below = np.empty(len(groups), np.int64)
        self.above = np.empty(len(groups), np.int64)
        self.share = np.empty(len(groups))
        classes = np.array(groups.class_of)
        weights = np.array(groups.weight_of)
        demand = np.array(groups.demand, float)
        for kind in groups.instance.kinds:
            own = np.flatnonzero(classes == kind)
            chosen = spread(demand[own], most_by_class)
            self._place(own, weights[own], chosen)
        self.demand = self._summed(np.arange(len(groups)), demand)

    def _place(self, own: Array, weights: Array, chosen: Array) -> None:
        """Put knots at some of a class's groups.

        own: the numbers of the class's groups, which ascend by weight.
        weights: theirs.
        chosen: places in those two, ascending, the first and the last among them.
        """
        places = np.arange(len(own))
        above = np.searchsorted(chosen, places)
        at_a_knot = chosen[above] == places
        below = np.where(at_a_knot, above, above - 1)
        low = weights[chosen[below]]
        high = weights[chosen[above]]
        share = (weights - low) / np.maximum(high - low, 1)
        self.below[own] = self.size + below
        self.above[own] = self.size + above
        self.share[own] = np.where(above > below, share, 0.0)
        self.size += len(chosen)

    def _summed(self, groups: Array, times: Array) -> Array:
        """How much of each knot so many items of these groups are (k)."""
        sums = np.zeros(self.size)
        share = self.share[groups]
        np.add.at(sums, self.below[groups], times * (1 - share))
        np.add.at(sums, self.above[groups], times * share)
        return sums

    def column(self, pattern: Pattern) -> tuple[Array, Array]:
        """The rows of a pattern, which are knots, and its values there."""
        groups, times = np.array(pattern.counts).T
        sums = self._summed(groups, times.astype(float))
        rows = np.flatnonzero(sums)
        return rows, sums[rows]

    def prices(self, duals: Array) -> Array:
        """The price of each group, by the prices of the knots (k)."""
        below = duals[self.below]
        above = duals[self.above]
        return below * (1 - self.share) + above * self.share


def spread(demand: Array, most: int) -> Array:
    """So many of the places, at about equal sums of demand, the first and the last
    among them; all if there are no more.

    demand: how many items there are at each place.
    most: how many places are chosen at most.
    Returns the places, ascending.
    """
    if len(demand) <= most:
        return np.arange(len(demand))
    sums = np.cumsum(demand)
    first = 0
    last = len(demand) - 1
    levels = np.linspace(sums[0], sums[-1], most)
    inner = np.searchsorted(sums, levels[1:-1])
    return np.unique(np.concatenate([[first], inner, [last]]))
