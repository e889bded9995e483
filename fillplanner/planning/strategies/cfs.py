"""Cluster first, sequence second: the lot types are clusters, worked through one after
the other.
"""

from __future__ import annotations

from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.strategies.base import (
    Blocks,
    Strategy,
    Watch,
    fill_blocks,
    types_by_count,
    types_by_hours,
)
from fillplanner.planning.strategies.shelf import Opening, Shelf


def pack(problem: Problem, watch: Watch) -> Blocks:
    """The types in the order that the rules name, each filled before the next begins."""
    knobs = problem.config.tunables
    order = (
        types_by_count(problem)
        if knobs.cluster_order == "by_count"
        else types_by_hours(problem)
    )
    longest_first = knobs.within == "LPT"

    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        """The same type's longest or shortest that fits, else the first type's of which
        one does.
        """
        lot_type = next(shelf.fitting_types(order, opening), None)
        if lot_type is None:
            return None
        return (
            shelf.longest(lot_type, opening.room(lot_type))[0]
            if longest_first
            else shelf.shortest(lot_type)
        )

    return fill_blocks(problem, pick, watch)


STRATEGY = Strategy(
    name="cfs-pack",
    aliases=("cfs", "customer"),
    description="Cluster first, sequence second: type by type",
    pack=pack,
)
