"""The set-covering program over a complete list of patterns, strengthened by cuts.

Once every pattern that a cheaper packing may need is listed, no knapsack has to be
solved any more, and cuts that would spoil the knapsack are free: for three groups, half
the sum of their covering rows, rounded up (Chvatal-Gomory cuts of rank one; as
subset-row cuts they were brought to column generation by Jepsen, Petersen, Spoorendonk
and Pisinger, Operations Research 2008).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import highspy
import numpy as np

from fillplanner.planning.packing.master import (
    BINS,
    CLOSE,
    MANY,
    Key,
    Limits,
    Relaxation,
    SecondsLeft,
    forever,
    run,
)
from fillplanner.planning.packing.patterns import Groups, Pattern

MOST_ADDED, FIRST_ADDED = 200, 600
MOST_CUTS_A_ROUND, MOST_CUTS, MOST_TRIOS = 60, 900, 20_000
VIOLATED = 0.03
# From how often on two groups count as being in one bin.
TOGETHER = 0.01
# Cutting goes on while it closes this part of the gap in so many rounds.
WORTH_CUTTING, PATIENCE = 0.02, 5
SAFE = 1e-6
Array = Any


def pairs_of(held: Array, values: Array) -> tuple[Array, Array]:
    """How much each group is covered, and each pair of groups by one pattern.

    `held[p, g]` is how many items of group g pattern p holds, `values[p]` how often the
    pattern is used.
    """
    holds = (held > 0).astype(float)
    weighed = holds.T * values
    pair = weighed @ holds
    np.fill_diagonal(pair, 0.0)
    return weighed.sum(axis=1), pair


def triples(cover: Array, pair: Array, odd: Array, most: int) -> tuple[Array, Array]:
    """Triples of groups that pairs of them cover too often to cover all three.

    `cover` and `pair` are those of `pairs_of`, `odd` says of which groups an odd number
    of items is wanted. At most `most` triples come back, a row each, and by how much
    each is covered too seldom.
    """
    trios, lacks, number = [], [], 0
    for i in range(len(cover)):
        trio, lack = triples_of(i, cover, pair, odd)
        trios.append(trio)
        lacks.append(lack)
        number += len(trio)
        if number >= most:
            break
    return np.concatenate(trios)[:most], np.concatenate(lacks)[:most]


def triples_of(i: int, cover: Array, pair: Array, odd: Array) -> tuple[Array, Array]:
    """The triples of group i with a group before it and any third one."""
    places = np.arange(len(cover))
    partners = np.flatnonzero(pair[i, :i] >= TOGETHER)
    partner = partners[:, None]
    covered = cover[i] + cover[partner] + cover
    shared = pair[i, partner]
    lack = 2.0 - (covered - shared - pair[i] - pair[partners])
    # Of a triple, i and j are the pair that is looked at first.
    later_by_i = (pair[i] > TOGETHER) & (places > partner)
    later_by_partner = (pair[partners] > TOGETHER) & (places > i)
    first = ~later_by_i & ~later_by_partner
    apart = (places != i) & (places != partner)
    uneven = odd[i] ^ odd[partner] ^ odd
    rows, others = np.nonzero((lack > VIOLATED) & first & apart & uneven)
    trio = np.stack([np.full(len(rows), i), partners[rows], others], axis=1)
    return trio, lack[rows, others]


class ListedMaster:
    """The program over listed patterns, with the doors of `Master` that the tree uses.

    `patterns` are all that may be used, `kinds` the classes whose visits are counted;
    each solution of the program takes no longer than `seconds_left`.
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
        self.row_of: dict[Key, int] = {
            key: len(groups) + k for k, key in enumerate((*kinds, BINS))
        }
        self.counted = list(self.row_of)
        self.costs = np.array([pattern.cost for pattern in self.patterns], float)
        self.rows, self.factors, self.starts = self._sparse()
        # Rows beyond the first ones: cuts by their three groups, and counted pairs of groups.
        self.extras: list[tuple[int, ...]] = []
        self.extra_factors: list[Array] = []
        self.sides: dict[int, float] = {}
        self.active: list[int] = []
        self.waiting = np.ones(len(self.patterns), bool)
        self.odd = np.array([demand % 2 == 1 for demand in groups.demand])
        self.rounds = 0
        self._begin()

    def _sparse(self) -> tuple[Array, Array, Array]:
        """Rows and factors of all patterns one after the other, and where each begins."""
        rows: list[int] = []
        factors: list[int] = []
        starts = [0]
        for pattern in self.patterns:
            rows += [g for g, _ in pattern.counts]
            factors += [count for _, count in pattern.counts]
            counted = (*pattern.classes, BINS)
            rows += [self.row_of[kind] for kind in counted]
            factors += [1] * len(counted)
            starts.append(len(rows))
        return (
            np.array(rows, np.int64),
            np.array(factors, float),
            np.array(starts, np.int64),
        )

    def _begin(self) -> None:
        """Rows, and a dear column in each that makes every program feasible."""
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        nothing = np.empty(0, np.int32), np.empty(0)
        for demand in self.groups.demand:
            self.solver.addRow(demand, highspy.kHighsInf, 0, *nothing)
        for _ in self.row_of:
            self.solver.addRow(0, highspy.kHighsInf, 0, *nothing)
        self.first = len(self.groups) + len(self.row_of)
        dear = 4.0 * (float(self.costs.max(initial=1.0)) + 1)
        for row in range(self.first):
            place = np.array([row], np.int32)
            self.solver.addCol(dear, 0, highspy.kHighsInf, 1, place, np.ones(1))

    def restrict(self, limits: Limits) -> None:
        """Solve within these limits from now on."""
        self.limits = limits
        for key in limits.ranges:
            if isinstance(key, tuple) and key not in self.row_of:
                together = self._together(*key)
                self.row_of[key] = self._add_row(key, together, 0.0)
        for key, row in self.row_of.items():
            least, most = limits.ranges.get(key, (0, MANY))
            self.solver.changeRowBounds(row, float(least), float(most))

    def _together(self, group: int, other: int) -> Array:
        """Which patterns hold both groups; of one group, at least two of it."""
        counts = self._counts(group)
        if group == other:
            return (counts >= 2).astype(float)
        others = self._counts(other)
        return ((counts > 0) & (others > 0)).astype(float)

    def _counts(self, group: int) -> Array:
        """How many items of the group each pattern holds."""
        own = np.where(self.rows == group, self.factors, 0.0)
        return np.add.reduceat(own, self.starts[:-1])

    def finer(self, relaxed: Relaxation) -> tuple[Key, float] | None:
        """The pair of groups whose bins in common are counted most fractionally, and
        that count; None where all such counts are whole.
        """
        fractional = {
            pair: count
            for pair, count in self._bins_in_common(relaxed).items()
            if abs(count - round(count)) > 1e-4
        }
        if not fractional:
            return None
        return min(fractional.items(), key=lambda item: abs(item[1] % 1 - 0.5))

    def _bins_in_common(self, relaxed: Relaxation) -> dict[tuple[int, int], float]:
        """How many bins hold both groups of a pair; of one group, two items of it."""
        sums: dict[tuple[int, int], float] = {}
        for p, value in relaxed.values:
            counts = self.patterns[p].counts
            for place, (group, times) in enumerate(counts):
                partners = counts[place + 1 :] if times < 2 else counts[place:]
                for other, _ in partners:
                    so_far = sums.get((group, other), 0.0)
                    sums[group, other] = so_far + value
        return sums

    def objective(self) -> float:
        """The program's value with the patterns taken in so far."""
        run(self.solver, self.seconds_left())
        return float(self.solver.getInfo().objective_function_value)

    def reduced(self) -> tuple[Array, float]:
        """Reduced costs of all patterns at the present prices, and the bound that these prove."""
        duals, total = self._prices()
        shares = np.add.reduceat(duals[self.rows] * self.factors, self.starts[:-1])
        reduced = self.costs - shares
        for place in np.flatnonzero(duals[self.first :]):
            reduced -= duals[self.first + place] * self.extra_factors[place]
        lowest = min(0.0, float(reduced.min(initial=0.0)))
        most_bins = self.limits.ranges[BINS][1]
        return reduced, float(total) + lowest * most_bins - SAFE

    def _prices(self) -> tuple[Array, float]:
        """Dual values that any bound may rest on, by row, and what all rows together
        are worth at them: demands, cuts, and limits at their binding end.
        """
        row_dual = np.array(self.solver.getSolution().row_dual)
        duals = np.nan_to_num(row_dual, posinf=0.0, neginf=0.0)
        n = len(self.groups)
        duals[:n] = np.maximum(duals[:n], 0.0)
        total = float(duals[:n] @ np.array(self.groups.demand, float))
        for row, side in self.sides.items():
            duals[row] = max(duals[row], 0.0)
            total += duals[row] * side
        for key, row in self.row_of.items():
            if key not in self.limits.ranges:
                duals[row] = 0.0
                continue
            least, most = self.limits.ranges[key]
            total += duals[row] * (least if duals[row] > 0 else most)
        return duals, total

    def relax(self, enough: float, stop: Callable[[], bool]) -> Relaxation:
        """Solve over all listed patterns, cutting while it pays; until the bound
        reaches `enough` or `stop`.
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
            if self._stale(history, enough) or not self._cut():
                break
        return self._relaxation(best)

    def _most_useful(self, useful: Array, reduced: Array) -> Array:
        """Of patterns that would lower the value, as many as are taken in at once."""
        most = MOST_ADDED if self.active else FIRST_ADDED
        ascending = np.argsort(reduced[useful])
        return useful[ascending[:most]]

    def _stale(self, history: list[float], enough: float) -> bool:
        """Whether the last rounds of cutting gained too little of what is missing."""
        if len(history) <= PATIENCE:
            return False
        before = history[-1 - PATIENCE]
        gained = history[-1] - before
        missing = enough - before
        return gained < WORTH_CUTTING * missing

    def _take(self, chosen: Array) -> None:
        """Put these patterns into the program, each with its part in every cut."""
        for p in chosen.tolist():
            part = slice(self.starts[p], self.starts[p + 1])
            extra = [c for c in range(len(self.extras)) if self.extra_factors[c][p]]
            extra_rows = self.first + np.array(extra, np.int64)
            extra_factors = [self.extra_factors[c][p] for c in extra]
            rows = np.concatenate([self.rows[part], extra_rows]).astype(np.int32)
            factors = np.concatenate([self.factors[part], extra_factors])
            cost = float(self.costs[p])
            self.solver.addCol(cost, 0, highspy.kHighsInf, len(rows), rows, factors)
            self.active.append(p)
            self.waiting[p] = False

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
        held = self._held(used)
        known = set(self.extras)
        added = 0
        for trio in self._trios(held, values):
            if trio in known:
                continue
            # Over the patterns in use first: most trios end here, and there may be thousands.
            side = math.ceil(sum(self.groups.demand[g] for g in trio) / 2)
            covered = float(np.ceil(held[:, trio].sum(axis=1) / 2) @ values)
            if side - covered > VIOLATED:
                row = self._add_row(trio, self._factors(trio), side)
                self.sides[row] = side
                known.add(trio)
                added += 1
                if added == MOST_CUTS_A_ROUND:
                    break
        return added > 0

    def _held(self, used: Array) -> Array:
        """Of each of these patterns, a row each, how many items of each group it holds."""
        held = np.zeros((len(used), len(self.groups)))
        for place, p in enumerate(used.tolist()):
            groups, times = np.array(self.patterns[p].counts).T
            held[place, groups] = times
        return held

    def _trios(self, held: Array, values: Array) -> list[tuple[int, ...]]:
        """Triples of groups that the patterns in use, which hold so many of each group,
        cover too seldom, the worst first.
        """
        cover, pair = pairs_of(held, values)
        trios, lacks = triples(cover, pair, self.odd, MOST_TRIOS)
        worst_first = np.argsort(-lacks, kind="stable")
        return [tuple(sorted(trios[place].tolist())) for place in worst_first]

    def _factors(self, trio: tuple[int, ...]) -> Array:
        """Of each pattern, half of what it holds of three groups, rounded up."""
        own = np.where(np.isin(self.rows, trio), self.factors, 0.0)
        held = np.add.reduceat(own, self.starts[:-1])
        return np.ceil(held / 2)

    def _add_row(self, name: tuple[int, ...], factors: Array, least: float) -> int:
        """Ask for at least so much of the sum of patterns times factors; the number of the row."""
        self.extras.append(name)
        self.extra_factors.append(factors.astype(np.int8))
        active = factors[self.active]
        places = np.flatnonzero(active)
        columns = (places + self.first).astype(np.int32)
        self.solver.addRow(
            least, highspy.kHighsInf, len(places), columns, active[places]
        )
        return self.first + len(self.extras) - 1

    def _relaxation(self, bound: float) -> Relaxation:
        """The solution as it stands, with a bound that is proven."""
        used, values = self._values()
        pairs = list(zip(used.tolist(), values.tolist(), strict=True))
        counts: dict[Key, float] = dict.fromkeys(self.counted, 0.0)
        for p, value in pairs:
            for key in (*self.patterns[p].classes, BINS):
                counts[key] += value
        return Relaxation(bound, pairs, counts)

    def promising(self, most: float) -> list[int]:
        """Patterns that a packing of at most this cost within the limits may use."""
        self.objective()
        reduced, bound = self.reduced()
        slack = most - bound + SAFE
        return np.flatnonzero(reduced <= slack).tolist()
