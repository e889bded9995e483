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
    for a streak; formula of the wire contract.
    """
    knobs = opening.config.tunables
    streak = knobs.streak_bonus if opening.last == lot.lot_type else 0.0
    unusable = knobs.slack_waste_weight * unusable_slack(shelf, opening, lot)
    return (
        opening.changeover(lot.lot_type)
        + lot.fill_hours
        - switch_penalty(opening, lot)
        - unusable
        + streak
        - 0.01 * lot.fill_hours
    )


def by_score(problem: Problem, watch: Watch) -> Blocks:
    """The best lot by score each time."""
    width = problem.config.tunables.beam_width

    def pick(shelf: Shelf, opening: Opening) -> Lot | None:
        # Within a type a longer lot never scores less but for the slack.
        return choose(shelf, opening, score, shelf.leading(opening, width))

    return fill_blocks(problem, pick, watch)


def pack(problem: Problem, watch: Watch) -> Blocks:
    """The shortest of the scored packing, the other list strategies and the grouped
    packing, mended. When time is up those that were not tried are left out.

    problem: lots and rules.
    watch: hears of it, and says whether time is up.
    """
    config = problem.config
    setups = Setups(problem.config)

    def makespan(blocks: Blocks) -> float:
        return length(blocks, config)

    proposals = proposed(problem, setups, watch)
    best = min((split_costly(blocks, config) for blocks in proposals), key=makespan)
    bins = [Bin(setups, block) for block in best]
    # Where changing over to the same type costs more than to another, grouping may
    # lengthen a block too much.
    if not all(packed.fits for packed in bins):
        bins = grouped(problem.lots, setups)
    mended = [packed.ordered() for packed in mend(bins, setups, watch.expired)]
    return min(
        (best, split_costly(mended, config)),
        key=lambda blocks: round(makespan(blocks), 7),
    )


def proposed(problem: Problem, setups: Setups, watch: Watch) -> list[Blocks]:
    """The scored packing, and those of other rules while there is time.

    Only the scored packing reports its lots: a count that starts anew would run
    backwards.
    """
    silent = Unwatched()

    def by_type(problem: Problem, _: Watch) -> Blocks:
        return [packed.ordered() for packed in grouped(problem.lots, setups)]

    proposals = [by_score(problem, watch)]
    for rule in (by_type, spt.pack, lpt.pack, cfs.pack, hybrid.pack):
        if not watch.expired():
            proposals.append(rule(problem, silent))
    return proposals


STRATEGY = Strategy(
    name="smart-pack",
    aliases=("smart", "default"),
    description="Smart packing with type-aware scoring (default)",
    pack=pack,
)
