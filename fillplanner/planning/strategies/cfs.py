"""Cluster first, sequence second: the lot types are clusters, worked through one after the other."""

from __future__ import annotations

from fillplanner.planning.problem import TOLERANCE, Lot, Problem
from fillplanner.planning.strategies.base import (
    Blocks,
    Opening,
    Shelf,
    Strategy,
    Watch,
    fill_blocks,
    types_by_count,
    types_by_hours,
)


def pack(problem: Problem, watch: Watch) -> Blocks:
    knobs = problem.config.tunables
    order = types_by_count(problem) if knobs.cluster_order == "by_count" else types_by_hours(problem)
    longest_first = knobs.within == "LPT"

    def fitting(shelf: Shelf, opening: Opening, lot_type: str) -> Lot | None:
        if longest_first:
            return next(iter(shelf.longest(lot_type, opening.room(lot_type))), None)
        lot = shelf.shortest(lot_type)
        return lot if lot is not None and lot.fill_hours <= opening.room(lot_type) + TOLERANCE else None

    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        wished = [opening.last, *order] if opening.last is not None else order
        found = (fitting(shelf, opening, lot_type) for lot_type in wished)
        return next((lot for lot in found if lot is not None), None)

    return fill_blocks(problem, pick, watch)


STRATEGY = Strategy("cfs-pack", ("cfs", "customer"), "Cluster first, sequence second: type by type", pack)
