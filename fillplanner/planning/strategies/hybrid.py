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
    """The smart score with bonuses for short lots and for staying; formula of the wire
    contract.
    """
    knobs = opening.config.tunables
    shortest = shelf.shortest(lot.lot_type) or lot
    share = min(1.0, shortest.fill_hours / opening.config.window_hours)
    hint = SHORT_HINT * (1 - share)
    staying = knobs.same_type_bonus if opening.last == lot.lot_type else 0.0
    unusable = knobs.slack_waste_weight * unusable_slack(shelf, opening, lot)
    return (
        opening.changeover(lot.lot_type)
        + lot.fill_hours
        - knobs.switch_penalty_mult * switch_penalty(opening, lot)
        - unusable
        + staying
        + knobs.spt_weight / lot.fill_hours
        + hint
        - 0.005 * lot.fill_hours
    )


def pack(problem: Problem, watch: Watch) -> Blocks:
    """The best lot by score each time, long ones and short ones weighed."""
    width = problem.config.tunables.beam_width

    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        candidates = shelf.leading(opening, width) + shelf.trailing(opening)
        distinct = {lot.lot_id: lot for lot in candidates}
        return choose(shelf, opening, score, list(distinct.values()))

    return fill_blocks(problem, pick, watch)


STRATEGY = Strategy(
    name="hybrid-pack",
    aliases=("hybrid",),
    description="Hybrid: smart scoring drawn towards short lots",
    pack=pack,
)
