"""The default: smart scoring, and when packing type by type or mending blocks gives a shorter plan, that."""

from __future__ import annotations

from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.strategies import cfs, grouping, hybrid, lpt, spt
from fillplanner.planning.strategies.base import Blocks, Opening, Shelf, Strategy, Unwatched, Watch, fill_blocks
from fillplanner.planning.strategies.scoring import candidates, choose, switch_penalty, unusable_slack


def score(shelf: Shelf, opening: Opening, lot: Lot) -> float:
    """Used hours, less the penalty of switching and what becomes unusable, plus a bonus for a streak."""
    knobs = opening.config.tunables
    return (
        opening.changeover(lot.lot_type)
        + lot.fill_hours
        - switch_penalty(opening, lot)
        - knobs.slack_waste_weight * unusable_slack(shelf, opening, lot)
        + (knobs.streak_bonus if opening.last == lot.lot_type else 0.0)
        - 0.01 * lot.fill_hours
    )


def by_score(problem: Problem, watch: Watch) -> Blocks:
    width = problem.config.tunables.beam_width

    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        return choose(shelf, opening, score, candidates(shelf, opening, width))

    return fill_blocks(problem, pick, watch)


def pack(problem: Problem, watch: Watch) -> Blocks:
    """The shortest of the scored packing, the other list strategies and the grouped packing, mended.

    Only the scored packing reports its lots: a count that starts anew would run backwards.
    """
    config, silent = problem.config, Unwatched()
    made = [by_score(problem, watch), grouping.grouped_blocks(problem.lots, config)]
    made += [rule(problem, silent) for rule in (spt.pack, lpt.pack, cfs.pack, hybrid.pack)]
    best = min(
        (grouping.split_costly(blocks, config) for blocks in made), key=lambda blocks: grouping.length(blocks, config)
    )
    grouped = [grouping.ordered(block, config) for block in best]
    mended = grouping.split_costly(grouping.mend(grouped, config, watch.expired), config)
    return min((best, mended), key=lambda blocks: round(grouping.length(blocks, config), 7))


STRATEGY = Strategy("smart-pack", ("smart", "default"), "Smart packing with type-aware scoring (default)", pack)
