"""Simulated annealing over orders and cuts: fewest violations, then shortest makespan,
then least weighted completion time.
"""

from __future__ import annotations

import math

import numpy as np

from fillplanner.planning.chance import draw
from fillplanner.planning.kernels import kernel, part
from fillplanner.planning.sequencing.layout import decode

VIOLATION_HOURS, LATENESS_SHARE, WEIGHT_SHARE = 60.0, 1.0, 1e-5
# How often the other end of a move is near, and how near.
NEARBY, NEAR = 0.6, 6


@part
def change(order, cuts, fixed):  # type: ignore[no-untyped-def]  # compiled
    """One move among the lots that are free: swap, shift a stretch, set or take away a cut."""
    n = len(order)
    kind = np.random.random()
    i = fixed + draw(n - fixed)
    j = fixed + draw(n - fixed)
    if np.random.random() < NEARBY:
        j = min(n - 1, max(fixed, i + draw(2 * NEAR + 1) - NEAR))
    if kind < 0.25:
        order[i], order[j] = order[j], order[i]
    elif kind < 0.85:
        length = 1 if np.random.random() < 0.6 else 1 + draw(min(8, n - fixed))
        length = min(length, n - max(i, j))
        with_cuts = np.random.random() < 0.5
        shift(order, i, j, length)
        if with_cuts:
            shift(cuts, i, j, length)
    else:
        cuts[i] = not cuts[i]
    if fixed < n:
        cuts[fixed] = True


@part
def shift(row, source, target, length):  # type: ignore[no-untyped-def]  # compiled
    """Move a stretch of the row to another place."""
    piece = row[source : source + length].copy()
    if target < source:
        row[target + length : source + length] = row[target:source].copy()
    else:
        row[source:target] = row[source + length : target + length].copy()
    row[target : target + length] = piece


@part
def better(one, other):  # type: ignore[no-untyped-def]  # compiled
    """Fewer violations, then a shorter makespan, then less weighted completion."""
    if one[0] != other[0]:
        return one[0] < other[0]
    if abs(one[2] - other[2]) > 1e-7:
        return one[2] < other[2]
    return one[3] < other[3] - 1e-6


@part
def energy(found):  # type: ignore[no-untyped-def]  # compiled
    return (
        VIOLATION_HOURS * found[0]
        + LATENESS_SHARE * found[1]
        + found[2]
        + WEIGHT_SHARE * found[3]
    )


@kernel
def search(seed, rounds, hot, cold, order, cuts, best_order, best_cuts, line):  # type: ignore[no-untyped-def]  # compiled
    """Anneal from `order` and `cuts`, which stay as they are at the end; the best so
    far is kept in the others.
    """
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
        if energy(new) - energy(now) <= -heat * math.log(1.0 - np.random.random()):
            order[:], cuts[:], now = trial, trial_cuts, new
            if better(new, best):
                best_order[:], best_cuts[:], best = trial, trial_cuts, new
        else:
            trial[:], trial_cuts[:] = order, cuts
    return best
