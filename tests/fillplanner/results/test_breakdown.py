"""What the hours of a plan go into."""

from __future__ import annotations

from typing import Any

import pytest

from fillplanner.planning.plan import build_plan
from fillplanner.planning.problem import LineConfig, Lot
from fillplanner.results import breakdown

LOTS = [Lot("L1", "A", 600, 50.0), Lot("L2", "B", 400, 40.0), Lot("L3", "A", 100, 10.0)]


def activities(lines: int = 1, layout: Any = ()) -> list[dict[str, Any]]:
    plan = build_plan([LOTS[:2], LOTS[2:]], LineConfig(lines=lines), layout)
    return [row.to_wire() for row in plan.activities]


def test_shares_are_all_hours_of_all_lines_and_idle_is_one_of_them() -> None:
    rows = activities(2, [(0, 0.0), (1, 10.0)])
    makespan = 24 + 50 + 8 + 40.0
    made = {share.name: share.hours for share in breakdown.shares(rows, makespan, 2)}
    assert made == {
        "fill": 100,
        "clean": 48,
        "changeover": 8,
        "idle": pytest.approx(2 * makespan - 156),
    }
    assert sum(
        share.percent for share in breakdown.shares(rows, makespan, 2)
    ) == pytest.approx(100)


def test_without_idle_hours_none_are_told() -> None:
    rows = activities()
    assert [share.name for share in breakdown.shares(rows, rows[-1]["end"])] == [
        "fill",
        "clean",
        "changeover",
    ]


def test_types_changeovers_and_lines_are_counted() -> None:
    lots = [vars(lot) for lot in LOTS]
    assert [
        (row.lot_type, row.lots, row.vials, row.hours)
        for row in breakdown.by_type(lots)
    ] == [
        ("A", 2, 700, 60.0),
        ("B", 1, 400, 40.0),
    ]
    assert [
        (pair.named, pair.count, pair.hours)
        for pair in breakdown.changeovers(activities())
    ] == [("A → B", 1, 8)]
    assert breakdown.by_line(activities(), 100) == []
    lines = breakdown.by_line(activities(2, [(0, 0.0), (1, 0.0)]), 100)
    assert [(line.name, line.hours) for line in lines] == [
        ("Line 1", 90),
        ("Line 2", 10),
    ]


def test_blocks_are_measured_against_the_window_without_their_clean() -> None:
    made = breakdown.fullness(activities(), 120)
    assert (round(made.least, 2), round(made.most, 2)) == (8.33, 81.67)
    assert [count for _, count, _ in made.bins] == [1, 0, 0, 0, 0, 0, 0, 0, 1, 0]


def test_targets_say_how_early_or_late() -> None:
    lots = [
        {**vars(LOTS[0]), "target_start": 30.0},
        {**vars(LOTS[1]), "target_end": 100.0},
        vars(LOTS[2]),
    ]
    found = {
        row.lot_id: (row.early, row.late)
        for row in breakdown.targets(activities(), lots)
    }
    assert found == {"L1": (6.0, 0.0), "L2": (0.0, 22.0)}
