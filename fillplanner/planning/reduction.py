"""The filling line as bin packing with setups, and packings as blocks again.

With types grouped, a block with the set S of types costs clean + path(S) - sum of s_k
over S, and uses of the window the sum of (fill + s_k) over its lots, path(S) - sum of
s_k besides: s_k is the changeover from type k to itself and path(S) the shortest way
through S. The makespan is the sum of block costs and of (fill + s_k) over all lots.
Under the uniform rule (same type s, other type d) path(S) = d (|S| - 1), and setups are
sums.

Grouping never loses where h(a, k) + h(k, b) >= h(a, b) + s_k and h(a, k) >= s_k <= h(k,
b) for all a, b other than k. Where it may lose, the reduction is of a line that is at
least as fast: hours are lowered until the condition holds, so that its bound is a bound
here too, while its packings are only proposals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fillplanner.planning.packing import Instance, Packing
from fillplanner.planning.packing.instance import MOST_TABLED_CLASSES
from fillplanner.planning.packing.pricing import MOST_SET_CLASSES
from fillplanner.planning.problem import TOLERANCE, LineConfig, Lot, Problem

# Hours are counted in whole parts: the first count in which all are whole, else so fine
# that rounding is far below the tolerance of the window.
USUAL_PARTS = (1, 2, 4, 5, 10, 12, 20, 60, 100, 1000, 3600, 10_000, 100_000)
FINEST_PARTS = 10**12
# Costs that are not whole are rounded down, so that bounds stay bounds.
FINEST_COST_PARTS = 100_000
WHOLE = 1e-10
# A visit, what comes before and what comes after.
ASKED_AT_ONCE = 3
Matrix = list[list[float]]


@dataclass(frozen=True)
class Reduction:
    """`packing` is to be packed; `bounding`, where it is another, only to be bounded.
    `exact` says whether every packing's makespan is `offset` + its cost / `parts`, else
    that is only a lower bound. Hours.
    """

    problem: Problem
    packing: Instance
    bounding: Instance | None
    exact: bool
    parts: int
    offset: float

    def hours(self, cost: int) -> float:
        return self.offset + cost / self.parts

    def packing_of(self, blocks: Sequence[Sequence[Lot]]) -> Packing:
        number = {lot.lot_id: i for i, lot in enumerate(self.problem.lots)}
        return [[number[lot.lot_id] for lot in block] for block in blocks]

    def lots_of(self, packing: Packing) -> list[list[Lot]]:
        return [[self.problem.lots[i] for i in content] for content in packing]


def reduce(problem: Problem) -> Reduction | None:
    """The line as bin packing with setups; None where a lot alone is better than two
    together, so that every lot in its own block is best, or the rules are such that no
    bound comes of it.
    """
    config, types = problem.config, problem.types
    kinds = representatives(config, types)
    hours = [[config.changeover_hours(a, b) for b in kinds.names] for a in kinds.names]
    lowered = grouped_hours(hours)
    exact = lowered == hours
    own = kinds.least([lowered[k][k] for k in range(len(hours))])
    if max(own) > config.clean_hours:
        return None
    place = {kind: k for k, kind in enumerate(types)}
    classes = tuple(place[lot.lot_type] for lot in problem.lots)
    loads = [
        lot.fill_hours + own[kinds.of[kind]]
        for lot, kind in zip(problem.lots, classes, strict=True)
    ]
    made = Builder(problem, lowered, own, kinds.of, classes, loads)
    offset = sum(loads)
    if made.uniform:
        return Reduction(problem, made.sums(), None, exact, made.cost_parts, offset)
    if len(types) > MOST_TABLED_CLASSES:
        return Reduction(problem, made.sums(), None, False, made.cost_parts, offset)
    bounding = None if len(types) <= MOST_SET_CLASSES else made.sums()
    return Reduction(problem, made.tables(), bounding, exact, made.cost_parts, offset)


@dataclass(frozen=True)
class Kinds:
    """Types that stand for all: their names, and for each type the number of the one
    that stands for it. The last `shared` of them are alike, and stand for all other
    types that are.
    """

    names: tuple[str, ...]
    of: tuple[int, ...]
    shared: int

    def least(self, values: list[float]) -> list[float]:
        """Values of these types, of those that are alike the least for each."""
        first = len(values) - self.shared
        return (
            values[:first] + [min(values[first:])] * self.shared
            if self.shared
            else values
        )


def representatives(config: LineConfig, types: Sequence[str]) -> Kinds:
    """Types that the matrix does not name are all alike, and what is asked here of
    types is asked of three at a time: so of many such, three stand for all. Of few
    types each stands for itself.
    """
    matrix = config.changeover_matrix
    named = {*matrix, *(target for row in matrix.values() for target in row)}
    alike = [kind for kind in types if kind not in named]
    if len(types) <= MOST_TABLED_CLASSES or len(alike) <= ASKED_AT_ONCE:
        return Kinds(tuple(types), tuple(range(len(types))), 0)
    names = (*(kind for kind in types if kind in named), *alike[:ASKED_AT_ONCE])
    place = {kind: k for k, kind in enumerate(names)}
    return Kinds(
        names, tuple(place.get(kind, len(names) - 1) for kind in types), ASKED_AT_ONCE
    )


def grouped_hours(hours: Matrix) -> Matrix:
    """The hours themselves where grouping never loses, else lower ones for which that
    is so: shortest ways between types, and into the same type no more than a visit
    costs.
    """
    if groupable(hours):
        return hours
    n, ways = len(hours), np.array(hours)
    own = ways.diagonal().copy()
    # A way from a type to itself is none: the diagonal takes no part.
    np.fill_diagonal(ways, 0.0)
    for k in range(n):
        ways = np.minimum(ways, ways[:, k, None] + ways[k])
    for k in range(n):
        others = np.arange(n) != k
        there, back = ways[others, k], ways[k, others]
        visits = there[:, None] + back - ways[np.ix_(others, others)]
        own[k] = max(
            0.0,
            min([own[k], *(part.min() for part in (visits, there, back) if part.size)]),
        )
    # Leaving a type and coming back stays no faster than staying: for a == b the way
    # there and back counts too.
    for k in range(n):
        others = np.arange(n) != k
        backs = ways[others, k] + ways[k, others] - own[others]
        own[k] = max(0.0, min(own[k], backs.min(initial=own[k])))
    np.fill_diagonal(ways, own)
    lowered: Matrix = ways.tolist()
    return lowered if groupable(lowered) else [[0.0] * n for _ in range(n)]


def groupable(hours: Matrix) -> bool:
    table = np.array(hours)
    for k in range(len(hours)):
        own = hours[k][k] - WHOLE
        others = np.arange(len(hours)) != k
        into, out_of = table[others, k], table[k, others]
        if (into < own).any() or (out_of < own).any():
            return False
        if (into[:, None] + out_of < table[np.ix_(others, others)] + own).any():
            return False
    return True


@dataclass(frozen=True)
class Builder:
    """Makes the instances: `own` are the hours into the same type, `loads` each lot's
    fill with them. `hours` and `own` are those of the types that stand for all; `of`
    says which one stands for each.
    """

    problem: Problem
    hours: Matrix
    own: list[float]
    of: tuple[int, ...]
    classes: tuple[int, ...]
    loads: list[float]

    @property
    def uniform(self) -> bool:
        """Whether into a type it takes as long from any other, for all types alike."""
        others = {
            h for a, row in enumerate(self.hours) for b, h in enumerate(row) if a != b
        }
        return len(others) <= 1 and len(set(self.own)) == 1

    def _into(self) -> list[float]:
        """The least hours into each type from another; those into itself where there is
        none other.
        """
        n = len(self.hours)
        return [
            min((self.hours[a][k] for a in range(n) if a != k), default=self.own[k])
            for k in range(n)
        ]

    @property
    def cost_parts(self) -> int:
        flat = {h for row in self.hours for h in row}
        return parts_for(
            [*flat, *set(self.own), self.problem.config.clean_hours], FINEST_COST_PARTS
        )

    def _weight_parts(self) -> int:
        flat = {h for row in self.hours for h in row}
        rate = round(self.problem.config.fill_rate_vph)
        return parts_for(
            [*flat, *set(self.loads), self.problem.config.window_hours],
            FINEST_PARTS,
            rate,
        )

    def sums(self) -> Instance:
        """Setups as sums: each type costs the least way into it, but for the dearest
        one of a block.
        """
        config, into = self.problem.config, self._into()
        most, weight, cost = max(into), self._weight_parts(), self.cost_parts
        extra = [into[k] - self.own[k] for k in self.of]
        setups, items = (
            tuple(whole(h, weight) for h in extra),
            tuple(whole(h, weight) for h in self.loads),
        )
        window = self._window(config.window_hours + most, weight, items, setups)
        costs = tuple(down(h, cost) for h in extra)
        return Instance(
            window,
            down(config.clean_hours - most, cost),
            setups,
            costs,
            items,
            self.classes,
        )

    def tables(self) -> Instance:
        """Setups of sets: the shortest way through every set of types."""
        config, n = self.problem.config, len(self.hours)
        ways = shortest_ways(self.hours)
        extra = [
            ways[m] - sum(self.own[k] for k in range(n) if m >> k & 1)
            for m in range(1 << n)
        ]
        weight, cost = self._weight_parts(), self.cost_parts
        setups, items = (
            tuple(whole(h, weight) for h in extra),
            tuple(whole(h, weight) for h in self.loads),
        )
        window = self._window(
            config.window_hours, weight, items, tuple(setups[1 << k] for k in range(n))
        )
        costs, none = tuple(down(h, cost) for h in extra), (0,) * n
        return Instance(
            window,
            down(config.clean_hours, cost),
            none,
            none,
            items,
            self.classes,
            setups,
            costs,
        )

    def _window(
        self, hours: float, parts: int, items: tuple[int, ...], alone: tuple[int, ...]
    ) -> int:
        """The window in parts, with what it forgives: no lot is too long for it, or it
        would not be a lot.
        """
        longest = max(
            item + alone[kind] for item, kind in zip(items, self.classes, strict=True)
        )
        return max(
            longest,
            round((hours + (TOLERANCE / 2 if parts == FINEST_PARTS else 0.0)) * parts),
        )


def shortest_ways(hours: Matrix) -> list[float]:
    """The hours of the shortest path through each set of types, from any to any of it
    (Held and Karp 1962).
    """
    n = len(hours)
    ending = [[math.inf] * n for _ in range(1 << n)]
    for k in range(n):
        ending[1 << k][k] = 0.0
    for m in range(1, 1 << n):
        for last in range(n):
            so_far = ending[m][last]
            if so_far == math.inf:
                continue
            for k in range(n):
                if not m >> k & 1:
                    longer = ending[m | 1 << k]
                    longer[k] = min(longer[k], so_far + hours[last][k])
    return [0.0, *(min(ending[m]) for m in range(1, 1 << n))]


def parts_for(hours: Sequence[float], finest: int, rate: int = 1) -> int:
    """Into how many parts an hour is divided so that all these are whole; `finest`
    where no usual number does.
    """
    for parts in dict.fromkeys((*USUAL_PARTS, rate, rate * 10, rate * 60)):
        if parts > 0 and all(
            abs(h * parts - round(h * parts)) <= WHOLE * parts for h in hours
        ):
            return parts
    return finest


def whole(hours: float, parts: int) -> int:
    return round(hours * parts)


def down(hours: float, parts: int) -> int:
    return math.floor(hours * parts + WHOLE * parts)
