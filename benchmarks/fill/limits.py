"""Whether time limits hold: problems of every size and mix, and how much longer than
allowed each plan took.

`python -m benchmarks.fill --limits [SECONDS ...]`, else 5 and 10 seconds; with `--work`
seconds of the processor.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from benchmarks.figures import say
from benchmarks.fill.families import RATE, asymmetric
from fillplanner.planning.kernels import ready
from fillplanner.planning.problem import LineConfig, Lot, Problem, Tunables
from fillplanner.planning.solve import solve

USUAL_LIMITS = (5.0, 10.0)
# What a limit may be exceeded by: a share of it, and seconds.
SHARE_OVER, SECONDS_OVER = 0.1, 0.5


def lots_of(count: int, types: int, wished: bool = False) -> tuple[Lot, ...]:
    chance = random.Random(count * 10_000 + types)
    clock, lots = 0.0, []
    for i in range(count):
        vials = int(chance.uniform(1, 60) * RATE)
        hours = vials / RATE
        clock += hours * 1.4
        wishes = (
            (clock - chance.uniform(0, 60), clock + chance.uniform(20, 100))
            if wished
            else (None, None)
        )
        lots.append(Lot(f"L{i:05}", f"T{i % types:04}", vials, hours, *wishes))
    return tuple(lots)


def matrix(types: int) -> LineConfig:
    return LineConfig(
        changeover_matrix=asymmetric(
            random.Random(types), [f"T{k:04}" for k in range(types)]
        )
    )


def wild(types: int) -> LineConfig:
    """Hours for which taking the lots of a type together may lose."""
    chance, names = random.Random(types), [f"T{k:04}" for k in range(types)]
    return LineConfig(
        changeover_matrix={a: {b: chance.uniform(0, 24) for b in names} for a in names}
    )


MIXES: dict[str, Callable[[], Problem]] = {
    "30 lots, 8 types": lambda: Problem(lots_of(30, 8), LineConfig()),
    "1000 lots, 1 type": lambda: Problem(lots_of(1000, 1), LineConfig()),
    "300 lots, each a type": lambda: Problem(lots_of(300, 300), LineConfig()),
    "1000 lots, each a type": lambda: Problem(lots_of(1000, 1000), LineConfig()),
    "2500 lots, 50 types": lambda: Problem(lots_of(2500, 50), LineConfig()),
    "5000 lots, 8 types": lambda: Problem(lots_of(5000, 8), LineConfig()),
    "5000 lots, each a type": lambda: Problem(lots_of(5000, 5000), LineConfig()),
    "200 lots, matrix of 8 types": lambda: Problem(lots_of(200, 8), matrix(8)),
    "200 lots, matrix of 13 types": lambda: Problem(lots_of(200, 13), wild(13)),
    "1000 lots, matrix of 40 types": lambda: Problem(lots_of(1000, 40), matrix(40)),
    "1000 lots, wild matrix of 40 types": lambda: Problem(lots_of(1000, 40), wild(40)),
    "100 lots with windows, 2 lines": lambda: Problem(
        lots_of(100, 5, True), LineConfig(lines=2)
    ),
    "1000 lots with windows, 3 lines": lambda: Problem(
        lots_of(1000, 20, True), LineConfig(lines=3)
    ),
}


def limited(problem: Problem, seconds: float) -> Problem:
    return replace(
        problem,
        config=replace(problem.config, tunables=Tunables(milp_time_limit=seconds)),
    )


def runs(limits: Sequence[float]) -> Iterator[tuple[str, float, float, float]]:
    """Of each run its mix, limit, seconds, and seconds of the processor."""
    for name, make in MIXES.items():
        for limit in limits:
            problem = limited(make(), limit)
            begun, worked = time.perf_counter(), time.process_time()
            result = solve(problem, "milp-opt")
            took, work = time.perf_counter() - begun, time.process_time() - worked
            figures = {
                "limit": limit,
                "seconds": took,
                "cpu_seconds": work,
                "ratio": took / limit,
            }
            say(
                "limits",
                mix=name,
                **figures,
                status=result.solver_status,
                gap_percent=result.gap_percent,
            )
            yield name, limit, took, work


def count_work() -> None:
    """Take the processor's seconds for the clock's: what a busy machine keeps a plan
    waiting for does not count.
    """
    time.monotonic = time.perf_counter = time.process_time  # type: ignore[assignment]  # for this program only


def main(limits: Sequence[float], work: bool = False) -> int:
    """How many runs took longer than they may; by the processor's time where the
    machine has other `work` to do.
    """
    if work:
        count_work()
    rows = list(runs(limits or USUAL_LIMITS))
    over = [
        name
        for name, limit, took, _ in rows
        if took > limit * (1 + SHARE_OVER) + SECONDS_OVER
    ]
    say("limits", runs=len(rows), over=len(over), compiled=ready())
    return len(over)
