"""The default: smart scoring, and when packing type by type or mending blocks gives a
shorter plan, that.
"""

from __future__ import annotations

from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.strategies import cfs, hybrid, lpt, spt
from fillplanner.planning.strategies.base import (
    Blocks,
    Strategy,
    Unwatched,
    Watch,
    fill_blocks,
)
from fillplanner.planning.strategies.bins import Bin, Setups, length, split_costly
from fillplanner.planning.strategies.grouping import grouped
from fillplanner.planning.strategies.mending import mend
from fillplanner.planning.strategies.scoring import (
    choose,
    switch_penalty,
    unusable_slack,
)
from fillplanner.planning.strategies.shelf import Opening, Shelf


def score(shelf: Shelf, opening: Opening, lot: Lot) -> float:
    """Used hours, less the penalty of switching and what becomes unusable, plus a bonus
    for a streak.
    """
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
        # Within a type a longer lot never scores less but for the slack.
        return choose(shelf, opening, score, shelf.leading(opening, width))

    return fill_blocks(problem, pick, watch)


def pack(problem: Problem, watch: Watch) -> Blocks:
    """The shortest of the scored packing, the other list strategies and the grouped
    packing, mended. When time is up those that were not tried are left out.

    Only the scored packing reports its lots: a count that starts anew would run
    backwards.
    """
    config, silent, setups = problem.config, Unwatched(), Setups(problem.config)

    def by_type(problem: Problem, _: Watch) -> Blocks:
        return [packed.ordered() for packed in grouped(problem.lots, setups)]

    made = [by_score(problem, watch)]
    for rule in (by_type, spt.pack, lpt.pack, cfs.pack, hybrid.pack):
        if not watch.expired():
            made.append(rule(problem, silent))
    best = min(
        (split_costly(blocks, config) for blocks in made),
        key=lambda blocks: length(blocks, config),
    )
    bins = [Bin(setups, block) for block in best]
    # Where changing over to the same type costs more than to another, grouping may
    # lengthen a block too much.
    if not all(packed.fits for packed in bins):
        bins = grouped(problem.lots, setups)
    mended = split_costly(
        [packed.ordered() for packed in mend(bins, setups, watch.expired)], config
    )
    return min((best, mended), key=lambda blocks: round(length(blocks, config), 7))


STRATEGY = Strategy(
    "smart-pack",
    ("smart", "default"),
    "Smart packing with type-aware scoring (default)",
    pack,
)
