"""The figures of the contract's example, and small problems whose best plan is known."""

from __future__ import annotations

import pytest

from fillplanner.planning.judge import judge
from fillplanner.planning.plan import build_plan, kpis, window_violations
from fillplanner.planning.problem import LineConfig, Lot, Problem
from fillplanner.planning.rules import read_config
from fillplanner.planning.solve import solve

LOTS = [
    Lot("LOT001", "Product-A", 1000, 2.5),
    Lot("LOT002", "Product-B", 1500, 2.5),
    Lot("LOT003", "Product-A", 800, 2.0),
    Lot("LOT004", "Product-C", 1200, 2.0),
]
CHEAP_CLEAN = read_config({"CLEAN_HOURS": 2, "WINDOW_HOURS": 24})


def test_the_contracts_figures_follow_from_its_blocks() -> None:
    first, second, third, fourth = LOTS
    plan = build_plan([[first, second, fourth], [third]], CHEAP_CLEAN)
    assert kpis(plan) == {
        "Makespan (h)": 29.0,
        "Total Clean (h)": 4.0,
        "Total Changeover (h)": 16.0,
        "Total Fill (h)": 9.0,
        "Lots Scheduled": 4,
        "Clean Blocks": 2,
    }
    assert round(plan.utilization, 2) == 31.03
    assert plan.count("changeover") == 2
    assert len(plan.activities) == 8
    assert judge(Problem(tuple(LOTS), CHEAP_CLEAN), plan) == []


def test_where_a_clean_is_cheaper_than_any_changeover_every_lot_gets_a_block() -> None:
    result = solve(Problem(tuple(LOTS), CHEAP_CLEAN), "smart-pack")
    assert (result.makespan, result.lower_bound, result.solver_status) == (
        17.0,
        17.0,
        "optimal",
    )


def test_an_exactly_full_window_is_legal_and_one_vial_more_is_not() -> None:
    rate = LineConfig().fill_rate_vph
    full = (Lot("a", "T", 0, 58.0), Lot("b", "T", 0, 58.0))
    over = (Lot("a", "T", 0, 58.0), Lot("b", "T", 0, 58.0 + 1 / rate))
    assert solve(Problem(full, LineConfig())).makespan == 24 + 120
    assert solve(Problem(over, LineConfig())).makespan == pytest.approx(
        48 + 116 + 1 / rate
    )


def test_the_last_block_has_no_clean_behind_it() -> None:
    assert solve(Problem((Lot("a", "T", 0, 10.0),), LineConfig())).makespan == 34


def test_targets_that_are_missed_are_counted() -> None:
    lots = [
        Lot("a", "T", 0, 10.0, target_end=30.0),
        Lot("b", "T", 0, 10.0, target_start=0.0, target_end=100.0),
    ]
    assert window_violations(build_plan([lots], LineConfig()), lots) == 1
    assert window_violations(build_plan([lots[::-1]], LineConfig()), lots) == 1
    assert window_violations(build_plan([lots], LineConfig(clean_hours=20)), lots) == 0
