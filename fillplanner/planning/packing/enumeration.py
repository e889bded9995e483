"""All patterns that a cheaper packing may need: those whose reduced cost leaves room
for it.

Only patterns that hold as much as they can of their classes: any packing can be
stretched to such ones at no cost, items in several bins at once being taken out of all
but one afterwards.
"""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from fillplanner.planning.kernels import kernel, part, scaled
from fillplanner.planning.packing.master import SCALE, Master, Prices
from fillplanner.planning.packing.patterns import Pattern
from fillplanner.planning.packing.pricing import SetPricer, SumPricer

MOST_CELLS_IN_ALL, MOST_STEPS, STEPS_A_SECOND = 20_000_000, 300_000_000, 20_000_000
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
    """tails[g, o, w]: the most value that groups g and later can add within w; o says
    whether g's class is open.
    """
    groups, width = len(weights), capacity + 1
    tails[groups] = 0
    for g in range(groups - 1, -1, -1):
        k, weight = class_of[g], int(weights[g])
        same = 1 if g + 1 < groups and class_of[g + 1] == k else 0
        for opened in range(2):
            row = tails[g, opened]
            row[:] = tails[g + 1, opened if same else 0]
            setup, gain = (0, 0) if opened else (int(setup_weights[k]), setup_values[k])
            for m in range(1, most[g] + 1):
                used = setup + m * weight
                if used > capacity:
                    break
                reached = tails[g + 1, same, : width - used] + (m * values[g] + gain)
                np.maximum(row[used:], reached, out=row[used:])


@part
def maximal(left, counts, class_of, weights, most, groups, opened):  # type: ignore[no-untyped-def]  # compiled
    """Whether no more of the open classes fits."""
    more = 0
    for g in range(groups):
        more += opened[class_of[g]] > 0 and counts[g] < most[g] and weights[g] <= left
    return more == 0


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
    found,
    steps,
):
    """Every maximal pattern worth at least `least`, as a row of counts in `found`.
    Returns how many; -1 where they, or the steps to find them, are too many.
    """
    groups, number, taken = len(weights), 0, 0
    counts = np.zeros(groups, np.int16)
    opened = np.zeros(len(setup_weights), np.int64)
    left = np.zeros(groups + 1, np.int64)
    value = np.zeros(groups + 1, np.int64)
    tried = np.full(groups + 1, -1, np.int64)
    left[0] = capacity
    g = 0
    while g >= 0:
        taken += 1
        if taken > steps:
            return -1
        if g == groups:
            if (
                opened.any()
                and value[g] >= least
                and maximal(left[g], counts, class_of, weights, most, groups, opened)
            ):
                if number == len(found):
                    return -1
                found[number] = counts
                number += 1
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
            left[g + 1], value[g + 1] = left[g] - used, worth
            tried[g + 1] = -1
            g += 1
    return number


def plain_tails(
    capacity: int, weights: Array, most: Array, values: Array, tails: Array
) -> None:
    """tails[g, w]: the most value that groups g and later can add within w, setups left out."""
    groups, width = len(weights), capacity + 1
    tails[groups] = 0
    for g in range(groups - 1, -1, -1):
        tails[g] = tails[g + 1]
        for m in range(1, most[g] + 1):
            used = m * int(weights[g])
            if used > capacity:
                break
            reached = tails[g + 1, : width - used] + m * values[g]
            np.maximum(tails[g, used:], reached, out=tails[g, used:])


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
    found,
    steps,
):
    """As `walk`, for setups of sets: `reach[m]` is the greatest set value of m and all
    sets that contain it.
    """
    groups, number, taken = len(weights), 0, 0
    counts = np.zeros(groups, np.int16)
    opened = np.zeros(64, np.int64)
    used, value = np.zeros(groups + 1, np.int64), np.zeros(groups + 1, np.int64)
    tried, mask = np.full(groups + 1, -1, np.int64), np.zeros(groups + 1, np.int64)
    g = 0
    while g >= 0:
        taken += 1
        if taken > steps:
            return -1
        if g == groups:
            left = capacity - used[g] - set_weights[mask[g]]
            whole = mask[g] and value[g] + set_values[mask[g]] >= least
            if whole and maximal(left, counts, class_of, weights, most, groups, opened):
                if number == len(found):
                    return -1
                found[number] = counts
                number += 1
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


def worthwhile(
    master: Master, slack: float, limit: int, seconds: float = math.inf
) -> list[Pattern] | None:
    """The legal maximal patterns whose reduced cost, at the master's present prices, is
    at most `slack`.

    None where there are more than `limit`, where weights are rounded, where the table
    would be too large, or where finding them would take longer than about so many
    seconds.
    """
    pricer, groups, late = master.pricer, master.groups, time.monotonic() + seconds
    if (
        not pricer.exact
        or (len(groups) + 1) * 2 * (pricer.capacity + 1) > MOST_CELLS_IN_ALL
    ):
        return None
    prices = master.duals()
    least = (
        groups.instance.bin_cost * SCALE - prices.bins - int(slack * SCALE) - FORGIVEN
    )
    found = np.zeros((limit, len(groups)), np.int16)
    steps = scaled(int(min(MOST_STEPS, STEPS_A_SECOND * seconds)))
    if isinstance(pricer, SetPricer):
        number = _sets(master, pricer, prices, least, found, steps)
    elif isinstance(pricer, SumPricer):
        number = _sums(master, pricer, prices, least, found, steps)
    else:
        return None
    if number < 0 or number > PATTERNS_A_SECOND * (late - time.monotonic()):
        return None
    return [groups.pattern_of_counts(row) for row in found[:number]]


def _rows(master: Master) -> tuple[Array, Array, Array]:
    """Of each group its class by place, its weight, and how many of it one bin may hold."""
    groups, pricer = master.groups, master.pricer
    place = {kind: k for k, kind in enumerate(pricer.kinds)}
    most = [pricer.copies(g) for g in range(len(groups))]
    weights = [pricer.rounded(weight) for weight in groups.weight_of]
    return (
        np.array([place[kind] for kind in groups.class_of]),
        np.array(weights),
        np.array(most),
    )


def _sums(
    master: Master,
    pricer: SumPricer,
    prices: Prices,
    least: int,
    found: Array,
    steps: int,
) -> int:
    values = prices.kinds - pricer.costs * SCALE
    common = pricer.capacity, *_rows(master), prices.items, pricer.setup_weights, values
    tails = np.zeros((len(master.groups) + 1, 2, pricer.capacity + 1), np.int64)
    tail_values(*common, tails)
    return int(walk(*common, tails, least, found, steps))


def _sets(
    master: Master,
    pricer: SetPricer,
    prices: Prices,
    least: int,
    found: Array,
    steps: int,
) -> int:
    class_of, weights, most = _rows(master)
    values = pricer.members @ prices.kinds - pricer.costs * SCALE
    width = len(pricer.lines[0])
    tails = np.zeros((len(master.groups) + 1, width), np.int64)
    plain_tails(width - 1, weights, most, prices.items, tails)
    reach = values.copy()
    for k in range(len(pricer.kinds)):
        for m in range(len(reach)):
            if not m >> k & 1:
                reach[m] = max(reach[m], reach[m | 1 << k])
    return int(
        walk_sets(
            pricer.capacity,
            class_of,
            weights,
            most,
            prices.items,
            pricer.set_weights,
            values,
            reach,
            tails,
            least,
            found,
            steps,
        )
    )
