"""Ruin and recreate by simulated annealing: empty a few bins, put their items back by
best fit, keep or undo.

The inner loop is compiled; `Annealer` is its door.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fillplanner.planning.chance import SEEDS, draw
from fillplanner.planning.kernels import kernel, part, scaled, with_stand_in
from fillplanner.planning.packing.instance import Instance, Packing

HOT, COLD = 0.3, 0.01
MOST_RUINED = 4
SPARE_BINS = 8
MOST_SLICE, MOST_SLICE_ITEMS = 50_000, 5_000_000
SKIPPED = 0.03
FEWEST_PLAIN_ROUNDS = 20
FAR = 1 << 60
Array = Any


class Rules(NamedTuple):
    """The instance as arrays; costs in units. `tabled` says whether the tables of sets count."""

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
    """A packing: each item's bin; of each bin load with setups, volume without, setup
    cost, classes (counts and bit mask) and a chain of its items.
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
    """What one round has changed: moved items and where they were, bins touched, the
    round that touched them last.
    """

    moved: Array
    was: Array
    touched: Array
    stamp: Array
    ruined: Array


@part
def growth(b, k, rules, state):  # type: ignore[no-untyped-def]  # compiled
    """Weight and cost that a first item of class k adds to the setup of a bin."""
    if rules.tabled:
        old = state.mask[b]
        new = old | (1 << k)
        return rules.set_weights[new] - rules.set_weights[old], rules.set_costs[
            new
        ] - rules.set_costs[old]
    return rules.setup_weights[k], rules.setup_costs[k]


@part
def enter(i, b, rules, state):  # type: ignore[no-untyped-def]  # compiled
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
    b, k = state.home[i], rules.classes[i]
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


def best_of_row(i: int, bins: int, skipped: float, rules: Rules, state: State) -> int:
    """As `best_bin`, all bins at once."""
    k = rules.classes[i]
    if rules.tabled:
        old = state.mask[:bins]
        new = old | (1 << k)
        weight = rules.set_weights[new] - rules.set_weights[old]
        cost = rules.set_costs[new] - rules.set_costs[old]
    else:
        absent = state.counts[:bins, k] == 0
        weight, cost = absent * rules.setup_weights[k], absent * rules.setup_costs[k]
    slack = rules.capacity - state.load[:bins] - rules.weights[i] - weight
    used = (
        (state.volume[:bins] != 0)
        | (state.load[:bins] != 0)
        | (state.setup[:bins] != 0)
    )
    fitting = np.flatnonzero((slack >= 0) & used)
    waste = slack[fitting] + 2 * weight[fitting]
    chosen, least = -1, (FAR, FAR)
    for b, price in zip(
        fitting.tolist(),
        zip(cost[fitting].tolist(), waste.tolist(), strict=True),
        strict=True,
    ):
        if price < least and not (skipped > 0 and np.random.random() < skipped):
            chosen, least = b, price
    return chosen


@with_stand_in(best_of_row, door=False)
def best_bin(i, bins, skipped, rules, state):  # type: ignore[no-untyped-def]  # compiled
    """The bin that the item costs least, the fullest of equal ones; -1 where it fits
    into none, or a bin of its own costs less.
    """
    k, chosen = rules.classes[i], -1
    least, least_waste = FAR, FAR
    for b in range(bins):
        weight, cost = 0, 0
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
            chosen, least, least_waste = b, cost, waste
    return chosen


@part
def worth(b, reward, rules, state):  # type: ignore[no-untyped-def]  # compiled
    """What the bin costs, less a reward for being full: uneven bins are on the way to fewer."""
    if not state.counts[b].any():
        return 0.0
    share = state.volume[b] / max(1, rules.capacity)
    return rules.bin_cost + state.setup[b] - reward * share * share


@part
def choose(bins, draft, state):  # type: ignore[no-untyped-def]  # compiled
    """Which bins to ruin, rather emptier ones than fuller; how many."""
    wanted, picked = min(bins, 1 + draw(MOST_RUINED)), 0
    while picked < wanted:
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
    """Empty the chosen bins; how many items wait."""
    count = 0
    for p in range(picked):
        b = draft.ruined[p]
        draft.stamp[b] = turn
        draft.touched[p] = b
        i = state.head[b]
        while i >= 0:
            draft.moved[count], draft.was[count] = i, b
            count += 1
            i = state.after[i]
    for j in range(count):
        leave(draft.moved[j], rules, state)
    return count


@part
def queue(count, rules, draft):  # type: ignore[no-untyped-def]  # compiled
    """An order for the waiting items: classes together or apart, heavy ones first, with
    some disorder.
    """
    keys = np.empty(count)
    spread = (0.0, 0.1, 0.4, 2.0)[draw(4)]
    together, turn = np.random.random() < 0.6, draw(101)
    for j in range(count):
        i = draft.moved[j]
        keys[j] = -rules.weights[i] * (1.0 + spread * (np.random.random() - 0.5))
        if together:
            keys[j] -= rules.capacity * 2.0 * ((rules.classes[i] * 7919 + turn) % 101)
    return np.argsort(keys, kind="mergesort")


@part
def empty_bin(picked, bins, draft, state):  # type: ignore[no-untyped-def]  # compiled
    """One of the ruined bins that is still empty, else the next after the last."""
    for p in range(picked):
        if not state.counts[draft.ruined[p]].any():
            return draft.ruined[p]
    return bins


@part
def undo(count, rules, state, draft):  # type: ignore[no-untyped-def]  # compiled
    for j in range(count):
        if state.home[draft.moved[j]] >= 0:
            leave(draft.moved[j], rules, state)
    for j in range(count):
        enter(draft.moved[j], draft.was[j], rules, state)


@part
def keep(count, picked, bins, state, draft):  # type: ignore[no-untyped-def]  # compiled
    """Chain the moved items anew and close up empty bins; how many bins there are."""
    for p in range(picked):
        state.head[draft.ruined[p]] = -1
    for j in range(count):
        i = draft.moved[j]
        state.after[i] = state.head[state.home[i]]
        state.head[state.home[i]] = i
    b = np.int64(0)
    while b < bins:
        if state.head[b] < 0:
            bins -= 1
            take_over(bins, b, state)
        else:
            b += 1
    return bins


@part
def take_over(last, b, state):  # type: ignore[no-untyped-def]  # compiled
    """Bin b, which is empty, becomes the last one, which becomes empty."""
    if last != b:
        i = state.head[last]
        while i >= 0:
            state.home[i] = b
            i = state.after[i]
        state.head[b] = state.head[last]
        state.load[b], state.volume[b] = state.load[last], state.volume[last]
        state.setup[b], state.mask[b] = state.setup[last], state.mask[last]
        state.counts[b] = state.counts[last]
    state.head[last] = -1
    state.load[last], state.volume[last], state.setup[last], state.mask[last] = (
        0,
        0,
        0,
        0,
    )
    state.counts[last] = 0


@part
def round_of(turn, bins, most, rules, state, draft):  # type: ignore[no-untyped-def]  # compiled
    """Ruin and recreate once. Returns items moved, bins ruined, bins now, and by how
    much the worth and the cost have grown; the worth is infinite where there was no
    room.
    """
    picked = choose(bins, draft, state)
    old = old_cost = new = new_cost = 0.0
    for p in range(picked):
        old += worth(draft.ruined[p], rules.reward, rules, state)
        old_cost += worth(draft.ruined[p], 0.0, rules, state)
    count, touches, grown = ruin(turn, picked, rules, state, draft), picked, bins
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
    for t in range(touches):
        new += worth(draft.touched[t], rules.reward, rules, state)
        new_cost += worth(draft.touched[t], 0.0, rules, state)
    return count, picked, grown, new - old, new_cost - old_cost


@part
def blank(size, room, kinds):  # type: ignore[no-untyped-def]  # compiled
    """A state without items in any of its bins."""
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


@kernel
def anneal(seed, rounds, homes, bins, best, best_bins, behind, hot, cold, rules):  # type: ignore[no-untyped-def]  # compiled
    """Go on from the packing in `homes` for so many rounds, cooling from hot to cold;
    where it is at the end it leaves there, and in `best` the best packing, which the
    first one is `behind` by so much cost. Returns bins now, bins of the best, and how
    far behind the packing is now.
    """
    np.random.seed(seed)
    size, most = len(homes), min(len(homes), bins + SPARE_BINS)
    state = blank(size, most + 1, len(rules.setup_weights))
    for i in range(size):
        enter(i, homes[i], rules, state)
        state.after[i] = state.head[homes[i]]
        state.head[homes[i]] = i
    draft = Draft(
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(most + size + 1, np.int64),
        np.zeros(most + 1, np.int64),
        np.empty(MOST_RUINED, np.int64),
    )
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
            behind, best_bins = 0.0, bins
            best[:] = state.home
    homes[:] = state.home
    return bins, best_bins, behind


@kernel
def best_fit(order, rules):  # type: ignore[no-untyped-def]  # compiled
    """Put the items in this order into the best bin each. Returns their bins."""
    state, bins = (
        blank(len(order), len(order) + 1, len(rules.setup_weights)),
        np.int64(0),
    )
    for i in order:
        b = best_bin(i, bins, 0.0, rules, state)
        if b < 0:
            b = bins
            bins += 1
        enter(i, b, rules, state)
    return state.home


class Annealer:
    """Makes and improves packings of one instance; the same seed gives the same answers."""

    def __init__(self, instance: Instance, seed: int = 0) -> None:
        self.instance, self.seed = instance, seed
        tables = [
            np.array(table or (0,), np.int64)
            for table in (instance.set_weights, instance.set_costs)
        ]
        unit = instance.unit
        self.rules = Rules(
            np.array(instance.weights, np.int64),
            np.array(instance.classes, np.int64),
            instance.capacity,
            instance.bin_cost // unit,
            np.array(instance.setup_weights, np.int64),
            np.array(instance.setup_costs, np.int64) // unit,
            instance.tabled,
            tables[0],
            tables[1] // unit,
            float(max(1, instance.bin_cost // unit)),
        )

    def construct(self) -> Packing:
        """Class by class, heavy items first, each into the best bin."""
        x = self.instance
        order = sorted(range(x.size), key=lambda i: (x.classes[i], -x.weights[i], i))
        return gathered(best_fit(np.array(order, np.int64), self.rules))

    def complete(
        self, packing: Sequence[Sequence[int]], rest: Sequence[int]
    ) -> Packing:
        """The packing with the rest put in bins of their own, class by class."""
        made = [list(content) for content in packing if content]
        for i in sorted(
            rest, key=lambda i: (self.instance.classes[i], -self.instance.weights[i])
        ):
            home = next(
                (
                    b
                    for b in made
                    if self.instance.load([*b, i]) <= self.instance.capacity
                ),
                None,
            )
            if home is None:
                made.append([i])
            else:
                home.append(i)
        return made

    def improve(
        self,
        packing: Sequence[Sequence[int]],
        rounds: int,
        hot: float = HOT,
        stop: Callable[[], bool] = bool,
    ) -> Packing:
        """The best packing met in so many rounds of cooling, fewer where kernels are
        not compiled, or until `stop`.
        """
        homes = np.empty(self.instance.size, np.int64)
        for b, content in enumerate(packing):
            homes[list(content)] = b
        best, bins, best_bins, behind = homes.copy(), len(packing), len(packing), 0.0
        rounds, once = (
            scaled(rounds, FEWEST_PLAIN_ROUNDS),
            scaled(self.slice, FEWEST_PLAIN_ROUNDS),
        )
        slices = max(1, rounds // once)
        for turn in range(slices):
            self.seed += 1
            begin, end = (
                hot * (COLD / hot) ** ((turn + step) / slices) for step in (0, 1)
            )
            bins, best_bins, behind = anneal(
                self.seed % SEEDS,
                rounds // slices,
                homes,
                bins,
                best,
                best_bins,
                behind,
                begin,
                end,
                self.rules,
            )
            if stop():
                break
        return gathered(best)

    @property
    def slice(self) -> int:
        """Rounds between two looks at the clock: fewer where each takes longer."""
        return max(500, min(MOST_SLICE, MOST_SLICE_ITEMS // self.instance.size))


def gathered(homes: Array) -> Packing:
    """The items of each bin, by the bins of the items; empty bins left out."""
    bins: dict[int, list[int]] = {}
    for i, b in enumerate(homes.tolist()):
        bins.setdefault(b, []).append(i)
    return [bins[b] for b in sorted(bins)]
