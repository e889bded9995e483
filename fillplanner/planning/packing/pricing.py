"""The knapsack with class setups that finds the most valuable content of one bin, by
dynamic programming.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Any

import numpy as np

from fillplanner.planning.kernels import kernel, part, with_stand_in
from fillplanner.planning.packing.patterns import Groups

NOTHING = -(1 << 60)
# Longest rows of the dynamic program: a greater capacity is rounded to a grid, finer
# for few items, of so many cells times items.
MOST_CELLS = 20_000
FEWEST_CELLS = 3_000
COARSE = 4_000_000
FINE = 20_000_000
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
        weight = int(weights[i])
        value = values[i]
        if traced:
            took[i, :] = 0
        if weight >= width or (value <= 0 and i > first):
            continue
        again = filled[: width - weight]
        alone = empty[: width - weight]
        reached = np.maximum(again, alone) + value
        if traced:
            step = np.where(again >= alone, 1, 2)
            better = reached > filled[weight:]
            took[i, weight:] = np.where(better, step, 0)
        np.maximum(filled[weight:], reached, out=filled[weight:])


@with_stand_in(add_items_by_row, door=False)
def add_items(  # type: ignore[no-untyped-def]  # compiled
    first, last, weights, values, empty, filled, took, traced
):
    """filled[w] becomes the most value of items first .. last - 1, at least one of
    them, on top of empty[...].

    first, last: the items, which are those of one class.
    weights, values: of all items, in cells and whole prices.
    empty, filled: of each weight the most value before and with these items.
    took: of each item and weight 0 where the item is not taken last there, 1 where
    others of the class are below it, 2 where none is.
    traced: whether `took` is to be written.
    """
    width = len(filled)
    filled[:] = NOTHING
    for i in range(first, last):
        weight = weights[i]
        value = values[i]
        if traced:
            took[i, :] = 0
        # The lightest item stands for a class even when it is worth nothing.
        if value <= 0 and i > first:
            continue
        for w in range(width - 1, weight - 1, -1):
            again = filled[w - weight]
            alone = empty[w - weight]
            better = again if again >= alone else alone
            if better + value > filled[w]:
                filled[w] = better + value
                if traced:
                    took[i, w] = 1 if again >= alone else 2


@part
def trace_items(  # type: ignore[no-untyped-def]  # compiled
    first, last, w, weights, took, content, count
):
    """Follow `took` back from weight w through items last - 1 .. first.

    content, count: the items of the bin so far, and how many they are.
    Returns how many items `content` holds then, and what is left of w.
    """
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
        first = int(starts[k])
        last = int(starts[k + 1])
        add_items_by_row(first, last, weights, values, empty, filled, took, True)
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
    """Setups that are sums: the knapsack with setups, class by class (after Chebil and
    Khemakhem, Computers & Operations Research 64, 2015).

    starts: where the items of each class begin, and where the last ones end.
    weights, values: of the items, in cells and whole prices.
    setup_weights, setup_values: of the classes, likewise.
    order: the classes in the order in which they are looked at.
    rows: three rows to work in, a place for each weight up to the capacity.
    took: as `add_items` writes it.
    entered: becomes, of each class and weight, whether a bin is better with the class.
    ends: becomes, of each class, the most value of a bin in which it is the last one.
    """
    best = rows[0]
    empty = rows[1]
    filled = rows[2]
    capacity = len(best) - 1
    best[:] = 0
    for k in order:
        setup = setup_weights[k]
        gain = setup_values[k]
        for w in range(capacity + 1):
            empty[w] = best[w - setup] + gain if w >= setup else NOTHING
        add_items(starts[k], starts[k + 1], weights, values, empty, filled, took, True)
        ends[k] = filled[capacity]
        for w in range(capacity + 1):
            entered[k, w] = filled[w] > best[w]
            best[w] = max(best[w], filled[w])


@kernel
def trace_sums(  # type: ignore[no-untyped-def]  # compiled
    last, starts, weights, setup_weights, order, took, entered, content
):
    """The items of the best bin whose last class is `last`, into `content`; how many
    they are. All else is as `price_sums` has it.
    """
    w = entered.shape[1] - 1
    count = np.int64(0)
    begun = False
    for place in range(len(order) - 1, -1, -1):
        k = order[place]
        begun = begun or k == last
        if begun and (k == last or entered[k, w]):
            first = starts[k]
            end = starts[k + 1]
            count, w = trace_items(first, end, w, weights, took, content, count)
            w -= setup_weights[k]
    return count


@kernel
def price_sets(  # type: ignore[no-untyped-def]  # compiled
    starts, weights, values, set_weights, set_values, capacity, rows, took, ends
):
    """Setups of sets: ends[m] becomes the most value of a bin with exactly the classes
    whose bits are set in m.

    starts, weights, values, took: as `price_sums` has them.
    set_weights, set_values: of each set of classes, in cells and whole prices.
    capacity: of a bin, in cells.
    rows: a row to work in for each number of classes, none included.
    """
    kinds = len(starts) - 1
    ends[0] = NOTHING
    rows[0] = 0
    # Sets in the order in which each follows the one without its highest class:
    # rows[depth] belongs to a prefix.
    chosen = np.empty(kinds + 1, np.int64)
    depth = 0
    k = 0
    mask = 0
    while True:
        if k < kinds:
            below = rows[depth]
            row = rows[depth + 1]
            first = starts[k]
            last = starts[k + 1]
            add_items(first, last, weights, values, below, row, took, False)
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
    """The items of the best bin with exactly the classes of `mask`, into `content`; how
    many they are. All else is as `price_sets` has it.
    """
    kinds = len(starts) - 1
    depth = 0
    for k in range(kinds):
        if mask >> k & 1:
            below = rows[depth]
            row = rows[depth + 1]
            first = starts[k]
            last = starts[k + 1]
            add_items(first, last, weights, values, below, row, took, True)
            depth += 1
    w = capacity - set_weights[mask]
    count = np.int64(0)
    for k in range(kinds - 1, -1, -1):
        if mask >> k & 1:
            first = starts[k]
            last = starts[k + 1]
            count, w = trace_items(first, last, w, weights, took, content, count)
    return count


class Pricer:
    """Finds the bin content of greatest value under prices of items and classes: exact,
    on whole numbers.

    Where the capacity is long, weights are rounded down to a grid: the value found is
    then at least the true one, so that bounds hold, and the content may be a little too
    heavy. When `cautious` they are rounded up: no bound, but all contents fit.

    groups: the items, taken together where they are equal.
    effort: about how many cells times items the dynamic program may have.
    """

    def __init__(
        self, groups: Groups, cautious: bool = False, effort: int = COARSE
    ) -> None:
        self.groups = groups
        self.cautious = cautious
        instance = groups.instance
        self.kinds = instance.kinds
        copies = [self.copies(g) for g in range(len(groups))]
        self._choose_grid(sum(copies), effort)
        # Setups of sets may weigh less than nothing.
        lightest = min(instance.set_weights[1:] or instance.setup_weights)
        self.most_held = instance.capacity - lightest
        self._list_items(copies)
        self._prepare()

    def _list_items(self, copies: Sequence[int]) -> None:
        """The items that one bin may hold, by class and group: of each its group (`rows`)
        and its weight in cells, and where those of each class begin and the last ones
        end (`starts`).

        copies: how many of each group there are.
        """
        weights = [self.rounded_item(weight) for weight in self.groups.weight_of]
        classes = np.repeat(self.groups.class_of, copies)
        self.rows = np.repeat(np.arange(len(copies)), copies)
        self.weights = np.repeat(np.array(weights, np.int64), copies)
        starts = np.searchsorted(classes, self.kinds)
        self.starts = np.append(starts, len(classes)).astype(np.int64)
        self.content = np.empty(len(classes), np.int64)

    def _choose_grid(self, items: int, effort: int) -> None:
        """Cells of `denominator / numerator`: exact, or where that are too many, as
        many as the effort allows.
        """
        instance = self.groups.instance
        cells = min(MOST_CELLS, max(FEWEST_CELLS, effort // max(1, items)))
        own_setups = [instance.setup_weights[kind] for kind in self.kinds]
        setups = instance.set_weights or own_setups
        self.numerator = 1
        self.denominator = gcd(*self.groups.weight_of, *setups) or 1
        self.exact = instance.capacity // self.denominator <= cells
        if not self.exact:
            self.numerator = cells
            self.denominator = instance.capacity
        self.capacity = instance.capacity * self.numerator // self.denominator

    def copies(self, g: int) -> int:
        """How many items of a group one bin may hold."""
        groups = self.groups
        demand = groups.demand[g]
        weight = groups.weight_of[g]
        if not weight:
            return demand
        room = groups.instance.room(groups.class_of[g])
        return min(demand, max(1, room // weight))

    def rounded(self, weight: int) -> int:
        """A weight in cells; exact, or rounded down, or when cautious up."""
        if self.cautious:
            return self.rounded_up(weight)
        return weight * self.numerator // self.denominator

    def rounded_up(self, weight: int) -> int:
        """The least whole number of cells that a weight fits into."""
        return -(-weight * self.numerator // self.denominator)

    def rounded_item(self, weight: int) -> int:
        """As `rounded`, but what no bin holds two of is rounded up in any case: all
        else in its bin, rounded down, is no more than the rest of the bin rounded down.
        """
        if 2 * weight > self.most_held:
            return self.rounded_up(weight)
        return self.rounded(weight)

    def _prepare(self) -> None:
        """The arrays of the dynamic program, made once."""
        raise NotImplementedError

    def best(
        self, prices: Array, class_prices: Array, order: Array, scale: int
    ) -> tuple[int, list[int]]:
        """Value, less the setup's cost, and groups of the best bin; no groups where
        nothing fits.

        prices: of each group, whole numbers.
        class_prices: of each class by its place in `kinds`, likewise.
        order: a permutation of the classes, to find different bins of one value.
        scale: how many whole prices are a unit of cost.
        """
        raise NotImplementedError

    def _groups(self, count: int) -> list[int]:
        """The groups of the first items of `content`."""
        groups: list[int] = self.rows[self.content[:count]].tolist()
        return groups


class SumPricer(Pricer):
    """For setups that are sums over classes."""

    def _prepare(self) -> None:
        instance = self.groups.instance
        weights = [self.rounded(instance.setup_weights[k]) for k in self.kinds]
        costs = [instance.setup_costs[k] for k in self.kinds]
        width = self.capacity + 1
        self.setup_weights = np.array(weights, np.int64)
        self.costs = np.array(costs, np.int64)
        self.lines = np.empty((3, width), np.int64)
        self.took = np.empty((len(self.rows), width), np.uint8)
        self.entered = np.empty((len(self.kinds), width), np.bool_)
        self.ends = np.empty(len(self.kinds), np.int64)

    def best(
        self, prices: Array, class_prices: Array, order: Array, scale: int
    ) -> tuple[int, list[int]]:
        """One pass over all classes, one trace back: see `price_sums`."""
        price_sums(
            self.starts,
            self.weights,
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
            self.starts,
            self.weights,
            self.setup_weights,
            order,
            self.took,
            self.entered,
            self.content,
        )
        return int(self.ends[last]), self._groups(count)


class SetPricer(Pricer):
    """For setups of sets, every set by itself."""

    def _prepare(self) -> None:
        instance = self.groups.instance
        count = len(self.kinds)
        masks = np.arange(1 << count)
        # Of each set (rows) which classes are in it (columns), 1 or 0.
        self.members = masks[:, None] >> np.arange(count) & 1
        # Of each set its number in the instance, whose classes need not all occur.
        numbers = (self.members @ (1 << np.array(self.kinds))).tolist()
        weights = [self.rounded(instance.set_weights[number]) for number in numbers]
        costs = [instance.set_costs[number] for number in numbers]
        self.set_weights = np.array(weights, np.int64)
        self.costs = np.array(costs, np.int64)
        width = int(self.capacity - min(0, self.set_weights.min())) + 1
        self.lines = np.empty((count + 1, width), np.int64)
        self.took = np.empty((len(self.rows), width), np.uint8)
        self.ends = np.empty(1 << count, np.int64)

    def best(
        self, prices: Array, class_prices: Array, order: Array, scale: int
    ) -> tuple[int, list[int]]:
        """Every set of classes once, one trace back: see `price_sets`."""
        values = prices[self.rows]
        price_sets(
            self.starts,
            self.weights,
            values,
            self.set_weights,
            self.members @ class_prices - self.costs * scale,
            self.capacity,
            self.lines,
            self.took,
            self.ends,
        )
        mask = int(self.ends.argmax())
        if self.ends[mask] <= NOTHING // 2:
            return NOTHING, []
        count = trace_sets(
            mask,
            self.starts,
            self.weights,
            values,
            self.set_weights,
            self.capacity,
            self.lines,
            self.took,
            self.content,
        )
        return int(self.ends[mask]), self._groups(count)


def pricer_for(groups: Groups, cautious: bool = False, effort: int = COARSE) -> Pricer:
    """The pricer that fits the instance's setups; all else is as `Pricer` has it.
    Raises ValueError for tables over too many classes.
    """
    if not groups.instance.tabled:
        return SumPricer(groups, cautious, effort)
    kinds = len(groups.instance.kinds)
    if kinds > MOST_SET_CLASSES:
        raise ValueError("there are too many classes to try every set")
    # The last class is added to half of all sets.
    effort_for_sets = effort * kinds >> kinds
    return SetPricer(groups, cautious, max(min(effort, COARSE), effort_for_sets))
