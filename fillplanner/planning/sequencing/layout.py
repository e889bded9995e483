"""Laying out an order of lots, with cuts between blocks, in time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fillplanner.planning.kernels import kernel, part
from fillplanner.planning.problem import TOLERANCE

Array = Any


class Line(NamedTuple):
    """Rules and lots as arrays; all times are hours.

    fills, types: of each lot its fill and the number of its type.
    earliest, latest: of each lot its target start and end, infinite for none.
    weights: of each lot what an hour that it is done earlier is worth.
    changeovers: from type to type.
    clean, window: of each block.
    lines: how many equal lines there are.
    blocked: begin and end of the stretches in which no line works; they ascend.
    waiting: whether a line may stand idle for the sake of target windows.
    fixed: how many lots at the front stay where they are.
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

    start: a moment, in hours.
    hours: how long the stretch is to be.
    blocked: begin and end of blocked stretches, in hours.
    """
    # The first that ends later than the start, by halves: a calendar may block thousands.
    low = 0
    high = len(blocked)
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
    """How far a block misses its lots' target windows.

    first, last: the places of its lots in `order`.
    start: when its clean begins, in hours.
    Returns the number of violations, the hours missed, and the longest earliness.
    """
    clock = start + line.clean
    count = 0
    missed = 0.0
    early = 0.0
    for p in range(first, last):
        lot = order[p]
        if p > first:
            clock += line.changeovers[line.types[order[p - 1]], line.types[lot]]
        before = clock
        clock += line.fills[lot]
        lack = line.earliest[lot] - before
        late = clock - line.latest[lot]
        if lack > TOLERANCE or late > TOLERANCE:
            count += 1
            missed += max(lack, 0.0) + max(late, 0.0)
        early = max(early, lack)
    return count, missed, early


@part
def block_end(first, order, cuts, line):  # type: ignore[no-untyped-def]  # compiled
    """Where the block that begins at place `first` ends, by its next cut or the window,
    and its hours with clean.

    first: the place of its first lot.
    order: the lots.
    cuts: of each place whether a block begins there.
    """
    used = line.fills[order[first]]
    p = first + 1
    n = len(order)
    while p < n and not cuts[p]:
        change = line.changeovers[line.types[order[p - 1]], line.types[order[p]]]
        more = change + line.fills[order[p]]
        if p > line.fixed and used + more > line.window + TOLERANCE / 2:
            break
        used += more
        p += 1
    return p, used + line.clean


@kernel
def decode(order, cuts, line, ends, starts, homes):  # type: ignore[no-untyped-def]  # compiled
    """Lay out all blocks one after the other, each on the line that is free first; later
    where waiting is allowed and meets more wishes.

    order: the lots.
    cuts: of each place whether a block begins there.
    ends: becomes when each line is free again, in hours.
    starts, homes: become when and on which line the block at each place begins.
    Returns violations, hours missed, makespan and weighted completion, in hours.
    """
    ends[:] = 0.0
    n = len(order)
    p = np.int64(0)
    count = 0
    missed = 0.0
    weighted = 0.0
    while p < n:
        last, hours = block_end(p, order, cuts, line)
        home = int(np.argmin(ends))
        # Not a function of its own: passing all arrays on costs more than laying out.
        start = clear_start(ends[home], hours, line.blocked)
        more, lack, early = misses(p, last, order, start, line)
        if line.waiting and early > 0 and more:
            later = clear_start(start + early, hours, line.blocked)
            fewer, less, _ = misses(p, last, order, later, line)
            if fewer < more:
                start = later
                more = fewer
                lack = less
        starts[p] = start
        homes[p] = home
        ends[home] = start + hours
        count += more
        missed += lack
        for q in range(p, last):
            weighted += line.weights[order[q]] * ends[home]
        p = last
    return count, missed, ends.max(), weighted
