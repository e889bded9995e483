"""The judge sees each rule that a plan can break."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fillplanner.planning.judge import judge
from fillplanner.planning.plan import LinePlan, build_plan
from fillplanner.planning.problem import LineConfig, Lot, Problem

LOTS = (Lot("a", "A", 1, 10.0), Lot("b", "A", 1, 20.0), Lot("c", "B", 1, 30.0))
PROBLEM = Problem(LOTS, LineConfig())
GOOD = build_plan([LOTS[:2], LOTS[2:]], PROBLEM.config)


def broken(index: int, **changes: object) -> LinePlan:
    rows = list(GOOD.activities)
    rows[index] = replace(rows[index], **changes)  # type: ignore[arg-type]  # whatever the test breaks
    return LinePlan(tuple(rows))


def test_a_good_plan_passes() -> None:
    assert judge(PROBLEM, GOOD) == []
    assert [row.kind for row in GOOD.activities] == [
        "clean",
        "fill",
        "changeover",
        "fill",
        "clean",
        "fill",
    ]


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        (broken(1, lot_id="x"), "x is filled but was not asked for"),
        (broken(1, lot_id="b"), "b is filled 2 times"),
        (broken(1, duration_hours=9.0), "a is filled with the wrong hours or type"),
        (broken(1, lot_type="B"), "a is filled with the wrong hours or type"),
        (broken(1, start=25.0), "does not follow"),
        (broken(1, end=40.0), "does not last"),
        (broken(1, start=float("nan")), "does not follow"),
        (broken(5, end=float("nan")), "does not last"),
        (broken(0, duration_hours=23.0), "is not 24 h long"),
        (broken(2, duration_hours=8.0), "is not 4 h long"),
        (LinePlan(GOOD.activities[1:]), "does not begin with a clean"),
        (LinePlan(GOOD.activities[:5]), "does not end with a fill"),
        (LinePlan(GOOD.activities[:2] + GOOD.activities[3:]), "a fill follows a fill"),
        (
            LinePlan(
                GOOD.activities[:4] + (GOOD.activities[4],) * 2 + GOOD.activities[5:]
            ),
            "a clean follows a clean",
        ),
        (LinePlan(()), "does not begin with a clean"),
    ],
)
def test_each_broken_rule_is_named(plan: LinePlan, fault: str) -> None:
    assert any(fault in said for said in judge(PROBLEM, plan)), judge(PROBLEM, plan)


def test_a_wrong_changeover_is_named_for_a_type_without_a_name_too() -> None:
    lots = (Lot("a", "", 1, 10.0), Lot("b", "B", 1, 10.0))
    plan = build_plan([lots], PROBLEM.config)
    assert judge(Problem(lots, PROBLEM.config), plan) == []
    assert any(
        "is not 9 h long" in said
        for said in judge(Problem(lots, LineConfig(default_changeover_hours=9)), plan)
    )


def test_a_block_over_the_window_is_named() -> None:
    tight = Problem(LOTS, LineConfig(window_hours=33.9))
    assert any("longer than the window of 33.9" in said for said in judge(tight, GOOD))
    assert judge(Problem(LOTS, LineConfig(window_hours=34)), GOOD) == []
