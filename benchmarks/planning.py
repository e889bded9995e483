"""How good and how fast the strategies are: makespan over the proven lower bound, and seconds."""

from __future__ import annotations

import random
import statistics
import time

from benchmarks.figures import say
from fillplanner.planning.problem import LineConfig, Lot, Problem
from fillplanner.planning.solve import solve
from fillplanner.planning.strategies import STRATEGIES

SIZES = ((15, 10), (100, 5), (500, 3), (5000, 1))


def problem(lots: int, seed: int) -> Problem:
    """Lots of 1 to 60 hours in four types, evenly mixed; the same ones for the same seed."""
    chance = random.Random(seed)
    made = (Lot(f"L{i}", f"T{chance.randrange(4)}", 1, chance.uniform(1, 60)) for i in range(lots))
    return Problem(tuple(made), LineConfig())


def measure() -> None:
    for lots, instances in SIZES:
        problems = [problem(lots, seed) for seed in range(instances)]
        for strategy in STRATEGIES:
            begun = time.perf_counter()
            gaps = [solve(one, strategy.name).gap_percent for one in problems]
            seconds = (time.perf_counter() - begun) / instances
            say("planning", strategy=strategy.name, lots=lots, instances=instances,
                mean_gap_percent=statistics.mean(gaps), worst_gap_percent=max(gaps), seconds=seconds)  # fmt: skip
