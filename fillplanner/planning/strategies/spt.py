"""Shortest processing time first, within types: the commonest type first, its short
lots before its long ones.
"""

from __future__ import annotations

from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.strategies.base import (
    Blocks,
    Strategy,
    Watch,
    fill_blocks,
    types_by_count,
)
from fillplanner.planning.strategies.shelf import Opening, Shelf


def pack(problem: Problem, watch: Watch) -> Blocks:
    """The shortest lot of the type each time, the commonest type first."""
    order = types_by_count(problem)

    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        """The same type's shortest if it fits, else the first type's whose shortest does."""
        lot_type = next(shelf.fitting_types(order, opening), None)
        return None if lot_type is None else shelf.shortest(lot_type)

    return fill_blocks(problem, pick, watch)


STRATEGY = Strategy(
    name="spt-pack",
    aliases=("spt", "shortest"),
    description="Shortest processing time first",
    pack=pack,
)
