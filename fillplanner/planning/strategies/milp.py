"""The exact optimiser: what smart packing finds, improved and bounded as bin packing
with setups.
"""

from __future__ import annotations

import time

from fillplanner.planning.problem import (
    TOLERANCE,
    LineConfig,
    Lot,
    Problem,
    ProblemError,
)
from fillplanner.planning.strategies import smart
from fillplanner.planning.strategies.base import (
    Blocks,
    Strategy,
    Until,
    Unwatched,
    Watch,
)
from fillplanner.planning.strategies.bins import block_hours, length, split_costly
from fillplanner.planning.strategies.ordering import Orderer
from fillplanner.planning.strategies.shelf import KEPT_BACK

# Putting the blocks of many lots down and judging them takes time too.
SECONDS_A_LOT_AFTERWARDS = 3e-4
SHARE_FOR_START = 0.3
# Of the time, what is kept for putting the blocks that were found in order.
SHARE_FOR_ORDER = 0.05


def pack(problem: Problem, watch: Watch) -> Blocks:
    """The shortest blocks found within the time limit; the watch hears of each
    improvement and of the bound.

    Raises ProblemError for more lots or blocks than the rules allow.
    """
    knobs = problem.config.tunables
    if knobs.max_lots is not None and len(problem.lots) > knobs.max_lots:
        raise ProblemError(
            [
                f"{len(problem.lots)} lots are more than max_lots allows ({knobs.max_lots})"
            ]
        )
    seconds = (
        min(knobs.milp_time_limit, watch.seconds_left())
        - len(problem.lots) * SECONDS_A_LOT_AFTERWARDS
    )
    deadline = time.monotonic() + seconds
    start = smart.pack(
        problem, Until(time.monotonic() + seconds * SHARE_FOR_START, watch)
    )
    watch.found(length(start, problem.config), 0.0, "construct")
    best = improved(problem, start, deadline, watch)
    if knobs.max_blocks is not None and len(best) > knobs.max_blocks:
        raise ProblemError(
            [
                (
                    f"no plan with at most {knobs.max_blocks} blocks was found "
                    f"(max_blocks); {len(best)} do"
                )
            ]
        )
    return best


def improved(problem: Problem, start: Blocks, deadline: float, watch: Watch) -> Blocks:
    """The start or something shorter."""
    # Not imported before it is needed: compiled code and solvers take a second to load.
    from fillplanner.planning import exact  # noqa: PLC0415

    config = problem.config
    found = exact.optimise(
        problem,
        start,
        deadline - (deadline - time.monotonic()) * SHARE_FOR_ORDER,
        watch,
    )
    if found is None:
        return min(
            (start, [[lot] for lot in problem.lots]),
            key=lambda blocks: length(blocks, config),
        )
    orderer = Orderer(config, Until(deadline, Unwatched()).expired)
    proposals = [
        start,
        [orderer.ordered(block) for block in start],
        repaired(found, orderer, config),
    ]
    legal = [
        split_costly(blocks, config)
        for blocks in proposals
        if all(fits(block, config) for block in blocks)
    ]
    return min(legal, key=lambda blocks: round(length(blocks, config), 7))


def repaired(proposed: Blocks, orderer: Orderer, config: LineConfig) -> Blocks:
    """Blocks that fit: of those that are too long by the true hours, lots go where they
    cost least.
    """
    blocks, loose = [], []
    for lots in proposed:
        kept = orderer.ordered(lots)
        while not fits(kept, config):
            shortest = min(kept, key=lambda lot: lot.fill_hours)
            loose.append(shortest)
            kept = orderer.ordered([lot for lot in kept if lot is not shortest])
        blocks.append(kept)
    for lot in sorted(loose, key=lambda lot: -lot.fill_hours):
        if orderer.expired():
            blocks.append([lot])
            continue
        longer = [(i, orderer.ordered([*block, lot])) for i, block in enumerate(blocks)]
        cost = {
            i: block_hours(made, config) - block_hours(blocks[i], config)
            for i, made in longer
            if fits(made, config)
        }
        best = min(cost, key=cost.__getitem__, default=None)
        if best is None or cost[best] > config.clean_hours + lot.fill_hours:
            blocks.append([lot])
        else:
            blocks[best] = dict(longer)[best]
    return blocks


def fits(block: list[Lot], config: LineConfig) -> bool:
    return (
        len(block) < 2
        or block_hours(block, config) <= config.window_hours + TOLERANCE - KEPT_BACK
    )


STRATEGY = Strategy(
    "milp-opt",
    ("milp", "optimal", "exact"),
    "Exact optimiser: best plan and proven bound within a time limit",
    pack,
    anytime=True,
)
