"""Longest processing time first: the longest lot that still fits, of the same type if
there is one.
"""

from __future__ import annotations

from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.strategies.base import Blocks, Strategy, Watch, fill_blocks
from fillplanner.planning.strategies.shelf import Opening, Shelf


def pack(problem: Problem, watch: Watch) -> Blocks:
    """The longest lot that fits each time, one of the same type if there is any."""

    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        if opening.last is not None and (
            same := shelf.longest(opening.last, opening.room(opening.last))
        ):
            return same[0]
        return min(
            shelf.leading(opening, 1),
            key=lambda lot: (-lot.fill_hours, lot.lot_type, lot.lot_id),
            default=None,
        )

    return fill_blocks(problem, pick, watch)


STRATEGY = Strategy(
    name="lpt-pack",
    aliases=("lpt", "longest"),
    description="Longest processing time first",
    pack=pack,
)
