"""A mixture: the smart score, drawn towards short lots and towards types that still have some."""

from __future__ import annotations

from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.strategies.base import Blocks, Strategy, Watch, fill_blocks
from fillplanner.planning.strategies.scoring import (
    choose,
    switch_penalty,
    unusable_slack,
)
from fillplanner.planning.strategies.shelf import Opening, Shelf

SHORT_HINT = 2.0


def score(shelf: Shelf, opening: Opening, lot: Lot) -> float:
    knobs = opening.config.tunables
    shortest = shelf.shortest(lot.lot_type) or lot
    hint = SHORT_HINT * (
        1 - min(1.0, shortest.fill_hours / opening.config.window_hours)
    )
    return (
        opening.changeover(lot.lot_type)
        + lot.fill_hours
        - knobs.switch_penalty_mult * switch_penalty(opening, lot)
        - knobs.slack_waste_weight * unusable_slack(shelf, opening, lot)
        + (knobs.same_type_bonus if opening.last == lot.lot_type else 0.0)
        + knobs.spt_weight / lot.fill_hours
        + hint
        - 0.005 * lot.fill_hours
    )


def pack(problem: Problem, watch: Watch) -> Blocks:
    width = problem.config.tunables.beam_width

    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        fitting = {
            lot.lot_id: lot
            for lot in shelf.leading(opening, width) + shelf.trailing(opening)
        }
        return choose(shelf, opening, score, list(fitting.values()))

    return fill_blocks(problem, pick, watch)


STRATEGY = Strategy(
    "hybrid-pack", ("hybrid",), "Hybrid: smart scoring drawn towards short lots", pack
)
