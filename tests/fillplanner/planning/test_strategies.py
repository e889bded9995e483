"""Every strategy over random problems, with the judge and brute force as oracles."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplanner.planning.bounds import least_changeovers, lower_bound
from fillplanner.planning.judge import judge
from fillplanner.planning.problem import LineConfig, Lot, Problem, Tunables
from fillplanner.planning.solve import Cancelled, Progress, solve
from fillplanner.planning.strategies import (
    STRATEGIES,
    UnknownStrategy,
    resolve_strategy,
)
from fillplanner.planning.strategies.bins import Bin, Setups, block_hours

NAMES = [strategy.name for strategy in STRATEGIES]
# The exact optimiser takes the time it is given.
HEURISTICS = [name for name in NAMES if name != "milp-opt"]
KNOBS = Tunables(milp_time_limit=2, work_limit=150)
TYPES = ("A", "B", "C")
quarters = st.integers(1, 120).map(lambda n: n / 4)
hours = st.integers(0, 40).map(lambda n: n / 2)
matrices = st.dictionaries(
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(TYPES), hours, max_size=3),
    max_size=3,
)
configs = st.builds(
    LineConfig,
    clean_hours=hours,
    window_hours=st.integers(30, 120).map(float),
    same_type_changeover_hours=hours,
    default_changeover_hours=hours,
    changeover_matrix=matrices,
    tunables=st.just(KNOBS),
)


@st.composite
def problems(draw: st.DrawFn, most: int) -> Problem:
    sizes = draw(
        st.lists(st.tuples(st.sampled_from(TYPES), quarters), min_size=1, max_size=most)
    )
    return Problem(
        tuple(Lot(f"L{i}", kind, 1, size) for i, (kind, size) in enumerate(sizes)),
        draw(configs),
    )


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
@given(problem=problems(25))
@settings(max_examples=examples(30))
def test_every_plan_is_valid_and_not_under_its_bound(
    name: str, problem: Problem
) -> None:
    result = solve(problem, name)
    assert judge(problem, result.plan) == []
    assert result.lower_bound <= result.makespan + 1e-6
    assert result.to_wire()["lots_scheduled"] == len(problem.lots)


SEVERAL = tuple(f"T{i}" for i in range(24))
mixtures = st.lists(
    st.tuples(st.sampled_from(SEVERAL), quarters), min_size=20, max_size=60
)


@pytest.mark.thorough
@given(sizes=mixtures, config=configs)
@settings(max_examples=examples(12))
def test_plans_of_many_types_are_valid_and_smart_is_best(
    sizes: list[tuple[str, float]], config: LineConfig
) -> None:
    problem = Problem(
        tuple(Lot(f"L{i}", kind, 1, size) for i, (kind, size) in enumerate(sizes)),
        config,
    )
    made = {name: solve(problem, name).makespan for name in HEURISTICS}
    assert (
        lower_bound(problem) - 1e-6 <= made["smart-pack"] <= min(made.values()) + 1e-6
    )


@pytest.mark.parametrize("over", [0.95e-9, 0.999999e-9, 1e-9])
@pytest.mark.parametrize("name", NAMES)
def test_sums_that_touch_the_tolerance_of_the_window_are_no_fault(
    name: str, over: float
) -> None:
    line = LineConfig(same_type_changeover_hours=0)
    pair = (Lot("a", "T", 1, 40.1), Lot("b", "T", 1, 120 - 40.1 + over))
    dozen = (
        Lot("a", "T", 1, 20.0),
        *(Lot(f"L{i}", "T", 1, 10 + over) for i in range(10)),
    )
    for lots in (pair, dozen, (Lot("a", "T", 1, 120 + 0.9e-9), Lot("b", "T", 1, 5.0))):
        assert solve(Problem(lots, line), name).makespan >= 144


@pytest.mark.thorough
@given(sizes=mixtures, config=configs)
@settings(max_examples=examples(60))
def test_a_bin_knows_the_hours_of_its_ordered_block(
    sizes: list[tuple[str, float]], config: LineConfig
) -> None:
    made = Bin(
        Setups(config),
        [Lot(f"L{i}", kind, 1, size) for i, (kind, size) in enumerate(sizes)],
    )
    assert made.used == pytest.approx(block_hours(made.ordered(), config))


@pytest.mark.thorough
@given(problem=problems(8))
@settings(max_examples=examples(100))
def test_the_least_changeovers_are_those_of_all_pairs(problem: Problem) -> None:
    hours = problem.config.changeover_hours
    same = min(hours(a, a) for a in problem.types)
    others = [hours(a, b) for a, b in product(problem.types, repeat=2) if a != b]
    assert least_changeovers(problem) == (same, min(others, default=same))


def shortest(problem: Problem) -> float:
    """The best makespan over all orders of the lots and all places to clean: brute force."""
    config = problem.config
    best = float("inf")
    for order in permutations(problem.lots):
        ends = [0.0]
        for i in range(len(order)):
            tails = []
            for j in range(i + 1):
                block = order[j : i + 1]
                used = sum(lot.fill_hours for lot in block)
                used += sum(
                    config.changeover_hours(a.lot_type, b.lot_type)
                    for a, b in zip(block, block[1:], strict=False)
                )
                if used <= config.window_hours + 1e-9:
                    tails.append(ends[j] + config.clean_hours + used)
            ends.append(min(tails))
        best = min(best, ends[-1])
    return best


@pytest.mark.thorough
@given(problem=problems(5))
@settings(max_examples=examples(60))
def test_the_bound_holds_and_no_strategy_beats_brute_force(problem: Problem) -> None:
    best = shortest(problem)
    assert lower_bound(problem) <= best + 1e-6
    assert all(solve(problem, name).makespan >= best - 1e-6 for name in NAMES)


@pytest.mark.thorough
@given(problem=problems(20))
@settings(max_examples=examples(40))
def test_smart_never_loses_to_the_others(problem: Problem) -> None:
    smart = solve(problem, "smart-pack").makespan
    assert all(smart <= solve(problem, name).makespan + 1e-6 for name in HEURISTICS)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("smart", "smart-pack"),
        ("default", "smart-pack"),
        ("SMART_PACK", "smart-pack"),
        ("shortest", "spt-pack"),
        ("longest", "lpt-pack"),
        ("customer", "cfs-pack"),
        ("hybrid", "hybrid-pack"),
    ],
)
def test_aliases_lead_to_their_strategy(alias: str, name: str) -> None:
    assert resolve_strategy(alias).name == name


def test_an_unknown_strategy_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        UnknownStrategy,
        match=r"Strategy 'best' not found. Known strategies: smart-pack, spt-pack",
    ):
        resolve_strategy("best")


def many(count: int) -> Problem:
    return Problem(
        tuple(
            Lot(f"L{i}", f"T{i % 4}", 1, 1 + (i * 37 % 590) / 10) for i in range(count)
        ),
        LineConfig(),
    )


def test_the_same_lots_give_the_same_plan() -> None:
    assert solve(many(60)).plan == solve(many(60)).plan


@pytest.mark.thorough
def test_progress_rises_to_a_hundred_and_names_lots() -> None:
    heard: list[Progress] = []
    solve(many(300), progress=heard.append)
    percents = [step.percent for step in heard]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0.0, 100.0)
    assert 50 < len(heard) < 130
    assert any(step.current_lot for step in heard)


def test_a_run_stops_when_asked_to() -> None:
    with pytest.raises(Cancelled):
        solve(many(300), cancelled=lambda: True)


@pytest.mark.thorough
def test_when_time_is_up_the_best_so_far_is_the_answer() -> None:
    problem = many(900)
    hurried, calm = solve(problem, time_limit=0), solve(problem)
    assert (hurried.solver_status, calm.solver_status) == ("time_limit", "feasible")
    assert judge(problem, hurried.plan) == []
    assert calm.makespan <= hurried.makespan


SHAPES: dict[str, list[tuple[str, float]]] = {
    "each fills a block": [("AB"[i % 2], 61 + i % 59) for i in range(200)],
    "tiny": [("AB"[i % 2], 0.01 + i % 9 / 100) for i in range(200)],
    "a type each": [(f"T{i}", 1 + (i * 37 % 590) / 10) for i in range(200)],
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", HEURISTICS)
@pytest.mark.parametrize("shape", SHAPES)
def test_lots_of_every_shape_are_planned(name: str, shape: str) -> None:
    lots = tuple(
        Lot(f"L{i}", kind, 1, size) for i, (kind, size) in enumerate(SHAPES[shape])
    )
    problem = Problem(lots, LineConfig(same_type_changeover_hours=0))
    assert judge(problem, solve(problem, name).plan) == []
