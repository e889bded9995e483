"""Simulated annealing over orders and cuts: fewest violations, then shortest makespan,
then least weighted completion time.
"""

from __future__ import annotations

import math

import numpy as np

from fillplanner.planning.chance import draw
from fillplanner.planning.kernels import kernel, part
from fillplanner.planning.sequencing.layout import decode

VIOLATION_HOURS = 60.0
LATENESS_SHARE = 1.0
WEIGHT_SHARE = 1e-5
# How often the other end of a move is near, and how near.
NEARBY = 0.6
NEAR = 6


@part
def change(order, cuts, fixed):  # type: ignore[no-untyped-def]  # compiled
    """One move among the lots that are free: swap, shift a stretch, set or take away a
    cut. `fixed` lots at the front stay where they are.
    """
    n = len(order)
    kind = np.random.random()
    i = fixed + draw(n - fixed)
    j = fixed + draw(n - fixed)
    if np.random.random() < NEARBY:
        near = i + draw(2 * NEAR + 1) - NEAR
        j = min(n - 1, max(fixed, near))
    if kind < 0.25:
        order[i], order[j] = order[j], order[i]
    elif kind < 0.85:
        shift_stretch(order, cuts, i, j, fixed)
    else:
        cuts[i] = not cuts[i]
    if fixed < n:
        cuts[fixed] = True


@part
def shift_stretch(order, cuts, i, j, fixed):  # type: ignore[no-untyped-def]  # compiled
    """Move some lots, mostly one, from place i to place j, and perhaps their cuts.

    order, cuts: what is changed.
    i, j: places among the lots that are free.
    fixed: how many lots at the front stay where they are.
    """
    n = len(order)
    length = 1 if np.random.random() < 0.6 else 1 + draw(min(8, n - fixed))
    length = min(length, n - max(i, j))
    with_cuts = np.random.random() < 0.5
    shift(order, i, j, length)
    if with_cuts:
        shift(cuts, i, j, length)


@part
def shift(row, source, target, length):  # type: ignore[no-untyped-def]  # compiled
    """Move a stretch of the row to another place.

    row: what is changed.
    source, target: the first place of the stretch before and afterwards.
    length: of the stretch, which fits behind both places.
    """
    after_source = source + length
    after_target = target + length
    piece = row[source:after_source].copy()
    if target < source:
        row[after_target:after_source] = row[target:source].copy()
    else:
        row[source:target] = row[after_source:after_target].copy()
    row[target:after_target] = piece


@part
def better(figures, others):  # type: ignore[no-untyped-def]  # compiled
    """Whether a layout's figures, as `decode` returns them, are better than others:
    fewer violations, then a shorter makespan, then less weighted completion.
    """
    count, _, makespan, weighted = figures
    other_count, _, other_makespan, other_weighted = others
    if count != other_count:
        return count < other_count
    if abs(makespan - other_makespan) > 1e-7:
        return makespan < other_makespan
    return weighted < other_weighted - 1e-6


@part
def energy(figures):  # type: ignore[no-untyped-def]  # compiled
    """What annealing makes least, in hours: a layout's figures weighed together."""
    count, missed, makespan, weighted = figures
    return (
        VIOLATION_HOURS * count
        + LATENESS_SHARE * missed
        + makespan
        + WEIGHT_SHARE * weighted
    )


@kernel
def search(  # type: ignore[no-untyped-def]  # compiled
    seed, rounds, hot, cold, order, cuts, best_order, best_cuts, line
):
    """Simulated annealing (Kirkpatrick, Gelatt and Vecchi, Science 220, 1983).

    seed: of the random numbers.
    rounds: how many moves to try, some of them two at once.
    hot, cold: temperatures at the beginning and the end, in hours.
    order, cuts: where to begin; where it is at the end is left there.
    best_order, best_cuts: the best so far, which is kept.
    line: rules and lots.
    Returns the figures of the best, as `decode` has them.
    """
    np.random.seed(seed)
    n = len(order)
    ends = np.zeros(line.lines)
    starts = np.zeros(n)
    homes = np.zeros(n, np.int64)
    now = decode(order, cuts, line, ends, starts, homes)
    best = decode(best_order, best_cuts, line, ends, starts, homes)
    trial = order.copy()
    trial_cuts = cuts.copy()
    for turn in range(rounds):
        heat = hot * (cold / hot) ** (turn / rounds)
        change(trial, trial_cuts, line.fixed)
        if np.random.random() < 0.2:
            change(trial, trial_cuts, line.fixed)
        new = decode(trial, trial_cuts, line, ends, starts, homes)
        risk = -heat * math.log(1.0 - np.random.random())
        if energy(new) - energy(now) <= risk:
            now = new
            order[:] = trial
            cuts[:] = trial_cuts
            if better(new, best):
                best = new
                best_order[:] = trial
                best_cuts[:] = trial_cuts
        else:
            trial[:] = order
            trial_cuts[:] = cuts
    return best
