"""Shortest processing time first, within types: the commonest type first, its short lots before its long ones."""

from __future__ import annotations

from fillplanner.planning.problem import TOLERANCE, Lot, Problem
from fillplanner.planning.strategies.base import Blocks, Opening, Shelf, Strategy, Watch, fill_blocks, types_by_count


def pack(problem: Problem, watch: Watch) -> Blocks:
    order = types_by_count(problem)

    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        """The same type's shortest if it fits, else the first type's whose shortest does."""
        wished = [opening.last, *order] if opening.last is not None else order
        for lot_type in wished:
            lot = shelf.shortest(lot_type)
            if lot is not None and lot.fill_hours <= opening.room(lot_type) + TOLERANCE:
                return lot
        return None

    return fill_blocks(problem, pick, watch)


STRATEGY = Strategy("spt-pack", ("spt", "shortest"), "Shortest processing time first", pack)
