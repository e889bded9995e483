"""The exact optimiser: what smart packing finds, improved and bounded as bin packing with setups."""

from __future__ import annotations

import time
from math import inf

from fillplanner.planning.problem import Problem, ProblemError
from fillplanner.planning.strategies import smart
from fillplanner.planning.strategies.base import Blocks, Strategy, Unwatched, Watch
from fillplanner.planning.strategies.bins import Bin, Setups, length, split_costly

# Of the time, what bounding a line apart from packing it may take.
SHARE_FOR_BOUND = 0.4


def pack(problem: Problem, watch: Watch) -> Blocks:
    """The shortest blocks found within the time limit; the watch hears of each improvement and of the bound.

    Raises ProblemError for more lots or blocks than the rules allow.
    """
    knobs = problem.config.tunables
    if knobs.max_lots is not None and len(problem.lots) > knobs.max_lots:
        raise ProblemError([f"{len(problem.lots)} lots are more than max_lots allows ({knobs.max_lots})"])
    deadline = time.monotonic() + min(knobs.milp_time_limit, watch.seconds_left())
    start = smart.pack(problem, Unwatched())
    watch.found(length(start, problem.config), 0.0, "construct")
    best = improved(problem, start, deadline, watch)
    if knobs.max_blocks is not None and len(best) > knobs.max_blocks:
        raise ProblemError([f"no plan with at most {knobs.max_blocks} blocks was found (max_blocks); {len(best)} do"])
    return best


def improved(problem: Problem, start: Blocks, deadline: float, watch: Watch) -> Blocks:
    """The start or something shorter."""
    # Not imported before it is needed: compiled code and solvers take a second to load.
    from fillplanner.planning import exact  # noqa: PLC0415

    config, setups = problem.config, Setups(problem.config)
    found = exact.optimise(problem, start, deadline, watch)
    if found is None:
        return min((start, [[lot] for lot in problem.lots]), key=lambda blocks: length(blocks, config))
    bins = [Bin(setups, lots) for lots in found]
    blocks = split_costly([made.ordered() for made in bins], config)
    legal = all(made.fits for made in bins)
    return min((start, blocks if legal else start), key=lambda made: (round(length(made, config), 7), inf))


STRATEGY = Strategy(
    "milp-opt",
    ("milp", "optimal", "exact"),
    "Exact optimiser: best plan and proven bound within a time limit",
    pack,
    anytime=True,
)
