"""Which result is best, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fillplanner.drawings.bars import CHART, LABELS, drawing
from fillplanner.results.ranking import (
    chosen_strategies,
    plain,
    ranked,
    recommendation,
    score,
)


@dataclass(frozen=True)
class Figures:
    makespan: float
    changeovers: int = 0
    window_violations: int = 0
    utilization: float = 50.0
    solver_status: str = "feasible"


def test_missed_times_go_before_hours_and_hours_before_changeovers() -> None:
    results = [
        ("late", Figures(90, window_violations=1)),
        ("busy", Figures(100, 5)),
        ("calm", Figures(100, 4)),
        ("short", Figures(99, 9)),
        ("also-calm", Figures(100, 4)),
    ]
    assert [name for name, _ in ranked(results)] == [
        "short",
        "calm",
        "also-calm",
        "busy",
        "late",
    ]


def test_the_score_is_the_first_versions_sum() -> None:
    assert score(Figures(29.0, 2, utilization=31.03)) == pytest.approx(290 - 155.15 + 2)


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([], ""),
        ([("a", Figures(53))], "a is the only strategy with a plan: 53.0 h."),
        (
            [("b", Figures(500)), ("a", Figures(492))],
            "a is 8.0 h (1.6 %) shorter than the next, b.",
        ),
        (
            [("b", Figures(500.004)), ("a", Figures(500))],
            "a is 0.004 h (0.001 %) shorter than the next, b.",
        ),
        (
            [("a", Figures(500, 3)), ("b", Figures(500, 4))],
            "a is as short as the next, b, with 1 changeover fewer.",
        ),
        (
            [("a", Figures(9, 0, 3)), ("b", Figures(10, 0, 1))],
            "b misses 2 target times fewer than the next, a.",
        ),
        (
            [
                ("a", Figures(9)),
                ("b", Figures(9)),
                ("c", Figures(9)),
                ("d", Figures(10)),
            ],
            "a, b and c are equally good; a was asked for first.",
        ),
        (
            [("a", Figures(9, solver_status="optimal"))],
            "a is the only strategy with a plan: 9.0 h; it is proven that no plan is shorter.",
        ),
    ],
)
def test_the_recommendation_says_what_sets_the_best_apart(
    results: list[tuple[str, Figures]], said: str
) -> None:
    assert recommendation(results) == said


def test_small_differences_are_never_said_to_be_none() -> None:
    assert [plain(8), plain(0.04), plain(1234.56), plain(0)] == [
        "8.0",
        "0.04",
        "1,234.6",
        "0.0",
    ]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["smart", "best"], "Invalid strategy 'best'"),
        (["lpt", "longest", "spt"], "Duplicate strategies: lpt-pack"),
    ],
)
def test_strategies_that_cannot_be_compared(names: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chosen_strategies(names)


def test_bars_are_as_long_as_their_hours_and_marks_lie_at_the_bound() -> None:
    made = drawing([("a", 100.0, 50.0), ("b", 50.0, None)], best="b")
    one, two = made.bars
    assert (one.width, two.width, one.mark_x, two.mark_x) == (
        CHART,
        CHART / 2,
        LABELS + CHART / 2,
        None,
    )
    assert (one.best, two.best) == (False, True)
    assert drawing([]).height == 0
