"""Random problems of every kind for every strategy: `python -m benchmarks.fill.stress
[COUNT [SEED]]`.

`solve` has each plan judged and raises for a fault; a makespan under its bound, or an
answer that takes over a minute of the processor's time, ends the run too. The clock's
time is told besides: a busy machine may double it, and what is compiled after an
installation is in that of the first problems.
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
        return LineConfig(
            hours[0],
            chance.choice((70.0, 120.0, 400.0)),
            hours[1],
            hours[2],
            tunables=knobs,
        )
    matrix = {
        "usual": {},
        "asymmetric": asymmetric(chance, types),
        "potency": potency(types),
        "wild": {a: {b: chance.uniform(0, 30) for b in types} for a in types},
    }[kind]
    return LineConfig(changeover_matrix=matrix, tunables=knobs)


def random_problem(chance: random.Random) -> Problem:
    types = chance.choice((1, 2, 3, 5, 12, 16))
    lots = lots_of(
        chance,
        chance.choice((1, 2, 5, 12, 25)),
        types,
        SIZES[chance.choice(tuple(SIZES))],
        True,
    )
    config = rules(chance, [f"T{k:02}" for k in range(types)])
    return Problem(
        tuple(lot for lot in lots if lot.fill_hours <= config.window_hours)
        or lots_of(chance, 1, 1, SIZES["tiny"], False),
        config,
    )


def main(count: int, seed: int) -> None:
    slowest = most_worked = 0.0
    for number in range(count):
        problem = random_problem(random.Random(f"{seed} {number}"))
        for strategy in STRATEGIES:
            begun, before = time.perf_counter(), time.process_time()
            result = solve(problem, strategy.name)
            took, worked = time.perf_counter() - begun, time.process_time() - before
            slowest, most_worked = max(slowest, took), max(most_worked, worked)
            if result.lower_bound > result.makespan + 1e-6 or worked > LONGEST_SECONDS:
                raise SystemExit(
                    f"problem {number} of seed {seed}: {strategy.name}, "
                    f"{took:.1f} s, {worked:.1f} s of work"
                )
    say(
        "stress",
        problems=count,
        strategies=len(STRATEGIES),
        faults=0,
        slowest_seconds=slowest,
        most_seconds_of_work=most_worked,
    )


if __name__ == "__main__":
    count, seed, *_ = (*map(int, sys.argv[1:]), *(1000, 0)[len(sys.argv) - 1 :])
    main(count, seed)
