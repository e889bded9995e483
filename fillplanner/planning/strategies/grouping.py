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
    return merged(
        [
            packed
            for group in by_type(lots).values()
            for packed in pack_type(group, setups)
        ],
        setups,
    )


def pack_type(lots: list[Lot], setups: Setups) -> list[Bin]:
    """Blocks of one type, given longest first: the longest that waits, completed as
    exactly as the others allow.
    """
    waiting, bins = lots[::-1], []
    changeover = setups.config.changeover_hours(lots[0].lot_type, lots[0].lot_type)
    while waiting:
        made = Bin(setups, [waiting.pop()])
        while rest := complete(waiting, made.limit - made.used, changeover):
            taken = {lot.lot_id for lot in rest}
            waiting = [lot for lot in waiting if lot.lot_id not in taken]
            for lot in rest:
                made.add(lot)
        bins.append(made)
    return bins


def complete(waiting: list[Lot], room: float, changeover: float) -> list[Lot]:
    """Lots of one type, given shortest first, that together come closest to filling
    `room` hours, each after a changeover: a subset sum on a grid of a 1,200th of the
    room, sizes rounded up so that the answer always fits.
    """
    end = bisect_left(
        waiting, room - changeover + FORGIVEN, key=lambda lot: lot.fill_hours
    )
    if not end or room <= KEPT_BACK:
        return []
    pool = thinned(waiting, end)
    step = room / GRID
    sizes = [
        max(1, -int(-(lot.fill_hours + changeover - FORGIVEN) // step)) for lot in pool
    ]
    reach = [1]
    mask = (1 << (GRID + 1)) - 1
    for size in sizes:
        reach.append((reach[-1] | reach[-1] << size) & mask)
    return trace(pool, sizes, reach)


def thinned(waiting: list[Lot], end: int) -> list[Lot]:
    """The first `end` lots, longest first; of more than 160 that many, spread evenly
    over the sizes.
    """
    if end <= MOST_COMPARED:
        return waiting[:end][::-1]
    return [waiting[end - 1 - i * end // MOST_COMPARED] for i in range(MOST_COMPARED)]


def trace(pool: list[Lot], sizes: list[int], reach: list[int]) -> list[Lot]:
    """The lots that make up the largest sum that is reached."""
    total, chosen = reach[-1].bit_length() - 1, []
    for i in range(len(pool) - 1, -1, -1):
        if not reach[i] >> total & 1:
            chosen.append(pool[i])
            total -= sizes[i]
    return chosen


def merged(bins: list[Bin], setups: Setups) -> list[Bin]:
    """Join blocks that fit together, emptiest first, where the changeover costs no more
    than the clean it saves.
    """
    rest, kept = sorted(bins, key=lambda made: -made.used), []
    while rest:
        made, i, refusals = rest.pop(), len(rest) - 1, 0
        # The rest is sorted: once one is too full, all that come before it are.
        while i >= 0 and refusals < MOST_REFUSALS and made.has_room(rest[i].used):
            joined = Bin(setups, [*made.lots, *rest[i].lots])
            if joined.fits and joined.length <= made.length + rest[i].length:
                made = joined
                del rest[i]
            else:
                refusals += 1
            i -= 1
        kept.append(made)
    return kept
