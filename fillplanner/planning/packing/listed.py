"""The set-covering program over a complete list of patterns, strengthened by cuts.

Once every pattern that a cheaper packing may need is listed, no knapsack has to be
solved any more, and cuts that would spoil the knapsack are free (`cuts.py`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from fillplanner.planning.packing.columns import Columns
from fillplanner.planning.packing.cuts import (
    VIOLATED,
    Trio,
    Usage,
    promising_trios,
    side_of,
)
from fillplanner.planning.packing.master import (
    BINS,
    CLOSE,
    MANY,
    Key,
    Limits,
    Relaxation,
    counts_of,
    distance_from_half,
)
from fillplanner.planning.packing.patterns import Groups, Pattern
from fillplanner.planning.packing.program import (
    SecondsLeft,
    add_column,
    add_row,
    covering_program,
    forever,
    optimum,
    row_duals,
)

MOST_ADDED = 200
FIRST_ADDED = 600
MOST_CUTS_A_ROUND = 60
MOST_CUTS = 900
# Cutting goes on while it closes this part of the gap in so many rounds.
WORTH_CUTTING = 0.02
PATIENCE = 5
SAFE = 1e-6
WHOLE = 1e-4
Array = Any


class ExtraRow(NamedTuple):
    """A cut by its three groups, or a counted pair of groups, and each pattern's factor."""

    groups: tuple[int, ...]
    factors: Array


class ListedMaster:
    """The program over listed patterns, with the doors of `Master` that the tree uses.

    groups: the items, which are to be packed as often as they occur.
    patterns: all that may be used.
    kinds: the classes whose visits are counted.
    seconds_left: what each solution of the program may take.
    """

    def __init__(
        self,
        groups: Groups,
        patterns: Sequence[Pattern],
        kinds: Sequence[int],
        seconds_left: SecondsLeft = forever,
    ) -> None:
        self.groups = groups
        self.patterns = list(patterns)
        self.seconds_left = seconds_left
        self.counted: tuple[Key, ...] = (*kinds, BINS)
        self.row_of = {key: len(groups) + k for k, key in enumerate(self.counted)}
        self.first = len(groups) + len(self.counted)
        self.costs = np.array([pattern.cost for pattern in self.patterns], float)
        self.columns = Columns(self.patterns, list(map(self._counted_rows, patterns)))
        # Rows beyond the first ones, and of cuts what they ask for, by their rows.
        self.extras: list[ExtraRow] = []
        self.sides: dict[int, float] = {}
        # The patterns that the program knows, in its order, and those that wait.
        self.active: list[int] = []
        self.waiting = np.ones(len(self.patterns), bool)
        self.demand = np.array(groups.demand, float)
        self.odd = np.array(groups.demand) % 2 == 1
        self.rounds = 0
        dearest = float(self.costs.max(initial=1.0))
        self.solver = covering_program(groups.demand, len(self.counted), dearest)

    def _counted_rows(self, pattern: Pattern) -> list[int]:
        return [self.row_of[key] for key in (*pattern.classes, BINS)]

    def restrict(self, limits: Limits) -> None:
        """Solve within these limits from now on."""
        self.limits = limits
        for key in limits.ranges:
            if isinstance(key, tuple) and key not in self.row_of:
                together = self.columns.together(*key)
                self.row_of[key] = self._add_row(key, together, 0.0)
        for key, row in self.row_of.items():
            least, most = limits.ranges.get(key, (0, MANY))
            self.solver.changeRowBounds(row, float(least), float(most))

    def finer(self, relaxed: Relaxation) -> tuple[Key, float] | None:
        """The pair of groups whose bins in common are counted most fractionally, and
        that count; None where all such counts are whole.
        """
        counts = self._bins_in_common(relaxed)
        fractional = [
            (pair, count)
            for pair, count in counts.items()
            if abs(count - round(count)) > WHOLE
        ]
        return min(fractional, key=distance_from_half, default=None)

    def _bins_in_common(self, relaxed: Relaxation) -> dict[tuple[int, int], float]:
        """How many bins hold both groups of a pair; of one group, two items of it."""
        sums: dict[tuple[int, int], float] = defaultdict(float)
        for p, value in relaxed.values:
            for pair in pairs_in(self.patterns[p]):
                sums[pair] += value
        return sums

    def objective(self) -> float:
        """The program's value with the patterns taken in so far."""
        return optimum(self.solver, self.seconds_left())

    def reduced(self) -> tuple[Array, float]:
        """Reduced costs of all patterns at the present prices, and the bound that these prove."""
        duals = self._duals()
        reduced = self.costs - self.columns.worth(duals)
        for place in np.flatnonzero(duals[self.first :]):
            reduced -= duals[self.first + place] * self.extras[place].factors
        least_reduced = min(0.0, float(reduced.min(initial=0.0)))
        _, most_bins = self.limits.ranges[BINS]
        bound = self._worth_of_rows(duals) + least_reduced * most_bins - SAFE
        return reduced, bound

    def _duals(self) -> Array:
        """Dual values that any bound may rest on, by row: never negative where a row has
        no most, nothing where it has no limits.
        """
        duals = row_duals(self.solver)
        without_most = [*range(len(self.groups)), *self.sides]
        duals[without_most] = np.maximum(duals[without_most], 0.0)
        for key, row in self.row_of.items():
            if key not in self.limits.ranges:
                duals[row] = 0.0
        return duals

    def _worth_of_rows(self, duals: Array) -> float:
        """What all rows together are worth at these dual values: demands, cuts, and
        limits at their binding end.
        """
        total = float(duals[: len(self.groups)] @ self.demand)
        for row, side in self.sides.items():
            total += float(duals[row]) * side
        for key, row in self.row_of.items():
            if key in self.limits.ranges:
                least, most = self.limits.ranges[key]
                dual = float(duals[row])
                total += dual * (least if dual > 0 else most)
        return total

    def relax(self, enough: float, stop: Callable[[], bool]) -> Relaxation:
        """Solve over all listed patterns, cutting while it pays.

        enough: a bound that ends it sooner, in units of cost.
        stop: asked in each round whether to end it.
        """
        best = -math.inf
        history: list[float] = []
        while True:
            self.objective()
            reduced, bound = self.reduced()
            best = max(best, bound)
            self.rounds += 1
            if best > enough - CLOSE or stop():
                break
            useful = np.flatnonzero((reduced < -SAFE) & self.waiting)
            if len(useful):
                self._take(self._most_useful(useful, reduced))
                continue
            history.append(best)
            if is_stale(history, enough) or not self._cut():
                break
        return self._relaxation(best)

    def _most_useful(self, useful: Array, reduced: Array) -> Array:
        """Of patterns that would lower the value, as many as are taken in at once."""
        most = MOST_ADDED if self.active else FIRST_ADDED
        ascending = np.argsort(reduced[useful])
        return useful[ascending[:most]]

    def _take(self, chosen: Array) -> None:
        """Put these patterns into the program."""
        for p in chosen.tolist():
            rows, factors = self._column(p)
            add_column(self.solver, float(self.costs[p]), rows, factors)
            self.active.append(p)
            self.waiting[p] = False

    def _column(self, p: int) -> tuple[Array, Array]:
        """Rows and factors of a pattern, with its part in every cut."""
        rows, factors = self.columns.column(p)
        of_extras = np.array([extra.factors[p] for extra in self.extras], float)
        places = np.flatnonzero(of_extras)
        return (
            np.concatenate([rows, self.first + places]),
            np.concatenate([factors, of_extras[places]]),
        )

    def _values(self) -> tuple[Array, Array]:
        """The patterns in use and how often."""
        x = np.array(self.solver.getSolution().col_value)[self.first :]
        used = np.flatnonzero(x > CLOSE)
        return np.array(self.active, np.int64)[used], x[used]

    def _cut(self) -> bool:
        """Add the most violated cuts; False where there are none."""
        used, values = self._values()
        if len(self.sides) >= MOST_CUTS or not len(used):
            return False
        usage = Usage(self._held(used), values)
        cuts = list(islice(self._violated(usage), MOST_CUTS_A_ROUND))
        for trio in cuts:
            halves = np.ceil(self.columns.held(trio) / 2)
            side = side_of(trio, self.groups)
            row = self._add_row(trio, halves, side)
            self.sides[row] = side
        return bool(cuts)

    def _violated(self, usage: Usage) -> Iterator[Trio]:
        """New cuts that the patterns in use violate, by what is likely the worst first."""
        known = {extra.groups for extra in self.extras}
        for trio in dict.fromkeys(promising_trios(usage, self.odd)):
            if trio not in known:
                # Most trios end here, and there may be thousands.
                side = side_of(trio, self.groups)
                if usage.lack(trio, side) > VIOLATED:
                    yield trio

    def _held(self, used: Array) -> Array:
        """Of each of these patterns, a row each, how many items of each group it holds."""
        held = np.zeros((len(used), len(self.groups)))
        for place, p in enumerate(used.tolist()):
            groups, times = np.array(self.patterns[p].counts).T
            held[place, groups] = times
        return held

    def _add_row(self, groups: tuple[int, ...], factors: Array, least: float) -> int:
        """Ask for at least so much of the sum of patterns times factors; the number of the row."""
        self.extras.append(ExtraRow(groups, factors.astype(np.int8)))
        of_active = factors[self.active]
        places = np.flatnonzero(of_active)
        add_row(self.solver, least, self.first + places, of_active[places])
        return self.first + len(self.extras) - 1

    def _relaxation(self, bound: float) -> Relaxation:
        """The solution as it stands, with a bound that is proven."""
        used, values = self._values()
        pairs = list(zip(used.tolist(), values.tolist(), strict=True))
        counts = counts_of(pairs, self.patterns, self.counted)
        return Relaxation(bound, pairs, counts)

    def promising(self, most: float) -> list[int]:
        """Patterns that a packing of at most this cost within the limits may use."""
        self.objective()
        reduced, bound = self.reduced()
        slack = most - bound + SAFE
        return np.flatnonzero(reduced <= slack).tolist()


def pairs_in(pattern: Pattern) -> Iterator[tuple[int, int]]:
    """The pairs of groups that a pattern holds together; of one group, where it holds two
    items of it.
    """
    for place, (group, times) in enumerate(pattern.counts):
        if times >= 2:
            yield group, group
        for other, _ in pattern.counts[place + 1 :]:
            yield group, other


def is_stale(bounds: Sequence[float], enough: float) -> bool:
    """Whether the last rounds of cutting gained too little of what is missing.

    bounds: after each round.
    enough: where a bound ends the matter.
    """
    if len(bounds) <= PATIENCE:
        return False
    before = bounds[-1 - PATIENCE]
    gained = bounds[-1] - before
    missing = enough - before
    return gained < WORTH_CUTTING * missing
