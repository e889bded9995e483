"""Putting lots in time where time matters: target windows, priorities, several lines, blocked hours, frozen blocks.

A state is an order of lots with cuts between blocks; `decode` lays it out in time: each block goes to the line that
is free first, at the first moment from which the whole of it, clean included, keeps clear of blocked hours, and later
where waiting is allowed and saves violations. Simulated annealing over orders and cuts looks for the fewest
violations, then the shortest makespan, then the least weighted completion time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from fillplanner.planning.problem import TOLERANCE, Lot, Problem

ROUNDS_A_SLICE = 20_000
HOT, COLD = 25.0, 0.05
# How often the other end of a move is near, and how near.
NEARBY, NEAR = 0.6, 6
VIOLATION_HOURS, LATENESS_SHARE, WEIGHT_SHARE = 60.0, 1.0, 1e-5
Array = Any


class Line(NamedTuple):
    """Rules and lots as arrays: hours, types by number, targets (infinite for none), weights; `fixed` lots at the
    front stay where they are."""

    fills: Array
    types: Array
    earliest: Array
    latest: Array
    weights: Array
    changeovers: Array
    clean: float
    window: float
    lines: int
    blocked: Array
    waiting: bool
    fixed: int


@njit(cache=True, nogil=True)
def clear_start(start, hours, blocked):  # type: ignore[no-untyped-def]  # compiled
    """The first moment from `start` on with so many hours free of blocked ones, which ascend."""
    for i in range(len(blocked)):
        if blocked[i, 1] > start + TOLERANCE and blocked[i, 0] < start + hours - TOLERANCE:
            start = blocked[i, 1]
    return start


@njit(cache=True, nogil=True)
def misses(first, last, order, start, line):  # type: ignore[no-untyped-def]  # compiled
    """Violations, hours missed and the longest earliness of a block whose clean begins at `start`."""
    clock, count, missed, early = start + line.clean, 0, 0.0, 0.0
    for p in range(first, last):
        lot = order[p]
        if p > first:
            clock += line.changeovers[line.types[order[p - 1]], line.types[lot]]
        before, clock = clock, clock + line.fills[lot]
        lack, late = line.earliest[lot] - before, clock - line.latest[lot]
        if lack > TOLERANCE or late > TOLERANCE:
            count += 1
            missed += max(lack, 0.0) + max(late, 0.0)
        early = max(early, lack)
    return count, missed, early


@njit(cache=True, nogil=True)
def block_end(first, order, cuts, line):  # type: ignore[no-untyped-def]  # compiled
    """Where the block that begins at place `first` ends, by its next cut or the window, and its hours with clean."""
    used, p, n = line.fills[order[first]], first + 1, len(order)
    while p < n and not cuts[p]:
        more = line.changeovers[line.types[order[p - 1]], line.types[order[p]]] + line.fills[order[p]]
        if p > line.fixed and used + more > line.window + TOLERANCE / 2:
            break
        used += more
        p += 1
    return p, used + line.clean


@njit(cache=True, nogil=True)
def decode(order, cuts, line, ends, starts, homes):  # type: ignore[no-untyped-def]  # compiled
    """Lay out all blocks: `starts[p]` and `homes[p]` of a block that begins at place p. Returns violations, hours
    missed, makespan and weighted completion."""
    ends[:] = 0.0
    n, p, count, missed, weighted = len(order), 0, 0, 0.0, 0.0
    while p < n:
        last, hours = block_end(p, order, cuts, line)
        home = int(np.argmin(ends))
        start = clear_start(ends[home], hours, line.blocked)
        now, lack, early = misses(p, last, order, start, line)
        if line.waiting and early > 0 and now:
            later = clear_start(start + early, hours, line.blocked)
            then, less, _ = misses(p, last, order, later, line)
            if then < now:
                start, now, lack = later, then, less
        starts[p], homes[p] = start, home
        ends[home] = start + hours
        count += now
        missed += lack
        for q in range(p, last):
            weighted += line.weights[order[q]] * ends[home]
        p = last
    return count, missed, ends.max(), weighted


@njit(cache=True, nogil=True)
def change(order, cuts, fixed):  # type: ignore[no-untyped-def]  # compiled
    """One move among the lots that are free: swap, shift a stretch, set or take away a cut."""
    n = len(order)
    kind = np.random.random()
    i = fixed + np.random.randint(n - fixed)
    j = fixed + np.random.randint(n - fixed)
    if np.random.random() < NEARBY:
        j = min(n - 1, max(fixed, i + np.random.randint(-NEAR, NEAR + 1)))
    if kind < 0.25:
        order[i], order[j] = order[j], order[i]
    elif kind < 0.85:
        length = 1 if np.random.random() < 0.6 else 1 + np.random.randint(min(8, n - fixed))
        length = min(length, n - max(i, j))
        with_cuts = np.random.random() < 0.5
        shift(order, i, j, length)
        if with_cuts:
            shift(cuts, i, j, length)
    else:
        cuts[i] = not cuts[i]
    if fixed < n:
        cuts[fixed] = True


@njit(cache=True, nogil=True)
def shift(row, source, target, length):  # type: ignore[no-untyped-def]  # compiled
    """Move a stretch of the row to another place."""
    piece = row[source : source + length].copy()
    if target < source:
        row[target + length : source + length] = row[target:source].copy()
    else:
        row[source:target] = row[source + length : target + length].copy()
    row[target : target + length] = piece


@njit(cache=True, nogil=True)
def better(one, other):  # type: ignore[no-untyped-def]  # compiled
    """Fewer violations, then a shorter makespan, then less weighted completion."""
    if one[0] != other[0]:
        return one[0] < other[0]
    if abs(one[2] - other[2]) > 1e-7:
        return one[2] < other[2]
    return one[3] < other[3] - 1e-6


@njit(cache=True, nogil=True)
def energy(found):  # type: ignore[no-untyped-def]  # compiled
    return VIOLATION_HOURS * found[0] + LATENESS_SHARE * found[1] + found[2] + WEIGHT_SHARE * found[3]


@njit(cache=True, nogil=True)
def search(seed, rounds, hot, cold, order, cuts, best_order, best_cuts, line):  # type: ignore[no-untyped-def]  # compiled
    """Anneal from `order` and `cuts`, which stay as they are at the end; the best so far is kept in the others."""
    np.random.seed(seed)
    n = len(order)
    ends, starts, homes = np.zeros(line.lines), np.zeros(n), np.zeros(n, np.int64)
    now = decode(order, cuts, line, ends, starts, homes)
    best = decode(best_order, best_cuts, line, ends, starts, homes)
    trial, trial_cuts = order.copy(), cuts.copy()
    for turn in range(rounds):
        heat = hot * (cold / hot) ** (turn / rounds)
        change(trial, trial_cuts, line.fixed)
        if np.random.random() < 0.2:
            change(trial, trial_cuts, line.fixed)
        new = decode(trial, trial_cuts, line, ends, starts, homes)
        if energy(new) - energy(now) <= -heat * np.log(1.0 - np.random.random()):
            order[:], cuts[:], now = trial, trial_cuts, new
            if better(new, best):
                best_order[:], best_cuts[:], best = trial, trial_cuts, new
        else:
            trial[:], trial_cuts[:] = order, cuts
    return best


class Sequencer:
    """Lays out and improves orders of one problem's lots."""

    def __init__(self, problem: Problem, seed: int = 0) -> None:
        self.problem, self.seed, config = problem, seed, problem.config
        self.number = {lot.lot_id: i for i, lot in enumerate(problem.lots)}
        place = {kind: k for k, kind in enumerate(problem.types)}
        ways = [[config.changeover_hours(a, b) for b in problem.types] for a in problem.types]
        self.line = Line(
            np.array([lot.fill_hours for lot in problem.lots]), np.array([place[lot.lot_type] for lot in problem.lots]),
            np.array([-np.inf if lot.target_start is None else lot.target_start for lot in problem.lots]),
            np.array([np.inf if lot.target_end is None else lot.target_end for lot in problem.lots]),
            np.array([config.weight_of(lot) for lot in problem.lots]), np.array(ways, float).reshape(len(place), -1),
            config.clean_hours, problem.window_hours, config.lines,
            np.array(problem.blocked, float).reshape(-1, 2), config.allow_waiting,
            sum(len(block) for block in problem.frozen),
        )  # fmt: skip

    def arrays(self, blocks: Sequence[Sequence[Lot]]) -> tuple[Array, Array]:
        order = [self.number[lot.lot_id] for block in blocks for lot in block]
        cuts = [p == 0 for block in blocks for p in range(len(block))]
        return np.array(order, np.int64), np.array(cuts, np.bool_)

    def value(self, blocks: Sequence[Sequence[Lot]]) -> tuple[float, float, float]:
        """Violations, makespan and weighted completion: the less the better, in this order."""
        order, cuts = self.arrays(blocks)
        scratch = np.zeros(self.line.lines), np.zeros(len(order)), np.zeros(len(order), np.int64)
        count, _, makespan, weighted = decode(order, cuts, self.line, *scratch)
        return count, round(makespan, 7), weighted

    def improve(
        self, blocks: Sequence[Sequence[Lot]], seconds: float, slices: int | None, stop: Callable[[], bool]
    ) -> list[list[Lot]]:
        """The best order met in so many seconds, or slices where the answer is to be repeatable."""
        best, best_cuts = self.arrays(min((blocks, self.as_wished(blocks)), key=self.value))
        if self.line.fixed >= len(best) - 1:
            return [list(block) for block in blocks]
        order, cuts, begun, turn, last = best.copy(), best_cuts.copy(), time.monotonic(), 0, 0.0
        while not stop():
            spent = (time.monotonic() - begun) / seconds if slices is None else turn / slices
            if spent >= 1:
                break
            # Cools three times over, each time from the best known.
            part = spent * 3 % 1
            if part < last:
                order[:], cuts[:] = best, best_cuts
            last, heat = part, HOT * (COLD / HOT) ** part
            search(self.seed * 1000 + turn, ROUNDS_A_SLICE, heat, heat, order, cuts, best, best_cuts, self.line)
            turn += 1
        return self.blocks(best, best_cuts)

    def as_wished(self, blocks: Sequence[Sequence[Lot]]) -> list[Sequence[Lot]]:
        """The lots that are not frozen in the order of the middles of their target windows, a cut only where the
        window is full; those without a wish where they were."""
        frozen = len(self.problem.frozen)
        free, middle, wishes = [lot for block in blocks[frozen:] for lot in block], 0.0, {}
        for lot in free:
            ends = [end for end in (lot.target_start, lot.target_end) if end is not None]
            middle = sum(ends) / len(ends) if ends else middle
            wishes[lot.lot_id] = middle
        made: list[Sequence[Lot]] = list(blocks[:frozen])
        block: list[Lot] = []
        for lot in sorted(free, key=lambda lot: wishes[lot.lot_id]):
            if block and self.problem.block_hours([*block, lot]) > self.problem.window_hours:
                made.append(block)
                block = []
            block.append(lot)
        return [*made, block] if block else made

    def blocks(self, order: Array, cuts: Array) -> list[list[Lot]]:
        made, p = [], 0
        while p < len(order):
            last, _ = block_end(p, order, cuts, self.line)
            made.append([self.problem.lots[i] for i in order[p:last]])
            p = last
        return made

    def layout(self, blocks: Sequence[Sequence[Lot]]) -> list[tuple[int, float]]:
        """Line (from 0) and start in hours of each block."""
        order, cuts = self.arrays(blocks)
        starts, homes = np.zeros(len(order)), np.zeros(len(order), np.int64)
        decode(order, cuts, self.line, np.zeros(self.line.lines), starts, homes)
        places, p = [], 0
        for block in blocks:
            places.append((int(homes[p]), float(starts[p])))
            p += len(block)
        return places
