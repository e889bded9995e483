"""The set-covering program over patterns, solved by column generation, with bounds that
are safe.

Rows: each group, or what lies between two knots of price, is packed as often as it
occurs; each class visits between so many and so many bins; so many bins are used.
Prices are rounded to whole numbers before the knapsack sees them, so that the
Lagrangian bound they give is exact whatever the linear solver's tolerances.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import highspy
import numpy as np

from fillplanner.planning.packing.knots import Knots
from fillplanner.planning.packing.patterns import Groups, Pattern
from fillplanner.planning.packing.pricing import Pricer
from fillplanner.planning.packing.program import (
    SecondsLeft,
    add_column,
    covering_program,
    forever,
    optimum,
    row_duals,
    run,
)

# Whole prices are this part of a unit of cost.
SCALE = 1 << 22
DISJOINT = 5
SMOOTHING = 0.6
CLOSE = 1e-6
BINS = -1
MANY = 1 << 30
Array = Any
Range = tuple[int, int]
# What is counted: visits of a class, bins (BINS), or bins that hold two groups together.
Key = int | tuple[int, int]


@dataclass(frozen=True)
class Limits:
    """How many bins are used, in all (key BINS), with each class, and with some pairs
    of groups: (least, most).
    """

    ranges: Mapping[Key, Range]

    def narrowed(
        self, key: Key, least: int | None = None, most: int | None = None
    ) -> Limits:
        """The same limits with another end, or both, of one range.

        key: what is counted.
        least, most: the new ends; None leaves one as it is.
        """
        old_least, old_most = self.ranges.get(key, (0, MANY))
        new_least = old_least if least is None else least
        new_most = old_most if most is None else most
        return replace(self, ranges={**self.ranges, key: (new_least, new_most)})

    def without_pairs(self) -> Limits:
        """Those on bins and visits alone."""
        ranges: dict[Key, Range] = {
            key: limits
            for key, limits in self.ranges.items()
            if not isinstance(key, tuple)
        }
        return Limits(ranges)


class Prices(NamedTuple):
    """Dual values as whole numbers: by group, by place of the class, of a bin."""

    items: Array
    kinds: Array
    bins: int

    def towards(self, other: Prices, share: float) -> Prices:
        """A point between the two, rounded towards nothing.

        share: how far it is towards the other; 1 is the other.
        """
        items = self.items * (1 - share) + other.items * share
        kinds = self.kinds * (1 - share) + other.kinds * share
        bins = self.bins * (1 - share) + other.bins * share
        return Prices(items.astype(np.int64), kinds.astype(np.int64), int(bins))


@dataclass(frozen=True)
class Relaxation:
    """A proven lower bound on the cost, and the relaxed solution.

    bound: in units of cost.
    values: patterns in use, by their numbers, with how often each is used.
    counts: how many bins and visits that makes.
    prices: those that prove the bound.
    """

    bound: float
    values: list[tuple[int, float]]
    counts: dict[Key, float]
    prices: Prices | None = None

    @property
    def fractional(self) -> dict[Key, float]:
        """The counts (of BINS, and of visits by class) that are not whole."""
        return {key: value for key, value in self.counts.items() if not is_whole(value)}

    @property
    def integral(self) -> bool:
        """Whether every pattern is used a whole number of times."""
        return all(is_whole(value) for _, value in self.values)


def is_whole(value: float) -> bool:
    """Whether it is a whole number but for rounding."""
    return abs(value - round(value)) <= CLOSE


def distance_from_half(count: tuple[Key, float]) -> float:
    """How far the fraction of a count is from one half."""
    _, value = count
    return abs(value % 1 - 0.5)


def counts_of(
    used: Iterable[tuple[int, float]],
    patterns: Sequence[Pattern],
    counted: Iterable[Key],
) -> dict[Key, float]:
    """How many bins (BINS) are used, in all and with each class that is counted.

    used: patterns by their numbers, with how often each is used.
    """
    counts: dict[Key, float] = dict.fromkeys(counted, 0.0)
    for p, value in used:
        for key in (*patterns[p].classes, BINS):
            counts[key] += value
    return counts


class Master:
    """The linear program with the patterns found so far.

    groups: the items, which are to be packed as often as they occur.
    pricer: finds patterns that improve the solution.
    knots: the weights that carry prices; each group's by itself where there are none.
    seed: of the order in which the pricer looks at classes.
    seconds_left: what each solution of the program may take.
    """

    def __init__(
        self,
        groups: Groups,
        pricer: Pricer,
        knots: Knots | None = None,
        seed: int = 0,
        seconds_left: SecondsLeft = forever,
    ) -> None:
        self.groups = groups
        self.pricer = pricer
        self.seconds_left = seconds_left
        self.knots = knots or Knots(groups, len(groups))
        self.patterns: list[Pattern] = []
        self.known: dict[Pattern, int] = {}
        self.chance = np.random.default_rng(seed)
        self.row_of: dict[Key, int] = {
            key: self.knots.size + k for k, key in enumerate((*pricer.kinds, BINS))
        }
        self.demand = np.array(groups.demand, np.int64)
        self.first = self.knots.size + len(self.row_of)
        self.rounds = 0
        instance = groups.instance
        costs = instance.set_costs or (sum(instance.setup_costs),)
        self.solver = covering_program(
            demand=self.knots.demand.tolist(),
            counted=len(self.row_of),
            dearest=abs(instance.bin_cost) + max(costs),
        )

    def add(self, pattern: Pattern) -> bool:
        """Take a pattern in as a column; False where it is known."""
        if pattern in self.known:
            return False
        self.known[pattern] = len(self.patterns)
        self.patterns.append(pattern)
        rows, values = self.knots.column(pattern)
        counted = [self.row_of[kind] for kind in (*pattern.classes, BINS)]
        add_column(
            self.solver,
            cost=float(pattern.cost),
            rows=np.concatenate([rows, counted]),
            factors=np.concatenate([values, np.ones(len(counted))]),
        )
        return True

    def restrict(self, limits: Limits) -> None:
        """Solve within these limits from now on."""
        self.limits = limits
        for key, (least, most) in limits.ranges.items():
            self.solver.changeRowBounds(self.row_of[key], float(least), float(most))

    def finer(self, relaxed: Relaxation) -> tuple[Key, float] | None:
        """A fractional count by which to divide further, where the usual ones are
        whole: none that the knapsack could heed.
        """
        return None

    def objective(self) -> float:
        """The program's value with the patterns at hand: no bound, but a good guess of one."""
        return optimum(self.solver, self.seconds_left())

    def fix(self, least: Mapping[int, int]) -> None:
        """Use these patterns at least so often, and every other at least never."""
        for p in range(len(self.patterns)):
            times = float(least.get(p, 0))
            self.solver.changeColBounds(self.first + p, times, highspy.kHighsInf)

    def relax(
        self,
        enough: float,
        stop: Callable[[], bool],
        most_rounds: int = 1_000_000,
        center: Prices | None = None,
    ) -> Relaxation:
        """Generate patterns until none improves.

        enough: a bound that ends it sooner, in units of cost.
        stop: asked now and then whether to end it.
        most_rounds: after so many it ends, too.
        center: prices to start from. Prices are smoothed towards the best known
        (Wentges, International Transactions in Operational Research 4, 1997).
        """
        bound = -math.inf if center is None else self._price(center)[1]
        for _ in range(most_rounds):
            self.objective()
            if bound > -math.inf and stop():
                break
            duals = self.duals()
            for prices in self._trials(center, duals):
                patterns, proven = self._price(prices, stop)
                if proven > bound:
                    bound = proven
                    center = prices
                if self._improves(patterns, duals) or stop():
                    break
            self.rounds += 1
            has_new = self._add_all(patterns)
            if bound > enough - CLOSE or not has_new or stop():
                break
        return self._relaxation(bound, center)

    def _add_all(self, patterns: Iterable[Pattern]) -> bool:
        """Take patterns in; whether one of them is new."""
        added = [self.add(pattern) for pattern in patterns]
        return any(added)

    @staticmethod
    def _trials(center: Prices | None, duals: Prices) -> Iterator[Prices]:
        """Prices between the best known and the present ones first: the latter jump about."""
        if center is not None:
            yield center.towards(duals, 1 - SMOOTHING)
        yield duals

    def _improves(self, patterns: Iterable[Pattern], duals: Prices) -> bool:
        """Whether one of the patterns lowers the program's value."""
        return any(self._reduced(pattern, duals) < 0 for pattern in patterns)

    def _relaxation(self, bound: float, prices: Prices | None) -> Relaxation:
        """The solution as it stands, with a bound and the prices that prove it."""
        run(self.solver, self.seconds_left())
        x = np.array(self.solver.getSolution().col_value)[self.first :]
        used = [(int(p), float(x[p])) for p in np.flatnonzero(x > CLOSE)]
        return Relaxation(
            bound=bound,
            values=used,
            counts=counts_of(used, self.patterns, self.row_of),
            prices=prices,
        )

    def duals(self) -> Prices:
        """The present dual values, rounded so that they stay feasible."""
        duals = row_duals(self.solver)
        size = self.knots.size
        of_groups = self.knots.prices(np.maximum(duals[:size], 0.0))
        of_classes = duals[size:-1]
        of_a_bin = duals[-1]
        return Prices(
            items=np.floor(of_groups * SCALE).astype(np.int64),
            kinds=np.floor(of_classes * SCALE).astype(np.int64),
            bins=int(of_a_bin * SCALE),
        )

    def _price(
        self, prices: Prices, stop: Callable[[], bool] = bool
    ) -> tuple[list[Pattern], float]:
        """A few disjoint patterns of negative reduced cost, one after `stop`, and the
        bound that these prices prove.
        """
        # What an empty bin costs at these prices.
        empty = self.groups.instance.bin_cost * SCALE - prices.bins
        value, content = self.best(prices)
        bound = self._bound(prices, empty - value)
        patterns: list[Pattern] = []
        left = self.demand.copy()
        items = prices.items.copy()
        while value > empty and content:
            patterns.append(self.groups.pattern(content))
            if len(patterns) == DISJOINT or stop():
                break
            np.subtract.at(left, content, 1)
            items[left <= 0] = 0
            value, content = self.best(prices._replace(items=items))
        return patterns, bound

    def best(self, prices: Prices) -> tuple[int, list[int]]:
        """Value and groups of the best bin at these prices; no groups where nothing fits."""
        order = self.chance.permutation(len(self.pricer.kinds))
        return self.pricer.best(prices.items, prices.kinds, order, SCALE)

    def _bound(self, prices: Prices, least_reduced: int) -> float:
        """Lagrange: prices of all demands, of limits at their binding end, and all bins
        at the least reduced cost.
        """
        total = int(np.dot(prices.items, self.demand))
        counted = (*prices.kinds.tolist(), prices.bins)
        for price, key in zip(counted, self.row_of, strict=True):
            total += price * self._binding_end(key, price > 0)
        total += least_reduced * self._binding_end(BINS, least_reduced >= 0)
        return total / SCALE

    def _binding_end(self, key: Key, is_least: bool) -> int:
        """The least or the most of what is counted."""
        least, most = self.limits.ranges[key]
        return least if is_least else most

    def _reduced(self, pattern: Pattern, prices: Prices) -> int:
        """The pattern's cost less what it is worth at these prices, in whole prices."""
        items = sum(int(prices.items[g]) * count for g, count in pattern.counts)
        places = (self.row_of[kind] - self.knots.size for kind in pattern.classes)
        kinds = sum(int(prices.kinds[place]) for place in places)
        return pattern.cost * SCALE - (prices.bins + items + kinds)

    def promising(self, below: float) -> Iterable[int]:
        """Patterns that a solution cheaper than `below` may use: those of small enough
        reduced cost (reduced cost fixing: Dantzig, Fulkerson and Johnson, "Solution of a
        large-scale traveling-salesman problem", 1954).

        below: in units of cost.
        """
        duals = np.array(self.solver.getSolution().col_dual)[self.first :]
        slack = below - self.objective()
        promising = np.flatnonzero(duals <= slack + CLOSE).tolist()
        return [p for p in promising if self.patterns[p].legal]
