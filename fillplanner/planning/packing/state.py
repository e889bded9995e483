"""What annealing works on: an instance and a packing of it as arrays, and putting items
into bins and out of them. Compiled.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fillplanner.planning.kernels import part

MOST_RUINED = 4
Array = Any


class Rules(NamedTuple):
    """The instance as arrays; costs are in its unit.

    weights, classes: of each item.
    capacity, bin_cost: of every bin.
    setup_weights, setup_costs: of each class, where setups are sums.
    tabled: whether the tables of sets go before these sums.
    set_weights, set_costs: of each set of classes, by its bit mask.
    reward: what a full bin is worth beside its cost.
    """

    weights: Array
    classes: Array
    capacity: int
    bin_cost: int
    setup_weights: Array
    setup_costs: Array
    tabled: bool
    set_weights: Array
    set_costs: Array
    reward: float


class State(NamedTuple):
    """A packing.

    home: of each item its bin, -1 for none.
    load: of each bin the weight in it with setups.
    volume: of each bin the weight in it without them.
    setup: of each bin the cost of its setup.
    mask: of each bin its classes as bits, where setups are tables.
    counts: of each bin how many items of each class it holds.
    head, after: of each bin its first item, and of each item the next one in its bin;
    -1 at the end.
    """

    home: Array
    load: Array
    volume: Array
    setup: Array
    mask: Array
    counts: Array
    head: Array
    after: Array


class Draft(NamedTuple):
    """What one round has changed.

    moved, was: the items that were moved, and the bins they were in.
    touched: the bins whose content may be another now.
    stamp: of each bin the round that touched it last.
    ruined: the bins that were emptied.
    """

    moved: Array
    was: Array
    touched: Array
    stamp: Array
    ruined: Array


@part
def growth(b, k, rules, state):  # type: ignore[no-untyped-def]  # compiled
    """Weight and cost that a first item of class k adds to the setup of bin b.

    b: the bin.
    k: the class, which the bin does not hold.
    Returns both in the instance's own parts and units.
    """
    if rules.tabled:
        old = state.mask[b]
        new = old | (1 << k)
        weight = rules.set_weights[new] - rules.set_weights[old]
        cost = rules.set_costs[new] - rules.set_costs[old]
        return weight, cost
    return rules.setup_weights[k], rules.setup_costs[k]


@part
def enter(i, b, rules, state):  # type: ignore[no-untyped-def]  # compiled
    """Put item i into bin b; the chains stay as they are.

    i, b: the item, which is in no bin, and the bin.
    """
    k = rules.classes[i]
    if state.counts[b, k] == 0:
        weight, cost = growth(b, k, rules, state)
        state.load[b] += weight
        state.setup[b] += cost
        if rules.tabled:
            state.mask[b] |= 1 << k
    state.counts[b, k] += 1
    state.load[b] += rules.weights[i]
    state.volume[b] += rules.weights[i]
    state.home[i] = b


@part
def leave(i, rules, state):  # type: ignore[no-untyped-def]  # compiled
    """Take item i out of its bin; the chains stay as they are.

    i: the item, which is in no bin afterwards.
    """
    b = state.home[i]
    k = rules.classes[i]
    state.counts[b, k] -= 1
    state.load[b] -= rules.weights[i]
    state.volume[b] -= rules.weights[i]
    state.home[i] = -1
    if state.counts[b, k] == 0:
        if rules.tabled:
            state.mask[b] &= ~(1 << k)
        weight, cost = growth(b, k, rules, state)
        state.load[b] -= weight
        state.setup[b] -= cost


@part
def worth(b, reward, rules, state):  # type: ignore[no-untyped-def]  # compiled
    """What bin b costs, in units, less a reward for being full: uneven bins are on the
    way to fewer. Nothing where it is empty.

    b: the bin.
    reward: what a full bin is worth, in units of cost; 0 for the cost alone.
    """
    if not state.counts[b].any():
        return 0.0
    share = state.volume[b] / max(1, rules.capacity)
    return rules.bin_cost + state.setup[b] - reward * share * share


@part
def worths(bins, count, rules, state):  # type: ignore[no-untyped-def]  # compiled
    """The worth of the first `count` of these bins together, and their cost alone.

    bins: numbers of bins.
    count: how many of them are looked at.
    Returns both in units of cost.
    """
    total = cost = 0.0
    for p in range(count):
        total += worth(bins[p], rules.reward, rules, state)
        cost += worth(bins[p], 0.0, rules, state)
    return total, cost


@part
def take_over(last, b, state):  # type: ignore[no-untyped-def]  # compiled
    """Bin b, which is empty, becomes the last one, which becomes empty.

    last, b: numbers of the two bins.
    """
    if last != b:
        i = state.head[last]
        while i >= 0:
            state.home[i] = b
            i = state.after[i]
        state.head[b] = state.head[last]
        state.load[b] = state.load[last]
        state.volume[b] = state.volume[last]
        state.setup[b] = state.setup[last]
        state.mask[b] = state.mask[last]
        state.counts[b] = state.counts[last]
    state.head[last] = -1
    state.load[last] = 0
    state.volume[last] = 0
    state.setup[last] = 0
    state.mask[last] = 0
    state.counts[last] = 0


@part
def blank(size, room, kinds):  # type: ignore[no-untyped-def]  # compiled
    """A state of so many items, bins and classes, without items in any of its bins.

    size: how many items there are.
    room: how many bins there may be.
    kinds: how many classes there are.
    """
    return State(
        np.full(size, -1, np.int64),
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
        np.zeros((room, kinds), np.int32),
        np.full(room, -1, np.int64),
        np.full(size, -1, np.int64),
    )


@part
def packed(homes, room, rules):  # type: ignore[no-untyped-def]  # compiled
    """The state of a packing, with chains, that has room for so many bins.

    homes: the bin of each item.
    room: how many bins there may be.
    """
    size = len(homes)
    state = blank(size, room, len(rules.setup_weights))
    for i in range(size):
        enter(i, homes[i], rules, state)
        state.after[i] = state.head[homes[i]]
        state.head[homes[i]] = i
    return state


@part
def unchanged(size, most):  # type: ignore[no-untyped-def]  # compiled
    """A draft for so many items, and bins at most."""
    return Draft(
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(most + size + 1, np.int64),
        np.zeros(most + 1, np.int64),
        np.empty(MOST_RUINED, np.int64),
    )
