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
from functools import cached_property
from typing import Any

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
Array = Any


@dataclass(frozen=True)
class Reduction:
    """A line as bin packing with setups. Hours.

    packing: what is to be packed.
    bounding: where it is another, what is only to be bounded.
    exact: whether every packing's makespan is `offset` + its cost / `parts`; else that
    is only a lower bound.
    """

    problem: Problem
    packing: Instance
    bounding: Instance | None
    exact: bool
    parts: int
    offset: float

    def hours(self, cost: int) -> float:
        """The makespan that belongs to a packing's cost."""
        return self.offset + cost / self.parts

    def packing_of(self, blocks: Sequence[Sequence[Lot]]) -> Packing:
        """Blocks of lots as bins of items."""
        number = {lot.lot_id: i for i, lot in enumerate(self.problem.lots)}
        return [[number[lot.lot_id] for lot in block] for block in blocks]

    def lots_of(self, packing: Packing) -> list[list[Lot]]:
        """Bins of items as blocks of lots."""
        return [[self.problem.lots[i] for i in content] for content in packing]


def reduce(problem: Problem) -> Reduction | None:
    """The line as bin packing with setups; None where a lot alone is better than two
    together, so that every lot in its own block is best, or the rules are such that no
    bound comes of it.
    """
    config = problem.config
    types = problem.types
    kinds = representatives(config, types)
    hours = [[config.changeover_hours(a, b) for b in kinds.names] for a in kinds.names]
    lowered = grouped_hours(hours)
    own = kinds.least([row[k] for k, row in enumerate(lowered)])
    if max(own) > config.clean_hours:
        return None
    builder = builder_for(problem, kinds, lowered, own)
    exact = lowered == hours
    bounding = None
    if builder.uniform:
        packing = builder.sums()
    elif len(types) > MOST_TABLED_CLASSES:
        packing = builder.sums()
        exact = False
    else:
        packing = builder.tables()
        if len(types) > MOST_SET_CLASSES:
            bounding = builder.sums()
    return Reduction(
        problem=problem,
        packing=packing,
        bounding=bounding,
        exact=exact,
        parts=builder.cost_parts,
        offset=sum(builder.loads),
    )


def builder_for(
    problem: Problem, kinds: Kinds, hours: Matrix, own: list[float]
) -> Builder:
    """What makes the instances: `hours` between the types that stand for all, `own`
    those into the same type.

    problem: lots and rules.
    kinds: the types that stand for all.
    """
    place = {name: k for k, name in enumerate(problem.types)}
    classes = tuple(place[lot.lot_type] for lot in problem.lots)
    loads = [
        lot.fill_hours + own[kinds.of[kind]]
        for lot, kind in zip(problem.lots, classes, strict=True)
    ]
    return Builder(
        problem=problem,
        hours=hours,
        own=own,
        of=kinds.of,
        classes=classes,
        loads=loads,
    )


@dataclass(frozen=True)
class Kinds:
    """Types that stand for all.

    names: theirs.
    of: for each type of the lots the number of the one that stands for it.
    shared: so many of the last ones are alike, and stand for all other types that are.
    """

    names: tuple[str, ...]
    of: tuple[int, ...]
    shared: int

    def least(self, values: list[float]) -> list[float]:
        """Values of these types, of those that are alike the least for each."""
        if not self.shared:
            return values
        first = len(values) - self.shared
        return values[:first] + [min(values[first:])] * self.shared


def representatives(config: LineConfig, types: Sequence[str]) -> Kinds:
    """Types that the matrix does not name are all alike, and what is asked here of
    types is asked of three at a time: so of many such, three stand for all. Of few
    types each stands for itself.
    """
    matrix = config.changeover_matrix
    named = {*matrix, *(target for row in matrix.values() for target in row)}
    alike = [name for name in types if name not in named]
    if len(types) <= MOST_TABLED_CLASSES or len(alike) <= ASKED_AT_ONCE:
        return Kinds(tuple(types), tuple(range(len(types))), 0)
    own = [name for name in types if name in named]
    names = (*own, *alike[:ASKED_AT_ONCE])
    place = {name: k for k, name in enumerate(names)}
    last = len(names) - 1
    of = tuple(place.get(name, last) for name in types)
    return Kinds(names, of, ASKED_AT_ONCE)


def grouped_hours(hours: Matrix) -> Matrix:
    """The hours themselves where grouping never loses, else lower ones for which that
    is so: shortest ways between types, and into the same type no more than a visit
    costs.

    hours: from type to type.
    """
    if groupable(hours):
        return hours
    table = np.array(hours)
    ways = between_types(table)
    own = no_more_than_visits(table.diagonal(), ways)
    np.fill_diagonal(ways, no_more_than_round_trips(own, ways))
    lowered: Matrix = ways.tolist()
    return lowered if groupable(lowered) else np.zeros_like(table).tolist()


def between_types(table: Array) -> Array:
    """The shortest ways from each type to each other (Floyd, Communications of the ACM
    5, 1962).
    """
    ways = table.copy()
    # A way from a type to itself is none: the diagonal takes no part.
    np.fill_diagonal(ways, 0.0)
    for k in range(len(ways)):
        ways = np.minimum(ways, ways[:, k, None] + ways[k])
    return ways


def no_more_than_visits(own: Array, ways: Array) -> Array:
    """The hours into the same type, lowered to what a visit of it between two others,
    or the way there or back, costs more than none.
    """
    lowered = own.copy()
    for k in range(len(own)):
        others = np.arange(len(own)) != k
        there = ways[others, k]
        back = ways[k, others]
        visits = there[:, None] + back - ways[np.ix_(others, others)]
        least = [part.min() for part in (visits, there, back) if part.size]
        lowered[k] = max(0.0, min([own[k], *least]))
    return lowered


def no_more_than_round_trips(own: Array, ways: Array) -> Array:
    """The hours into the same type, lowered so that leaving a type and coming back stays
    no faster than staying: the way there and back counts too.
    """
    lowered = own.copy()
    for k in range(len(own)):
        others = np.arange(len(own)) != k
        backs = ways[others, k] + ways[k, others] - lowered[others]
        lowered[k] = max(0.0, min(lowered[k], backs.min(initial=lowered[k])))
    return lowered


def groupable(hours: Matrix) -> bool:
    """Whether putting the lots of a type together never loses with these hours."""
    table = np.array(hours)
    return all(groups_well(table, k) for k in range(len(hours)))


def groups_well(table: Array, k: int) -> bool:
    """Whether it never loses for type k: neither the way in or out, nor a visit between
    two others, saves more than a changeover into the same type takes.

    table: hours from type to type.
    """
    own = table[k, k] - WHOLE
    others = np.arange(len(table)) != k
    into = table[others, k]
    out_of = table[k, others]
    if (into < own).any() or (out_of < own).any():
        return False
    visits = into[:, None] + out_of
    direct = table[np.ix_(others, others)]
    return not (visits < direct + own).any()


@dataclass(frozen=True)
class Builder:
    """Makes the instances.

    hours: from type to type, of those that stand for all.
    own: their hours into the same type.
    of: which of them stands for each type.
    classes: the type of each lot.
    loads: each lot's fill with the hours into its own type.
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
            hours for k in range(len(self.hours)) for hours in self._from_others(k)
        }
        return len(others) <= 1 and len(set(self.own)) == 1

    def _from_others(self, k: int) -> list[float]:
        """Hours into a type from each other one."""
        return [row[k] for a, row in enumerate(self.hours) if a != k]

    def _into(self) -> list[float]:
        """The least hours into each type from another; those into itself where there is
        none other.
        """
        return [
            min(self._from_others(k), default=own) for k, own in enumerate(self.own)
        ]

    @cached_property
    def _all_hours(self) -> set[float]:
        return {hours for row in self.hours for hours in row}

    @cached_property
    def cost_parts(self) -> int:
        """Into how many parts an hour of cost is divided."""
        clean = self.problem.config.clean_hours
        hours = [*self._all_hours, *set(self.own), clean]
        return parts_for(hours, FINEST_COST_PARTS)

    @cached_property
    def weight_parts(self) -> int:
        """Into how many parts an hour of the window is divided."""
        config = self.problem.config
        hours = [*self._all_hours, *set(self.loads), config.window_hours]
        return parts_for(hours, FINEST_PARTS, round(config.fill_rate_vph))

    def sums(self) -> Instance:
        """Setups as sums: each type costs the least way into it, but for the dearest
        one of a block.
        """
        config = self.problem.config
        into = self._into()
        dearest = max(into)
        extra = [into[k] - self.own[k] for k in self.of]
        setup_weights = self._weights(extra)
        weights = self._weights(self.loads)
        return Instance(
            capacity=self._window(
                config.window_hours + dearest, weights, setup_weights
            ),
            bin_cost=down(config.clean_hours - dearest, self.cost_parts),
            setup_weights=setup_weights,
            setup_costs=self._costs(extra),
            weights=weights,
            classes=self.classes,
        )

    def tables(self) -> Instance:
        """Setups of sets: the shortest way through every set of types."""
        config = self.problem.config
        size = len(self.hours)
        ways = shortest_ways(self.hours)
        extra = [way - self._own_of(mask) for mask, way in enumerate(ways)]
        set_weights = self._weights(extra)
        weights = self._weights(self.loads)
        alone = tuple(set_weights[1 << k] for k in range(size))
        none = (0,) * size
        return Instance(
            capacity=self._window(config.window_hours, weights, alone),
            bin_cost=down(config.clean_hours, self.cost_parts),
            setup_weights=none,
            setup_costs=none,
            weights=weights,
            classes=self.classes,
            set_weights=set_weights,
            set_costs=self._costs(extra),
        )

    def _own_of(self, mask: int) -> float:
        """The hours into the same type, of all types of a set."""
        return sum(own for k, own in enumerate(self.own) if mask >> k & 1)

    def _weights(self, hours: Sequence[float]) -> tuple[int, ...]:
        parts = self.weight_parts
        return tuple(whole(h, parts) for h in hours)

    def _costs(self, hours: Sequence[float]) -> tuple[int, ...]:
        parts = self.cost_parts
        return tuple(down(h, parts) for h in hours)

    def _window(
        self, hours: float, weights: tuple[int, ...], alone: tuple[int, ...]
    ) -> int:
        """The window in parts, with what it forgives: no lot is too long for it, or it
        would not be a lot.

        weights: of the lots, in parts.
        alone: of each type the setup of a block of it alone, in parts.
        """
        parts = self.weight_parts
        forgiven = TOLERANCE / 2 if parts == FINEST_PARTS else 0.0
        lots = zip(weights, self.classes, strict=True)
        longest = max(weight + alone[kind] for weight, kind in lots)
        return max(longest, round((hours + forgiven) * parts))


def shortest_ways(hours: Matrix) -> list[float]:
    """The hours of the shortest path through each set of types, from any to any of it
    (Held and Karp, Journal of the Society for Industrial and Applied Mathematics 10,
    1962). Place m of the list is for the types whose bits are set in m.

    hours: from type to type.
    """
    size = len(hours)
    ending = [[math.inf] * size for _ in range(1 << size)]
    for k in range(size):
        ending[1 << k][k] = 0.0
    for mask in range(1, 1 << size):
        for last in range(size):
            so_far = ending[mask][last]
            if so_far == math.inf:
                continue
            for k in range(size):
                if not mask >> k & 1:
                    longer = ending[mask | 1 << k]
                    longer[k] = min(longer[k], so_far + hours[last][k])
    return [0.0, *(min(ways) for ways in ending[1:])]


def parts_for(hours: Sequence[float], finest: int, rate: int = 1) -> int:
    """Into how many parts an hour is divided so that all these are whole; `finest`
    where no usual number does. `rate` is a number that may, too.

    hours: what is to be whole.
    finest: how many parts an hour has where no usual number does.
    """
    for parts in dict.fromkeys((*USUAL_PARTS, rate, rate * 10, rate * 60)):
        if parts > 0 and all(is_whole(h, parts) for h in hours):
            return parts
    return finest


def is_whole(hours: float, parts: int) -> bool:
    """Whether this is a whole number of parts, rounding aside."""
    return abs(hours * parts - round(hours * parts)) <= WHOLE * parts


def whole(hours: float, parts: int) -> int:
    """The nearest number of parts."""
    return round(hours * parts)


def down(hours: float, parts: int) -> int:
    """The number of parts that is not more, rounding aside."""
    return math.floor(hours * parts + WHOLE * parts)
