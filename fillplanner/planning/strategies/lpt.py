"""Longest processing time first: the longest lot that still fits, of the same type if there is one."""

from __future__ import annotations

from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.strategies.base import Blocks, Opening, Shelf, Strategy, Watch, fill_blocks


def pack(problem: Problem, watch: Watch) -> Blocks:
    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        if opening.last is not None and (same := shelf.longest(opening.last, opening.room(opening.last))):
            return same[0]
        fitting = [lot for lot_type in shelf.types() for lot in shelf.longest(lot_type, opening.room(lot_type))]
        return min(fitting, key=lambda lot: (-lot.fill_hours, lot.lot_type, lot.lot_id), default=None)

    return fill_blocks(problem, pick, watch)


STRATEGY = Strategy("lpt-pack", ("lpt", "longest"), "Longest processing time first", pack)
