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
# Cutting goes on while it closes this part of the gap in so many rounds.
WORTH_CUTTING, PATIENCE = 0.02, 5
SAFE = 1e-6
Array = Any


def pairs_of(held: Array, values: Array) -> tuple[Array, Array]:
    """How much each group is covered, and each pair of groups by one pattern; `held`
    says what patterns hold.
    """
    holds = (held > 0).astype(float)
    weighed = holds.T * values
    pair = weighed @ holds
    np.fill_diagonal(pair, 0.0)
    return weighed.sum(axis=1), pair


def triples(cover: Array, pair: Array, odd: Array, most: int) -> tuple[Array, Array]:
    """Triples of groups that pairs of them cover too often to cover all three, so many
    at most, and by how much.
    """
    trios, lacks, number = [], [], 0
    places = np.arange(len(cover))
    together = pair > 0.01
    for i in range(len(cover)):
        partners = np.flatnonzero(pair[i, :i] >= 0.01)
        covered = cover[i] + cover[partners, None] + cover
        lack = 2.0 - (covered - pair[i, partners, None] - pair[i] - pair[partners])
        # Of a triple, i and j are the pair that is looked at first.
        first = ~(together[i] & (places > partners[:, None])) & ~(
            together[partners] & (places > i)
        )
        apart = (places != i) & (places != partners[:, None])
        uneven = odd[i] ^ odd[partners, None] ^ odd
        rows, others = np.nonzero((lack > VIOLATED) & first & apart & uneven)
        trios.append(np.stack([np.full(len(rows), i), partners[rows], others], axis=1))
        lacks.append(lack[rows, others])
        number += len(rows)
        if number >= most:
            break
    return np.concatenate(trios)[:most], np.concatenate(lacks)[:most]


class ListedMaster:
    """The program over listed patterns, with the doors of `Master` that the tree uses."""

    def __init__(
        self,
        groups: Groups,
        patterns: Sequence[Pattern],
        kinds: Sequence[int],
        seconds_left: SecondsLeft = forever,
    ) -> None:
        self.groups, self.patterns, self.seconds_left = (
            groups,
            list(patterns),
            seconds_left,
        )
        self.row_of: dict[Key, int] = {
            kind: len(groups) + k for k, kind in enumerate((*kinds, BINS))
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
        rows, factors, starts = [], [], [0]
        for pattern in self.patterns:
            rows += [g for g, _ in pattern.counts] + [
                self.row_of[kind] for kind in (*pattern.classes, BINS)
            ]
            factors += [count for _, count in pattern.counts] + [1] * (
                len(pattern.classes) + 1
            )
            starts.append(len(rows))
        return (
            np.array(rows, np.int64),
            np.array(factors, float),
            np.array(starts, np.int64),
        )

    def _begin(self) -> None:
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
            self.solver.addCol(
                dear, 0, highspy.kHighsInf, 1, np.array([row], np.int32), np.ones(1)
            )

    def restrict(self, limits: Limits) -> None:
        """Solve within these limits from now on."""
        self.limits = limits
        for key in limits.ranges:
            if isinstance(key, tuple) and key not in self.row_of:
                self.row_of[key] = self._add_row(key, self._together(*key), 0.0)
        for key, row in self.row_of.items():
            least, most = limits.ranges.get(key, (0, MANY))
            self.solver.changeRowBounds(row, float(least), float(most))

    def _together(self, one: int, other: int) -> Array:
        """Which patterns hold both groups; of one group, at least two of it."""
        counts = [self._counts(g) for g in (one, other)]
        return (
            counts[0] >= 2 if one == other else (counts[0] > 0) & (counts[1] > 0)
        ).astype(float)

    def _counts(self, group: int) -> Array:
        return np.add.reduceat(
            np.where(self.rows == group, self.factors, 0.0), self.starts[:-1]
        )

    def finer(self, relaxed: Relaxation) -> tuple[Key, float] | None:
        """The pair of groups whose bins in common are counted most fractionally."""
        sums: dict[tuple[int, int], float] = {}
        for p, value in relaxed.values:
            counts = self.patterns[p].counts
            for a, (one, times) in enumerate(counts):
                for other, _ in counts[a + 1 :] if times < 2 else counts[a:]:
                    sums[one, other] = sums.get((one, other), 0.0) + value
        broken = {
            key: value
            for key, value in sums.items()
            if abs(value - round(value)) > 1e-4
        }
        return (
            min(broken.items(), key=lambda pair: abs(pair[1] % 1 - 0.5))
            if broken
            else None
        )

    def objective(self) -> float:
        run(self.solver, self.seconds_left())
        return float(self.solver.getInfo().objective_function_value)

    def reduced(self) -> tuple[Array, float]:
        """Reduced costs of all patterns at the present prices, and the bound that these prove."""
        duals, n = (
            np.nan_to_num(
                np.array(self.solver.getSolution().row_dual), posinf=0.0, neginf=0.0
            ),
            len(self.groups),
        )
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
        reduced = self.costs - np.add.reduceat(
            duals[self.rows] * self.factors, self.starts[:-1]
        )
        for place in np.flatnonzero(duals[self.first :]):
            reduced -= duals[self.first + place] * self.extra_factors[place]
        lowest = min(0.0, float(reduced.min(initial=0.0)))
        return reduced, float(total) + lowest * self.limits.ranges[BINS][1] - SAFE

    def relax(self, enough: float, stop: Callable[[], bool]) -> Relaxation:
        """Solve over all listed patterns, cutting while it pays; until the bound
        reaches `enough` or `stop`.
        """
        best, history = -math.inf, []
        while True:
            self.objective()
            reduced, bound = self.reduced()
            best = max(best, bound)
            self.rounds += 1
            if best > enough - CLOSE or stop():
                break
            chosen = np.flatnonzero((reduced < -SAFE) & self.waiting)
            if len(chosen):
                self._take(
                    chosen[
                        np.argsort(reduced[chosen])[
                            : MOST_ADDED if self.active else FIRST_ADDED
                        ]
                    ]
                )
                continue
            history.append(best)
            if self._stale(history, enough) or not self._cut():
                break
        return self._relaxation(best)

    def _stale(self, history: list[float], enough: float) -> bool:
        if len(history) <= PATIENCE:
            return False
        gained, missing = (
            history[-1] - history[-1 - PATIENCE],
            enough - history[-1 - PATIENCE],
        )
        return gained < WORTH_CUTTING * missing

    def _take(self, chosen: Array) -> None:
        for p in chosen.tolist():
            part = slice(self.starts[p], self.starts[p + 1])
            extra = [c for c in range(len(self.extras)) if self.extra_factors[c][p]]
            rows = np.concatenate(
                [self.rows[part], self.first + np.array(extra, np.int64)]
            ).astype(np.int32)
            factors = np.concatenate(
                [self.factors[part], [self.extra_factors[c][p] for c in extra]]
            )
            self.solver.addCol(
                float(self.costs[p]), 0, highspy.kHighsInf, len(rows), rows, factors
            )
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
        held = np.zeros((len(used), len(self.groups)))
        for place, p in enumerate(used.tolist()):
            groups, times = np.array(self.patterns[p].counts).T
            held[place, groups] = times
        known, added = set(self.extras), 0
        for trio in self._trios(held, values):
            if trio in known:
                continue
            # Over the patterns in use first: most trios end here, and there may be thousands.
            side = math.ceil(sum(self.groups.demand[g] for g in trio) / 2)
            if side - float(np.ceil(held[:, trio].sum(axis=1) / 2) @ values) > VIOLATED:
                self.sides[self._add_row(trio, self._factors(trio), side)] = side
                known.add(trio)
                added += 1
                if added == MOST_CUTS_A_ROUND:
                    break
        return added > 0

    def _trios(self, held: Array, values: Array) -> list[tuple[int, ...]]:
        """Triples of groups that the patterns in use, which hold so many of each group,
        cover too seldom.
        """
        cover, pair = pairs_of(held, values)
        trios, lacks = triples(cover, pair, self.odd, MOST_TRIOS)
        return [
            tuple(sorted(trios[place].tolist()))
            for place in np.argsort(-lacks, kind="stable")
        ]

    def _factors(self, trio: tuple[int, ...]) -> Array:
        """Of each pattern, half of what it holds of three groups, rounded up."""
        held = np.where(np.isin(self.rows, trio), self.factors, 0.0)
        return np.ceil(np.add.reduceat(held, self.starts[:-1]) / 2)

    def _add_row(self, name: tuple[int, ...], factors: Array, least: float) -> int:
        """Ask for at least so much of the sum of patterns times factors; the number of the row."""
        self.extras.append(name)
        self.extra_factors.append(factors.astype(np.int8))
        mine = factors[self.active]
        places = np.flatnonzero(mine)
        self.solver.addRow(
            least,
            highspy.kHighsInf,
            len(places),
            (places + self.first).astype(np.int32),
            mine[places],
        )
        return self.first + len(self.extras) - 1

    def _relaxation(self, bound: float) -> Relaxation:
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
        return np.flatnonzero(reduced <= most - bound + SAFE).tolist()
