"""The knapsack with class setups that finds the most valuable content of one bin, by
dynamic programming.
"""

from __future__ import annotations

from math import gcd
from typing import Any

import numpy as np

from fillplanner.planning.kernels import kernel, part, with_stand_in
from fillplanner.planning.packing.patterns import Groups

NOTHING = -(1 << 60)
# Longest rows of the dynamic program: a greater capacity is rounded to a grid, finer
# for few items, of so many cells times items.
MOST_CELLS, FEWEST_CELLS, COARSE, FINE = 20_000, 3_000, 4_000_000, 20_000_000
# More classes than that have too many sets to try each.
MOST_SET_CLASSES = 9
Array = Any


def add_items_by_row(
    first: int,
    last: int,
    weights: Array,
    values: Array,
    empty: Array,
    filled: Array,
    took: Array,
    traced: bool,
) -> None:
    """As `add_items`, all weights of the bin at once."""
    width = len(filled)
    filled[:] = NOTHING
    for i in range(first, last):
        weight, value = int(weights[i]), values[i]
        if traced:
            took[i, :] = 0
        if weight >= width or (value <= 0 and i > first):
            continue
        again, alone = filled[: width - weight], empty[: width - weight]
        more = again >= alone
        reached = np.maximum(again, alone) + value
        if traced:
            took[i, weight:] = np.where(
                reached > filled[weight:], np.where(more, 1, 2), 0
            )
        np.maximum(filled[weight:], reached, out=filled[weight:])


@with_stand_in(add_items_by_row, door=False)
def add_items(first, last, weights, values, empty, filled, took, traced):  # type: ignore[no-untyped-def]  # compiled
    """filled[w] becomes the most value of items first .. last - 1, at least one of
    them, on top of empty[...].
    """
    width = len(filled)
    filled[:] = NOTHING
    for i in range(first, last):
        weight, value = weights[i], values[i]
        if traced:
            took[i, :] = 0
        # The lightest item stands for a class even when it is worth nothing.
        if value <= 0 and i > first:
            continue
        for w in range(width - 1, weight - 1, -1):
            again, alone = filled[w - weight], empty[w - weight]
            better = again if again >= alone else alone
            if better + value > filled[w]:
                filled[w] = better + value
                if traced:
                    took[i, w] = 1 if again >= alone else 2


@part
def trace_items(first, last, w, weights, took, content, count):  # type: ignore[no-untyped-def]  # compiled
    """Follow `took` back from w; how many items `content` holds then, and what is left of w."""
    for i in range(last - 1, first - 1, -1):
        step = took[i, w]
        if step:
            content[count] = i
            count += 1
            w -= weights[i]
            if step == 2:
                break
    return count, w


def price_sums_by_row(
    starts: Array,
    weights: Array,
    values: Array,
    setup_weights: Array,
    setup_values: Array,
    order: Array,
    rows: Array,
    took: Array,
    entered: Array,
    ends: Array,
) -> None:
    """As `price_sums`, all weights of the bin at once."""
    best, empty, filled = rows
    width = len(best)
    best[:] = 0
    for k in order.tolist():
        setup = min(width, int(setup_weights[k]))
        empty[:setup] = NOTHING
        empty[setup:] = best[: width - setup] + setup_values[k]
        add_items_by_row(
            int(starts[k]),
            int(starts[k + 1]),
            weights,
            values,
            empty,
            filled,
            took,
            True,
        )
        ends[k] = filled[-1]
        np.greater(filled, best, out=entered[k])
        np.maximum(filled, best, out=best)


@with_stand_in(price_sums_by_row)
def price_sums(  # type: ignore[no-untyped-def]  # compiled
    starts,
    weights,
    values,
    setup_weights,
    setup_values,
    order,
    rows,
    took,
    entered,
    ends,
):
    """Setups that are sums: ends[k] becomes the most value of a bin in which k is the
    last class of `order`.
    """
    best, empty, filled = rows[0], rows[1], rows[2]
    capacity = len(best) - 1
    best[:] = 0
    for k in order:
        setup, gain = setup_weights[k], setup_values[k]
        for w in range(capacity + 1):
            empty[w] = best[w - setup] + gain if w >= setup else NOTHING
        add_items(starts[k], starts[k + 1], weights, values, empty, filled, took, True)
        ends[k] = filled[capacity]
        for w in range(capacity + 1):
            entered[k, w] = filled[w] > best[w]
            best[w] = max(best[w], filled[w])


@kernel
def trace_sums(last, starts, weights, setup_weights, order, took, entered, content):  # type: ignore[no-untyped-def]  # compiled
    """The items of the best bin with this last class, into `content`; how many they are."""
    w, count, begun = entered.shape[1] - 1, np.int64(0), False
    for place in range(len(order) - 1, -1, -1):
        k = order[place]
        begun = begun or k == last
        if begun and (k == last or entered[k, w]):
            count, w = trace_items(
                starts[k], starts[k + 1], w, weights, took, content, count
            )
            w -= setup_weights[k]
    return count


@kernel
def price_sets(  # type: ignore[no-untyped-def]  # compiled
    starts, weights, values, set_weights, set_values, capacity, rows, took, ends
):
    """Setups of sets: ends[m] becomes the most value of a bin with exactly the classes
    whose bits are set in m.
    """
    kinds = len(starts) - 1
    ends[0] = NOTHING
    rows[0] = 0
    # Sets in the order in which each follows the one without its highest class:
    # rows[depth] belongs to a prefix.
    chosen = np.empty(kinds + 1, np.int64)
    depth, k, mask = 0, 0, 0
    while True:
        if k < kinds:
            add_items(
                starts[k],
                starts[k + 1],
                weights,
                values,
                rows[depth],
                rows[depth + 1],
                took,
                False,
            )
            chosen[depth] = k
            depth += 1
            mask |= 1 << k
            room = capacity - set_weights[mask]
            ends[mask] = rows[depth, room] + set_values[mask] if room >= 0 else NOTHING
            k += 1
        elif depth == 0:
            break
        else:
            depth -= 1
            mask &= ~(1 << chosen[depth])
            k = chosen[depth] + 1


@kernel
def trace_sets(  # type: ignore[no-untyped-def]  # compiled
    mask, starts, weights, values, set_weights, capacity, rows, took, content
):
    """The items of the best bin with these classes, into `content`; how many they are."""
    kinds, depth = len(starts) - 1, 0
    for k in range(kinds):
        if mask >> k & 1:
            add_items(
                starts[k],
                starts[k + 1],
                weights,
                values,
                rows[depth],
                rows[depth + 1],
                took,
                True,
            )
            depth += 1
    w, count = capacity - set_weights[mask], np.int64(0)
    for k in range(kinds - 1, -1, -1):
        if mask >> k & 1:
            count, w = trace_items(
                starts[k], starts[k + 1], w, weights, took, content, count
            )
    return count


class Pricer:
    """Finds the bin content of greatest value under prices of items and classes: exact,
    on whole numbers.

    Where the capacity is long, weights are rounded down to a grid: the value found is
    then at least the true one, so that bounds hold, and the content may be a little too
    heavy. When `cautious` they are rounded up: no bound, but all contents fit.
    """

    def __init__(
        self, groups: Groups, cautious: bool = False, effort: int = COARSE
    ) -> None:
        instance, self.groups, self.cautious = groups.instance, groups, cautious
        self.kinds = instance.kinds
        copies = [self.copies(g) for g in range(len(groups))]
        cells = min(MOST_CELLS, max(FEWEST_CELLS, effort // max(1, sum(copies))))
        setups = instance.set_weights or tuple(
            instance.setup_weights[kind] for kind in self.kinds
        )
        self.numerator, self.denominator = 1, gcd(*groups.weight_of, *setups) or 1
        self.exact = instance.capacity // self.denominator <= cells
        if not self.exact:
            self.numerator, self.denominator = cells, instance.capacity
        self.capacity = instance.capacity * self.numerator // self.denominator
        # Setups of sets may weigh less than nothing.
        self.most_held = instance.capacity - min(
            instance.set_weights[1:] or instance.setup_weights
        )
        rows = [g for g in range(len(groups)) for _ in range(copies[g])]
        ends = [
            sum(copies[g] for g in range(len(groups)) if groups.class_of[g] < kind)
            for kind in self.kinds
        ]
        self.rows = np.array(rows)
        self.starts = np.array([*ends, len(rows)], np.int64)
        self.weights = np.array(
            [self.rounded_item(groups.weight_of[g]) for g in rows], np.int64
        )
        self.content = np.empty(len(rows), np.int64)
        self._prepare()

    def copies(self, g: int) -> int:
        """How many items of a group one bin may hold."""
        weight, room = (
            self.groups.weight_of[g],
            self.groups.instance.room(self.groups.class_of[g]),
        )
        return (
            min(self.groups.demand[g], max(1, room // weight))
            if weight
            else self.groups.demand[g]
        )

    def rounded(self, weight: int) -> int:
        """A weight in cells; exact, or rounded down, or when cautious up."""
        if self.cautious:
            return -(-weight * self.numerator // self.denominator)
        return weight * self.numerator // self.denominator

    def rounded_item(self, weight: int) -> int:
        """As `rounded`, but what no bin holds two of is rounded up in any case: all
        else in its bin, rounded down, is no more than the rest of the bin rounded down.
        """
        if 2 * weight > self.most_held:
            return -(-weight * self.numerator // self.denominator)
        return self.rounded(weight)

    def _prepare(self) -> None:
        raise NotImplementedError

    def best(
        self, prices: Array, class_prices: Array, order: Array, scale: int
    ) -> tuple[int, list[int]]:
        """Value, less the setup's cost, and groups of the best bin; no groups where
        nothing fits.

        `prices` by group and `class_prices` by place in `kinds` are whole numbers,
        `scale` of them a unit of cost; `order` permutes the classes, to find different
        bins of one value.
        """
        raise NotImplementedError


class SumPricer(Pricer):
    """For setups that are sums over classes."""

    def _prepare(self) -> None:
        instance = self.groups.instance
        self.setup_weights = np.array(
            [self.rounded(instance.setup_weights[k]) for k in self.kinds], np.int64
        )
        self.costs = np.array([instance.setup_costs[k] for k in self.kinds], np.int64)
        width = self.capacity + 1
        self.lines = np.empty((3, width), np.int64)
        self.took = np.empty((len(self.rows), width), np.uint8)
        self.entered = np.empty((len(self.kinds), width), np.bool_)
        self.ends = np.empty(len(self.kinds), np.int64)

    def best(
        self, prices: Array, class_prices: Array, order: Array, scale: int
    ) -> tuple[int, list[int]]:
        common = self.starts, self.weights
        price_sums(
            *common,
            prices[self.rows],
            self.setup_weights,
            class_prices - self.costs * scale,
            order,
            self.lines,
            self.took,
            self.entered,
            self.ends,
        )
        last = int(self.ends.argmax())
        if self.ends[last] <= NOTHING // 2:
            return NOTHING, []
        count = trace_sums(
            last,
            *common,
            self.setup_weights,
            order,
            self.took,
            self.entered,
            self.content,
        )
        return int(self.ends[last]), self.rows[self.content[:count]].tolist()


class SetPricer(Pricer):
    """For setups of sets, every set by itself."""

    def _prepare(self) -> None:
        instance, count = self.groups.instance, len(self.kinds)
        true = [
            sum(1 << self.kinds[k] for k in range(count) if m >> k & 1)
            for m in range(1 << count)
        ]
        self.set_weights = np.array(
            [self.rounded(instance.set_weights[m]) for m in true], np.int64
        )
        self.costs = np.array([instance.set_costs[m] for m in true], np.int64)
        self.members = np.array(
            [[m >> k & 1 for k in range(count)] for m in range(1 << count)], np.int64
        )
        width = int(self.capacity - min(0, self.set_weights.min())) + 1
        self.lines = np.empty((count + 1, width), np.int64)
        self.took = np.empty((len(self.rows), width), np.uint8)
        self.ends = np.empty(1 << count, np.int64)

    def best(
        self, prices: Array, class_prices: Array, order: Array, scale: int
    ) -> tuple[int, list[int]]:
        values, gains = (
            prices[self.rows],
            self.members @ class_prices - self.costs * scale,
        )
        common = self.starts, self.weights, values, self.set_weights
        price_sets(*common, gains, self.capacity, self.lines, self.took, self.ends)
        mask = int(self.ends.argmax())
        if self.ends[mask] <= NOTHING // 2:
            return NOTHING, []
        count = trace_sets(
            mask, *common, self.capacity, self.lines, self.took, self.content
        )
        return int(self.ends[mask]), self.rows[self.content[:count]].tolist()


def pricer_for(groups: Groups, cautious: bool = False, effort: int = COARSE) -> Pricer:
    """The pricer that fits the instance's setups. Raises ValueError for tables over too
    many classes.
    """
    if not groups.instance.tabled:
        return SumPricer(groups, cautious, effort)
    kinds = len(groups.instance.kinds)
    if kinds > MOST_SET_CLASSES:
        raise ValueError("there are too many classes to try every set")
    # The last class is added to half of all sets.
    return SetPricer(
        groups, cautious, max(min(effort, COARSE), effort * kinds >> kinds)
    )
