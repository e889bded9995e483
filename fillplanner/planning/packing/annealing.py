"""Ruin and recreate by simulated annealing: empty a few bins, put their items back by
best fit, keep or undo.

The loop is compiled; `annealer.Annealer` is its door.
"""

from __future__ import annotations

import math

import numpy as np

from fillplanner.planning.chance import draw
from fillplanner.planning.kernels import kernel, part, with_stand_in
from fillplanner.planning.packing.state import (
    MOST_RUINED,
    Array,
    Rules,
    State,
    blank,
    enter,
    growth,
    leave,
    packed,
    take_over,
    unchanged,
    worth,
    worths,
)

SPARE_BINS = 8
SKIPPED = 0.03
FAR = 1 << 60


def best_of_row(i: int, bins: int, skipped: float, rules: Rules, state: State) -> int:
    """As `best_bin`, all bins at once.

    i: the item.
    bins: how many bins there are.
    skipped: the share of better bins that are passed over by chance, 0 to 1.
    """
    weight, cost = growth_of_row(rules.classes[i], bins, rules, state)
    load = state.load[:bins]
    slack = rules.capacity - load - rules.weights[i] - weight
    used = (state.volume[:bins] != 0) | (load != 0) | (state.setup[:bins] != 0)
    fitting = np.flatnonzero((slack >= 0) & used)
    waste = slack[fitting] + 2 * weight[fitting]
    prices = zip(cost[fitting].tolist(), waste.tolist(), strict=True)
    chosen = -1
    least = FAR, FAR
    for b, price in zip(fitting.tolist(), prices, strict=True):
        if price < least and not (skipped > 0 and np.random.random() < skipped):
            chosen = b
            least = price
    return chosen


def growth_of_row(k: int, bins: int, rules: Rules, state: State) -> tuple[Array, Array]:
    """Weight and cost that an item of class k adds to the setup of each of the bins."""
    if rules.tabled:
        old = state.mask[:bins]
        new = old | (1 << k)
        weight = rules.set_weights[new] - rules.set_weights[old]
        cost = rules.set_costs[new] - rules.set_costs[old]
        return weight, cost
    absent = state.counts[:bins, k] == 0
    return absent * rules.setup_weights[k], absent * rules.setup_costs[k]


@with_stand_in(best_of_row, door=False)
def best_bin(i, bins, skipped, rules, state):  # type: ignore[no-untyped-def]  # compiled
    """The bin that the item costs least, the fullest of equal ones; -1 where it fits
    into none, or a bin of its own costs less.

    i: the item.
    bins: how many bins there are; empty ones are not looked at.
    skipped: the share of better bins that are passed over by chance, 0 to 1.
    """
    k = rules.classes[i]
    chosen = -1
    least = FAR
    least_waste = FAR
    for b in range(bins):
        weight = 0
        cost = 0
        if state.counts[b, k] == 0:
            weight, cost = growth(b, k, rules, state)
        slack = rules.capacity - state.load[b] - rules.weights[i] - weight
        if slack < 0 or (
            state.volume[b] == 0 and state.load[b] == 0 and state.setup[b] == 0
        ):
            continue
        # Where setups cost nothing, one more still wastes room.
        waste = slack + 2 * weight
        if cost < least or (cost == least and waste < least_waste):
            if skipped > 0 and np.random.random() < skipped:
                continue
            chosen = b
            least = cost
            least_waste = waste
    return chosen


@part
def choose(bins, draft, state):  # type: ignore[no-untyped-def]  # compiled
    """Which of so many bins to ruin, rather emptier ones than fuller, into
    `draft.ruined`; how many.

    bins: how many bins there are.
    draft: `ruined` becomes the chosen ones, all different.
    """
    most = min(bins, 1 + draw(MOST_RUINED))
    picked = 0
    while picked < most:
        b = draw(bins)
        if np.random.random() < 0.5:
            other = draw(bins)
            if state.volume[other] < state.volume[b]:
                b = other
        fresh = True
        for p in range(picked):
            fresh = fresh and draft.ruined[p] != b
        if fresh:
            draft.ruined[picked] = b
            picked += 1
        elif np.random.random() < 0.2:
            break
    return picked


@part
def ruin(turn, picked, rules, state, draft):  # type: ignore[no-untyped-def]  # compiled
    """Empty the first `picked` of the chosen bins in this turn; how many items wait.

    turn: the number of the round, which marks the bins.
    picked: how many of `draft.ruined` are emptied.
    draft: becomes the items that wait and the bins they were in.
    """
    count = 0
    for p in range(picked):
        b = draft.ruined[p]
        draft.stamp[b] = turn
        draft.touched[p] = b
        i = state.head[b]
        while i >= 0:
            draft.moved[count] = i
            draft.was[count] = b
            count += 1
            i = state.after[i]
    for j in range(count):
        leave(draft.moved[j], rules, state)
    return count


@part
def queue(count, rules, draft):  # type: ignore[no-untyped-def]  # compiled
    """An order for the waiting items, as places in `draft.moved`: classes together or
    apart, heavy ones first, with some disorder.

    count: how many items wait.
    """
    keys = np.empty(count)
    spread = (0.0, 0.1, 0.4, 2.0)[draw(4)]
    together = np.random.random() < 0.6
    turn = draw(101)
    for j in range(count):
        i = draft.moved[j]
        disorder = spread * (np.random.random() - 0.5)
        keys[j] = -rules.weights[i] * (1.0 + disorder)
        if together:
            shuffled_class = (rules.classes[i] * 7919 + turn) % 101
            keys[j] -= rules.capacity * 2.0 * shuffled_class
    return np.argsort(keys, kind="mergesort")


@part
def empty_bin(picked, bins, draft, state):  # type: ignore[no-untyped-def]  # compiled
    """One of the ruined bins that is still empty, else the next after the last.

    picked: how many bins were ruined.
    bins: how many bins there are.
    """
    for p in range(picked):
        if not state.counts[draft.ruined[p]].any():
            return draft.ruined[p]
    return bins


@part
def undo(count, rules, state, draft):  # type: ignore[no-untyped-def]  # compiled
    """Put the moved items back where they were.

    count: how many items were moved.
    """
    for j in range(count):
        if state.home[draft.moved[j]] >= 0:
            leave(draft.moved[j], rules, state)
    for j in range(count):
        enter(draft.moved[j], draft.was[j], rules, state)


@part
def keep(count, picked, bins, state, draft):  # type: ignore[no-untyped-def]  # compiled
    """Chain the moved items anew and close up empty bins; how many bins there are.

    count: how many items were moved.
    picked: how many bins were ruined.
    bins: how many bins there are, empty ones included.
    """
    for p in range(picked):
        state.head[draft.ruined[p]] = -1
    for j in range(count):
        i = draft.moved[j]
        home = state.home[i]
        state.after[i] = state.head[home]
        state.head[home] = i
    b = np.int64(0)
    while b < bins:
        if state.head[b] < 0:
            bins -= 1
            take_over(bins, b, state)
        else:
            b += 1
    return bins


@part
def round_of(turn, bins, most, rules, state, draft):  # type: ignore[no-untyped-def]  # compiled
    """Ruin and recreate once (Schrimpf, Schneider, Stamm-Wilbrandt and Dueck, Journal
    of Computational Physics 159, 2000).

    turn: the number of the round, which marks the bins that it touches.
    bins, most: how many bins there are, and may be.
    Returns items moved, bins ruined, bins now, and by how much the worth and the cost
    have grown, in units; the worth is infinite where there was no room.
    """
    picked = choose(bins, draft, state)
    old, old_cost = worths(draft.ruined, picked, rules, state)
    count = ruin(turn, picked, rules, state, draft)
    touches = picked
    grown = bins
    for j in queue(count, rules, draft):
        i = draft.moved[j]
        b = best_bin(i, grown, SKIPPED, rules, state)
        if b < 0:
            b = empty_bin(picked, grown, draft, state)
            if b >= most:
                return count, picked, grown, math.inf, 0.0
            grown = max(grown, b + 1)
        if draft.stamp[b] != turn:
            draft.stamp[b] = turn
            draft.touched[touches] = b
            touches += 1
            old += worth(b, rules.reward, rules, state)
            old_cost += worth(b, 0.0, rules, state)
        enter(i, b, rules, state)
    new, new_cost = worths(draft.touched, touches, rules, state)
    return count, picked, grown, new - old, new_cost - old_cost


@kernel
def anneal(  # type: ignore[no-untyped-def]  # compiled
    seed, rounds, homes, bins, best, best_bins, behind, hot, cold, rules
):
    """Go on from a packing for so many rounds (simulated annealing after Kirkpatrick,
    Gelatt and Vecchi, Science 220, 1983, cooling by the same factor each round).

    seed: of the random numbers.
    homes: the bin of each item; where the packing is at the end is left there.
    bins: how many bins the packing has.
    best, best_bins: as `homes` and `bins`, of the best packing met, which is kept.
    behind: by how much cost, in units, the packing is behind the best.
    hot, cold: temperatures at the beginning and the end, in units of cost.
    Returns bins now, bins of the best, and how far behind the packing is now.
    """
    np.random.seed(seed)
    size = len(homes)
    most = min(size, bins + SPARE_BINS)
    state = packed(homes, most + 1, rules)
    draft = unchanged(size, most)
    for turn in range(1, rounds + 1):
        heat = hot * (cold / hot) ** (turn / rounds)
        count, picked, grown, worse, dearer = round_of(
            turn, bins, most, rules, state, draft
        )
        if worse > -heat * math.log(1.0 - np.random.random()):
            undo(count, rules, state, draft)
            continue
        bins = keep(count, picked, grown, state, draft)
        behind += dearer
        if behind < -1e-6:
            behind = 0.0
            best_bins = bins
            best[:] = state.home
    homes[:] = state.home
    return bins, best_bins, behind


@kernel
def best_fit(order, rules):  # type: ignore[no-untyped-def]  # compiled
    """Put the items in this order into the best bin each. Returns their bins."""
    size = len(order)
    state = blank(size, size + 1, len(rules.setup_weights))
    bins = np.int64(0)
    for i in order:
        b = best_bin(i, bins, 0.0, rules, state)
        if b < 0:
            b = bins
            bins += 1
        enter(i, b, rules, state)
    return state.home
