"""Random problems of every kind for every strategy: `python -m benchmarks.fill.stress [COUNT [SEED]]`.

`solve` has each plan judged and raises for a fault; a makespan under its bound, or an answer that takes over a minute,
ends the run too.
"""

from __future__ import annotations

import random
import sys
import time

from benchmarks.figures import say
from benchmarks.fill.families import SIZES, asymmetric, lots_of, potency
from fillplanner.planning.problem import LineConfig, Problem, Tunables
from fillplanner.planning.solve import solve
from fillplanner.planning.strategies import STRATEGIES

LONGEST_SECONDS = 60


def rules(chance: random.Random, types: list[str]) -> LineConfig:
    """The usual rules as often as odd ones; of matrices some for which grouping types is wrong."""
    knobs = Tunables(milp_time_limit=5, work_limit=chance.choice((1, 40)))
    kind = chance.choice(("usual", "odd", "asymmetric", "potency", "wild"))
    if kind == "odd":
        hours = [chance.choice((0.0, 0.5, 4.0, 8.0, 24.0, 30.0)) for _ in range(3)]
        return LineConfig(hours[0], chance.choice((70.0, 120.0, 400.0)), hours[1], hours[2], tunables=knobs)
    matrix = {
        "usual": {}, "asymmetric": asymmetric(chance, types), "potency": potency(types),
        "wild": {a: {b: chance.uniform(0, 30) for b in types} for a in types},
    }[kind]  # fmt: skip
    return LineConfig(changeover_matrix=matrix, tunables=knobs)


def random_problem(chance: random.Random) -> Problem:
    types = chance.choice((1, 2, 3, 5, 12, 16))
    lots = lots_of(chance, chance.choice((1, 2, 5, 12, 25)), types, SIZES[chance.choice(tuple(SIZES))], True)
    config = rules(chance, [f"T{k:02}" for k in range(types)])
    return Problem(tuple(lot for lot in lots if lot.fill_hours <= config.window_hours) or lots_of(
        chance, 1, 1, SIZES["tiny"], False), config)  # fmt: skip


def main(count: int, seed: int) -> None:
    slowest = 0.0
    for number in range(count):
        problem = random_problem(random.Random(f"{seed} {number}"))
        for strategy in STRATEGIES:
            begun = time.perf_counter()
            result = solve(problem, strategy.name)
            took = time.perf_counter() - begun
            slowest = max(slowest, took)
            if result.lower_bound > result.makespan + 1e-6 or took > LONGEST_SECONDS:
                raise SystemExit(f"problem {number} of seed {seed}: {strategy.name}, {took:.1f} s")
    say("stress", problems=count, strategies=len(STRATEGIES), faults=0, slowest_seconds=slowest)


if __name__ == "__main__":
    count, seed, *_ = (*map(int, sys.argv[1:]), *(1000, 0)[len(sys.argv) - 1 :])
    main(count, seed)
