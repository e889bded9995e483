"""Packing type by type with exact completion, then merging what is left over.

The problem is bin packing with setups: with types grouped in each block the makespan
depends only on which lots share a block, so blocks are sets here and are put in order
at the end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from fillplanner.planning.problem import Lot
from fillplanner.planning.strategies.bins import Bin, Setups, by_type
from fillplanner.planning.strategies.shelf import KEPT_BACK

GRID = 1200
# What rounding to the grid may forgive of one lot, so that a full block stays within
# the tolerance of the window.
FORGIVEN = KEPT_BACK / GRID
MOST_COMPARED = 160
MOST_REFUSALS = 200


def grouped(lots: Iterable[Lot], setups: Setups) -> list[Bin]:
    """Every type packed by itself, then loose blocks merged."""
    packed: list[Bin] = []
    for group in by_type(lots).values():
        packed += pack_type(group, setups)
    return merged(packed, setups)


def pack_type(lots: list[Lot], setups: Setups) -> list[Bin]:
    """Blocks of one type, given longest first: the longest that waits, completed as
    exactly as the others allow.
    """
    waiting = lots[::-1]
    bins = []
    changeover = setups.config.changeover_hours(lots[0].lot_type, lots[0].lot_type)
    while waiting:
        block = Bin(setups, [waiting.pop()])
        while rest := complete(waiting, block.limit - block.used, changeover):
            ids = {lot.lot_id for lot in rest}
            waiting = [lot for lot in waiting if lot.lot_id not in ids]
            for lot in rest:
                block.add(lot)
        bins.append(block)
    return bins


def complete(waiting: list[Lot], room: float, changeover: float) -> list[Lot]:
    """Lots of one type that together come closest to filling a room: a subset sum on a
    grid of a 1,200th of it, sizes rounded up so that the answer always fits.

    waiting: the lots, shortest first.
    room: hours of the window that are left.
    changeover: hours before each lot.
    """
    longest = room - changeover + FORGIVEN
    end = bisect_left(waiting, longest, key=lambda lot: lot.fill_hours)
    if not end or room <= KEPT_BACK:
        return []
    pool = thinned(waiting, end)
    step = room / GRID
    sizes = [cells(lot.fill_hours + changeover, step) for lot in pool]
    # Bit n of each number says whether a sum of n cells is reached.
    reach = [1]
    mask = (1 << (GRID + 1)) - 1
    for size in sizes:
        before = reach[-1]
        reach.append((before | before << size) & mask)
    return trace(pool, sizes, reach)


def cells(hours: float, step: float) -> int:
    """Hours in steps of the grid, rounded up but for what is forgiven."""
    return max(1, -int(-(hours - FORGIVEN) // step))


def thinned(waiting: list[Lot], end: int) -> list[Lot]:
    """The first `end` lots, longest first; of more than 160 that many, spread evenly
    over the sizes.
    """
    if end <= MOST_COMPARED:
        return waiting[:end][::-1]
    return [waiting[end - 1 - i * end // MOST_COMPARED] for i in range(MOST_COMPARED)]


def trace(pool: list[Lot], sizes: list[int], reach: list[int]) -> list[Lot]:
    """The lots that make up the largest sum that is reached.

    pool: the lots.
    sizes: of each its cells.
    reach: the sums that the first lots of the pool reach, as bits.
    """
    total = reach[-1].bit_length() - 1
    chosen = []
    for i in range(len(pool) - 1, -1, -1):
        reached_without = reach[i] >> total & 1
        if not reached_without:
            chosen.append(pool[i])
            total -= sizes[i]
    return chosen


def merged(bins: list[Bin], setups: Setups) -> list[Bin]:
    """Join blocks that fit together, emptiest first, where the changeover costs no more
    than the clean it saves.

    bins: the blocks, whatever their order.
    setups: the line's changeovers.
    """
    rest = sorted(bins, key=lambda block: -block.used)
    blocks: list[Bin] = []
    while rest:
        block = rest.pop()
        i = len(rest) - 1
        refusals = 0
        # The rest is sorted: once one is too full, all that come before it are.
        while i >= 0 and refusals < MOST_REFUSALS and block.has_room(rest[i].used):
            joined = Bin(setups, [*block.lots, *rest[i].lots])
            if joined.fits and joined.length <= block.length + rest[i].length:
                block = joined
                del rest[i]
            else:
                refusals += 1
            i -= 1
        blocks.append(block)
    return blocks
