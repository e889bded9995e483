"""All patterns that a cheaper packing may need: those whose reduced cost leaves room
for it.

Only patterns that hold as much as they can of their classes: any packing can be
stretched to such ones at no cost, items in several bins at once being taken out of all
but one afterwards.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from fillplanner.planning.kernels import kernel, part, scaled
from fillplanner.planning.packing.master import SCALE, Master, Prices
from fillplanner.planning.packing.patterns import Pattern
from fillplanner.planning.packing.pricing import SetPricer, SumPricer

MOST_CELLS_IN_ALL = 20_000_000
MOST_STEPS = 300_000_000
STEPS_A_SECOND = 20_000_000
# How fast rows of counts become patterns and a program, at worst.
PATTERNS_A_SECOND = 10_000
# Rounding of a price may cost a pattern some whole prices: well under a unit of cost.
FORGIVEN = 1 << 10
Array = Any


def tail_values(
    capacity: int,
    class_of: Array,
    weights: Array,
    most: Array,
    values: Array,
    setup_weights: Array,
    setup_values: Array,
    tails: Array,
) -> None:
    """tails[g, o, w] becomes the most value that groups g and later can add within w; o
    says whether g's class is open. All else is as `walk` has it.
    """
    groups = len(weights)
    tails[groups] = 0
    for g in range(groups - 1, -1, -1):
        k = class_of[g]
        same = 1 if g + 1 < groups and class_of[g + 1] == k else 0
        for opened in range(2):
            row = tails[g, opened]
            row[:] = tails[g + 1, opened if same else 0]
            setup, gain = (0, 0) if opened else (int(setup_weights[k]), setup_values[k])
            after = tails[g + 1, same]
            item = int(weights[g]), values[g]
            raise_tail(row, after, item, int(most[g]), setup, gain)


def raise_tail(
    row: Array, after: Array, item: tuple[int, Any], most: int, setup: int, gain: Any
) -> None:
    """Raise row[w] to the best of what 1 to `most` equal items, of this weight and
    value, and the later groups are worth together.

    after: of each weight what the later groups are worth.
    setup, gain: weight and value of the class, where these items open it.
    """
    width = len(row)
    weight, value = item
    for m in range(1, most + 1):
        used = setup + m * weight
        if used >= width:
            break
        reached = after[: width - used] + (m * value + gain)
        np.maximum(row[used:], reached, out=row[used:])


@part
def maximal(  # type: ignore[no-untyped-def]  # compiled
    left, counts, class_of, weights, most, groups, opened
):
    """Whether no more of the open classes fits into what is left of the bin.

    left: what is left of the bin, in cells.
    counts: how many items of each group it holds.
    groups: how many groups there are.
    opened: how many items of each class it holds.
    """
    more = 0
    for g in range(groups):
        more += opened[class_of[g]] > 0 and counts[g] < most[g] and weights[g] <= left
    return more == 0


@part
def recorded(counts, patterns, number):  # type: ignore[no-untyped-def]  # compiled
    """Write a pattern down behind the `number` there are; how many there are then, -1
    where there is no room.

    counts: how many items of each group the pattern holds.
    patterns: a row for each.
    """
    if number == len(patterns):
        return np.int64(-1)
    patterns[number] = counts
    return number + 1


@kernel
def walk(  # type: ignore[no-untyped-def]  # compiled
    capacity,
    class_of,
    weights,
    most,
    values,
    setup_weights,
    setup_values,
    tails,
    least,
    patterns,
    steps,
):
    """Every maximal pattern worth at least `least`, as a row of counts in `patterns`: a
    depth-first search that goes on only where the tails are worth enough.

    capacity: of a bin, in cells.
    class_of, weights, most, values: of each group its class by place, its weight in
    cells, how many of it one bin may hold, and its value in whole prices.
    setup_weights, setup_values: of each class, in cells and whole prices.
    tails: as `tail_values` writes them.
    steps: how many the search may take.
    Returns how many patterns there are; -1 where they, or the steps, are too many.
    """
    groups = len(weights)
    g = number = step = 0
    counts = np.zeros(groups, np.int16)
    opened = np.zeros(len(setup_weights), np.int64)
    left = np.zeros(groups + 1, np.int64)
    value = np.zeros(groups + 1, np.int64)
    tried = np.full(groups + 1, -1, np.int64)
    left[0] = capacity
    while g >= 0:
        step += 1
        if step > steps:
            return -1
        if g == groups:
            if (
                opened.any()
                and value[g] >= least
                and maximal(left[g], counts, class_of, weights, most, groups, opened)
            ):
                number = recorded(counts, patterns, number)
                if number < 0:
                    return -1
            g -= 1
            continue
        k = class_of[g]
        # Take back what was tried last, then try one more.
        if counts[g]:
            opened[k] -= counts[g]
            counts[g] = 0
        m = tried[g] + 1
        fresh = opened[k] == 0
        used = m * weights[g] + (setup_weights[k] if fresh and m else 0)
        if m > most[g] or used > left[g]:
            tried[g] = -1
            g -= 1
            continue
        tried[g] = m
        worth = value[g] + m * values[g] + (setup_values[k] if fresh and m else 0)
        counts[g] = m
        opened[k] += m
        same = g + 1 < groups and class_of[g + 1] == k
        rest = tails[g + 1, 1 if same and opened[k] else 0, left[g] - used]
        if worth + rest >= least:
            left[g + 1] = left[g] - used
            value[g + 1] = worth
            tried[g + 1] = -1
            g += 1
    return number


def plain_tails(
    capacity: int, weights: Array, most: Array, values: Array, tails: Array
) -> None:
    """tails[g, w] becomes the most value that groups g and later can add within w,
    setups left out. All else is as `walk` has it.
    """
    groups = len(weights)
    tails[groups] = 0
    for g in range(groups - 1, -1, -1):
        after = tails[g + 1]
        tails[g] = after
        item = int(weights[g]), values[g]
        raise_tail(tails[g], after, item, int(most[g]), 0, 0)


@kernel
def walk_sets(  # type: ignore[no-untyped-def]  # compiled
    capacity,
    class_of,
    weights,
    most,
    values,
    set_weights,
    set_values,
    reach,
    tails,
    least,
    patterns,
    steps,
):
    """As `walk`, for setups of sets.

    set_weights, set_values: of each set of classes, in cells and whole prices.
    reach: of each set the greatest set value of it and all sets that contain it.
    tails: as `plain_tails` writes them.
    """
    groups = len(weights)
    number = 0
    step = 0
    counts = np.zeros(groups, np.int16)
    opened = np.zeros(64, np.int64)
    used = np.zeros(groups + 1, np.int64)
    value = np.zeros(groups + 1, np.int64)
    tried = np.full(groups + 1, -1, np.int64)
    mask = np.zeros(groups + 1, np.int64)
    g = 0
    while g >= 0:
        step += 1
        if step > steps:
            return -1
        if g == groups:
            left = capacity - used[g] - set_weights[mask[g]]
            whole = mask[g] and value[g] + set_values[mask[g]] >= least
            if whole and maximal(left, counts, class_of, weights, most, groups, opened):
                number = recorded(counts, patterns, number)
                if number < 0:
                    return -1
            g -= 1
            continue
        k = class_of[g]
        opened[k] -= counts[g]
        counts[g] = 0
        m = tried[g] + 1
        after = mask[g] | (1 << k) if m else mask[g]
        room = capacity - used[g] - m * weights[g] - set_weights[after]
        if m > most[g] or room < 0:
            tried[g] = -1
            g -= 1
            continue
        tried[g] = m
        counts[g] = m
        opened[k] += m
        worth = value[g] + m * values[g]
        if worth + tails[g + 1, room] + reach[after] >= least:
            used[g + 1] = used[g] + m * weights[g]
            value[g + 1] = worth
            mask[g + 1] = after
            tried[g + 1] = -1
            g += 1
    return number


@dataclass(frozen=True)
class PatternSearch:
    """Which patterns are looked for: worth at least `least` whole prices, at most
    `limit` of them, in so many steps of the search.
    """

    least: int
    limit: int
    steps: int

    def table(self, groups: int) -> Array:
        """Room for the counts of so many groups in each of the patterns."""
        return np.zeros((self.limit, groups), np.int16)


def worthwhile(
    master: Master, slack: float, limit: int, seconds: float = math.inf
) -> list[Pattern] | None:
    """The legal maximal patterns whose reduced cost, at the master's present prices, is
    at most `slack`.

    slack: in units of cost.
    limit: how many patterns there may be.
    seconds: about how long the search may take.
    None where there are more, where weights are rounded, where the table would be too
    large, or where it would take longer.
    """
    late = time.monotonic() + seconds
    groups = master.groups
    if not listable(master):
        return None
    prices = master.duals()
    bin_cost = groups.instance.bin_cost * SCALE
    search = PatternSearch(
        least=bin_cost - prices.bins - int(slack * SCALE) - FORGIVEN,
        limit=limit,
        steps=scaled(int(min(MOST_STEPS, STEPS_A_SECOND * seconds))),
    )
    counts = counts_of(master, prices, search)
    if counts is None or len(counts) > PATTERNS_A_SECOND * (late - time.monotonic()):
        return None
    return [groups.pattern_of_counts(row) for row in counts]


def listable(master: Master) -> bool:
    """Whether weights are exact and the table of tails is not too large."""
    pricer = master.pricer
    cells = (len(master.groups) + 1) * 2 * (pricer.capacity + 1)
    return pricer.exact and cells <= MOST_CELLS_IN_ALL


def counts_of(master: Master, prices: Prices, search: PatternSearch) -> Array | None:
    """The patterns as rows of counts; None where they, or the steps, are too many.

    master: the program, whose pricer and groups are used.
    prices: what groups, classes and bins are worth.
    search: which patterns are looked for.
    """
    pricer = master.pricer
    if isinstance(pricer, SetPricer):
        return _sets(master, pricer, prices, search)
    if isinstance(pricer, SumPricer):
        return _sums(master, pricer, prices, search)
    return None


def _rows(master: Master) -> tuple[Array, Array, Array]:
    """Of each group its class by place, its weight, and how many of it one bin may hold."""
    groups = master.groups
    pricer = master.pricer
    place = {kind: k for k, kind in enumerate(pricer.kinds)}
    classes = [place[kind] for kind in groups.class_of]
    weights = [pricer.rounded(weight) for weight in groups.weight_of]
    most = [pricer.copies(g) for g in range(len(groups))]
    return np.array(classes), np.array(weights), np.array(most)


def _sums(
    master: Master, pricer: SumPricer, prices: Prices, search: PatternSearch
) -> Array | None:
    """The patterns where setups are sums, as rows of counts."""
    groups = len(master.groups)
    values = prices.kinds - pricer.costs * SCALE
    common = pricer.capacity, *_rows(master), prices.items, pricer.setup_weights, values
    tails = np.zeros((groups + 1, 2, pricer.capacity + 1), np.int64)
    tail_values(*common, tails)
    table = search.table(groups)
    number = int(walk(*common, tails, search.least, table, search.steps))
    return None if number < 0 else table[:number]


def _sets(
    master: Master, pricer: SetPricer, prices: Prices, search: PatternSearch
) -> Array | None:
    """The patterns where setups are those of sets, as rows of counts."""
    groups = len(master.groups)
    class_of, weights, most = _rows(master)
    width = len(pricer.lines[0])
    tails = np.zeros((groups + 1, width), np.int64)
    plain_tails(width - 1, weights, most, prices.items, tails)
    values = pricer.members @ prices.kinds - pricer.costs * SCALE
    table = search.table(groups)
    number = walk_sets(
        pricer.capacity,
        class_of,
        weights,
        most,
        prices.items,
        pricer.set_weights,
        values,
        reached(values, len(pricer.kinds)),
        tails,
        search.least,
        table,
        search.steps,
    )
    return None if number < 0 else table[: int(number)]


def reached(values: Array, kinds: int) -> Array:
    """Of each set of classes the greatest value of it and all sets that contain it."""
    reach = values.copy()
    for k in range(kinds):
        for mask in range(len(reach)):
            if not mask >> k & 1:
                with_k = mask | 1 << k
                reach[mask] = max(reach[mask], reach[with_k])
    return reach
