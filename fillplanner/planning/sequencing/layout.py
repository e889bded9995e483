"""Laying out an order of lots, with cuts between blocks, in time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fillplanner.planning.kernels import kernel, part
from fillplanner.planning.problem import TOLERANCE

Array = Any


class Line(NamedTuple):
    """Rules and lots as arrays: hours, types by number, targets (infinite for none),
    weights; `fixed` lots at the front stay where they are.
    """

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


@part
def clear_start(start, hours, blocked):  # type: ignore[no-untyped-def]  # compiled
    """The first moment from `start` on with so many hours free of blocked ones, which
    ascend and are apart.
    """
    # The first that ends later than the start, by halves: a calendar may block thousands.
    low, high = 0, len(blocked)
    while low < high:
        middle = (low + high) // 2
        if blocked[middle, 1] > start + TOLERANCE:
            high = middle
        else:
            low = middle + 1
    while low < len(blocked) and blocked[low, 0] < start + hours - TOLERANCE:
        start = blocked[low, 1]
        low += 1
    return start


@part
def misses(first, last, order, start, line):  # type: ignore[no-untyped-def]  # compiled
    """Violations, hours missed and the longest earliness of a block whose clean begins
    at `start`.
    """
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


@part
def block_end(first, order, cuts, line):  # type: ignore[no-untyped-def]  # compiled
    """Where the block that begins at place `first` ends, by its next cut or the window,
    and its hours with clean.
    """
    used, p, n = line.fills[order[first]], first + 1, len(order)
    while p < n and not cuts[p]:
        more = (
            line.changeovers[line.types[order[p - 1]], line.types[order[p]]]
            + line.fills[order[p]]
        )
        if p > line.fixed and used + more > line.window + TOLERANCE / 2:
            break
        used += more
        p += 1
    return p, used + line.clean


@kernel
def decode(order, cuts, line, ends, starts, homes):  # type: ignore[no-untyped-def]  # compiled
    """Lay out all blocks: `starts[p]` and `homes[p]` of a block that begins at place p.
    Returns violations, hours missed, makespan and weighted completion.
    """
    ends[:] = 0.0
    n, p, count, missed, weighted = len(order), np.int64(0), 0, 0.0, 0.0
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
