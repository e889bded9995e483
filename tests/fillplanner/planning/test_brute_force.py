"""Every reported interval holds the true optimum, which trying everything finds."""

from __future__ import annotations

import math
import random
from itertools import product

import pytest

from fillplanner.planning.problem import LineConfig, Lot, Problem, Tunables
from fillplanner.planning.solve import solve

CASES, CHUNKS = 200, 4


def shortest_makespan(problem: Problem) -> float:
    """The least hours over all partitions into blocks and all orders: dynamic
    programming over sets of lots.
    """
    lots, config = problem.lots, problem.config
    n = len(lots)
    path = [[math.inf] * n for _ in range(1 << n)]
    for i, lot in enumerate(lots):
        path[1 << i][i] = lot.fill_hours
    for mask, last in product(range(1 << n), range(n)):
        for i in range(n):
            if not mask >> i & 1 and path[mask][last] < math.inf:
                hours = path[mask][last] + config.changeover_hours(
                    lots[last].lot_type, lots[i].lot_type
                )
                path[mask | 1 << i][i] = min(
                    path[mask | 1 << i][i], hours + lots[i].fill_hours
                )
    block = [min(row) for row in path]
    best = [0.0] + [math.inf] * ((1 << n) - 1)
    for mask in range(1, 1 << n):
        part = mask
        while part:
            if block[part] <= config.window_hours + 1e-9:
                best[mask] = min(
                    best[mask], best[mask ^ part] + config.clean_hours + block[part]
                )
            part = (part - 1) & mask
    return best[-1]


def random_rules(chance: random.Random, types: list[str]) -> LineConfig:
    """The usual rules, odd ones, and matrices of every kind: with and without
    shortcuts, dear and cheap.
    """
    knobs = Tunables(milp_time_limit=20.0, work_limit=400)
    kind = chance.choice(("usual", "uniform", "uniform", "matrix", "metric", "wild"))
    if kind == "usual":
        return LineConfig(tunables=knobs)
    same, clean = (
        chance.choice((0.0, 1.0, 4.0, 4.5)),
        chance.choice((0.5, 2.0, 6.0, 24.0)),
    )
    other = (
        same + chance.choice((-1.0, 0.0, 2.0, 4.0, 7.25)) if kind == "uniform" else 8.0
    )
    matrix = {}
    if kind in ("matrix", "wild"):
        step = 0.5 if kind == "matrix" else 0.01
        matrix = {
            a: {b: round(chance.uniform(0, 12) / step) * step for b in types}
            for a in types
        }
    elif kind == "metric":
        place = {a: (chance.uniform(0, 5), chance.uniform(0, 5)) for a in types}
        matrix = {
            a: {b: same + round(math.dist(place[a], place[b]), 2) for b in types}
            for a in types
        }
    return LineConfig(
        clean,
        chance.choice((30.0, 60.0, 120.0)),
        same,
        max(0.0, other),
        19_920.0,
        matrix,
        knobs,
    )


def random_problem(chance: random.Random) -> Problem:
    types = list("ABCD"[: chance.randint(1, 4)])
    config = random_rules(chance, types)
    whole = chance.random() < 0.5
    lots = []
    for i in range(chance.randint(1, 8)):
        hours = chance.uniform(
            0.5, config.window_hours * chance.choice((0.3, 0.6, 1.0))
        )
        hours = float(max(1, int(hours))) if whole else int(hours * 19_920) / 19_920
        lots.append(Lot(f"L{i}", chance.choice(types), int(hours * 19_920), hours))
    return Problem(tuple(lots), config)


@pytest.mark.thorough
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_optimum_lies_between_bound_and_makespan(chunk: int) -> None:
    chance = random.Random(chunk)
    for case in range(CASES // CHUNKS):
        problem = random_problem(chance)
        best = shortest_makespan(problem)
        for strategy in ("milp-opt", "smart-pack"):
            result = solve(problem, strategy)
            interval = (result.lower_bound, best, result.makespan)
            assert result.lower_bound <= best + 1e-6, (case, strategy, interval)
            assert best <= result.makespan + 1e-6, (case, strategy, interval)
            if result.solver_status == "optimal":
                assert result.makespan <= best + 1e-5, (case, strategy, interval)


@pytest.mark.thorough
def test_the_optimiser_finds_the_optimum_of_nearly_all_small_problems() -> None:
    chance, met = random.Random(99), 0
    for _ in range(60):
        problem = random_problem(chance)
        met += solve(problem, "milp-opt").makespan <= shortest_makespan(problem) + 1e-6
    assert met >= 54
