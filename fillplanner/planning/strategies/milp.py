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

    problem: lots and rules.
    watch: hears of it, and says how much time is left.
    """
    knobs = problem.config.tunables
    count = len(problem.lots)
    if knobs.max_lots is not None and count > knobs.max_lots:
        allowed = f"max_lots allows ({knobs.max_lots})"
        raise ProblemError([f"{count} lots are more than {allowed}"])
    allowed_seconds = min(knobs.milp_time_limit, watch.seconds_left())
    seconds = allowed_seconds - count * SECONDS_A_LOT_AFTERWARDS
    deadline = time.monotonic() + seconds
    start_by = time.monotonic() + seconds * SHARE_FOR_START
    start = smart.pack(problem, Until(start_by, watch))
    watch.improved(length(start, problem.config), 0.0, "construct")
    best = improved(problem, start, deadline, watch)
    if knobs.max_blocks is not None and len(best) > knobs.max_blocks:
        refusal = f"no plan with at most {knobs.max_blocks} blocks was found"
        raise ProblemError([f"{refusal} (max_blocks); {len(best)} do"])
    return best


def improved(problem: Problem, start: Blocks, deadline: float, watch: Watch) -> Blocks:
    """The start or something shorter.

    problem: lots and rules.
    start: blocks to improve on.
    deadline: on the clock of `time.monotonic`, in seconds.
    watch: hears of each better plan and bound.
    """
    # Not imported before it is needed: compiled code and solvers take a second to load.
    from fillplanner.planning import exact  # noqa: PLC0415

    config = problem.config
    kept_for_order = (deadline - time.monotonic()) * SHARE_FOR_ORDER
    packed = exact.optimise(problem, start, deadline - kept_for_order, watch)
    if packed is None:
        alone = [[lot] for lot in problem.lots]
        return min((start, alone), key=lambda blocks: length(blocks, config))
    orderer = Orderer(config, Until(deadline, Unwatched()).expired)
    proposals = [
        start,
        [orderer.ordered(block) for block in start],
        repaired(packed, orderer, config),
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

    proposed: blocks that may be too long.
    orderer: puts the lots of a block in order.
    config: the line's rules.
    """
    blocks: Blocks = []
    loose: list[Lot] = []
    for lots in proposed:
        block = orderer.ordered(lots)
        while not fits(block, config):
            shortest = min(block, key=lambda lot: lot.fill_hours)
            loose.append(shortest)
            block = orderer.ordered([lot for lot in block if lot is not shortest])
        blocks.append(block)
    for lot in sorted(loose, key=lambda lot: -lot.fill_hours):
        put_where_cheapest(lot, blocks, orderer, config)
    return blocks


def put_where_cheapest(
    lot: Lot, blocks: Blocks, orderer: Orderer, config: LineConfig
) -> None:
    """Put the lot into the block that it lengthens least, or into one of its own where
    that is shorter or time is up.
    """
    if orderer.expired():
        blocks.append([lot])
        return
    longer = [orderer.ordered([*block, lot]) for block in blocks]
    cost = {
        i: block_hours(block, config) - block_hours(blocks[i], config)
        for i, block in enumerate(longer)
        if fits(block, config)
    }
    best = min(cost, key=cost.__getitem__, default=None)
    if best is None or cost[best] > config.clean_hours + lot.fill_hours:
        blocks.append([lot])
    else:
        blocks[best] = longer[best]


def fits(block: list[Lot], config: LineConfig) -> bool:
    """Whether the block is not longer than the window."""
    if len(block) < 2:
        return True
    limit = config.window_hours + TOLERANCE - KEPT_BACK
    return block_hours(block, config) <= limit


STRATEGY = Strategy(
    name="milp-opt",
    aliases=("milp", "optimal", "exact"),
    description="Exact optimiser: best plan and proven bound within a time limit",
    pack=pack,
    anytime=True,
)
