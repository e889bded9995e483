"""Optimising a filling line with the packing solver: the reduction there, the answer
and its bound back.
"""

from __future__ import annotations

import time

from fillplanner.planning import packing
from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.reduction import Reduction, reduce
from fillplanner.planning.strategies.base import Blocks, Watch

SHARE_FOR_BOUND = 0.4


def optimise(
    problem: Problem, start: Blocks, deadline: float, watch: Watch
) -> list[list[Lot]] | None:
    """Lots by block, not longer than the start where the reduction is exact; None where
    there is nothing to gain by putting lots together.

    problem: lots and rules; when blocks come does not matter.
    start: blocks to improve on.
    deadline: on the clock of `time.monotonic`, in seconds.
    watch: hears of each better plan and bound.
    """
    reduction = reduce(problem)
    if reduction is None:
        return None
    watch.bounded(reduction.offset)
    if reduction.bounding is not None:
        seconds = (deadline - time.monotonic()) * SHARE_FOR_BOUND
        bound_apart(reduction, reduction.bounding, seconds, watch)
    knobs = problem.config.tunables
    first = reduction.packing_of(start)

    def listen(progress: packing.PackingProgress) -> None:
        best = reduction.hours(progress.best)
        bound = reduction.hours(progress.bound)
        watch.improved(best, bound, progress.phase)

    answer = packing.solve(
        reduction.packing,
        seconds=max(0.0, deadline - time.monotonic()),
        work=knobs.work_limit,
        seed=knobs.seed,
        start=None if reduction.packing.faults(first) else first,
        listen=listen,
        cancelled=watch.expired,
    )
    watch.bounded(reduction.hours(answer.bound))
    if not answer.optimal:
        watch.give_up()
    return reduction.lots_of(answer.packing)


def bound_apart(
    reduction: Reduction, easier: packing.Instance, seconds: float, watch: Watch
) -> None:
    """A bound from the instance that is easier to relax than the one to be packed."""
    answer = packing.solve(easier, seconds=seconds, cancelled=watch.expired)
    watch.bounded(reduction.hours(answer.bound))
