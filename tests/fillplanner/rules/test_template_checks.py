"""What is said of a template's config, key by key."""

from __future__ import annotations

import math
from typing import Any

import pytest

from fillplanner.rules.template_checks import (
    SYSTEM_DEFAULT,
    check_template,
    planning_part,
    unread_keys,
)


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ([], "config must be an object"),
        ({"max_clean_hours": -1}, "'max_clean_hours' must be at least 0 (got -1)"),
        ({"max_clean_hours": True}, "'max_clean_hours' must be a number (got True)"),
        (
            {"default_changeover_hours": "2"},
            "'default_changeover_hours' must be a number (got '2')",
        ),
        (
            {"min_lot_spacing_hours": -0.1},
            "'min_lot_spacing_hours' must be at least 0 (got -0.1)",
        ),
        (
            {"window_penalty_weight": None},
            "'window_penalty_weight' must be a number (got None)",
        ),
        (
            {"changeover_matrix": []},
            "'changeover_matrix' must be an object of objects: from type, to type, hours",
        ),
        (
            {"changeover_matrix": {"A": 3}},
            "'changeover_matrix.A' must be an object: to type, hours",
        ),
        (
            {"changeover_matrix": {"A": {"B": -3}}},
            "'changeover_matrix.A.B' must be at least 0 (got -3)",
        ),
        (
            {"priority_levels": [1]},
            "'priority_levels' must be an object: level, weight",
        ),
        (
            {"priority_levels": {"high": "x"}},
            "'priority_levels.high' must be a number (got 'x')",
        ),
        ({"milp_time_limit": 0}, "'milp_time_limit' must be more than 0 (got 0)"),
        ({"allowed_strategies": "lpt-pack"}, "'allowed_strategies' must be a list"),
        ({"window_hours": 0}, "'window_hours' must be more than 0 (got 0)"),
        (
            {"smart_pack": {"within": "SPT"}},
            "'smart_pack.within' is not read by smart-pack",
        ),
        (
            {"clean_hours": 2, "max_clean_hours": 2},
            "'max_clean_hours' is given twice (also as 'clean_hours' or an alias)",
        ),
        ({"x": math.inf}, "config holds a number that is not finite"),
        ({"x": ["a\x00b"]}, "config holds a NUL character"),
        ({"x": "\ud800"}, "config holds characters that are none"),
        ({"x": "y" * 600_000}, "config is larger than 512 KB"),
    ],
)
def test_what_is_wrong_is_named(config: Any, error: str) -> None:
    assert check_template(config).errors == [error]


def test_unknown_strategies_are_named_one_by_one() -> None:
    errors = check_template({"allowed_strategies": ["lpt-pack", "best", 5]}).errors
    assert [error.split(";")[0] for error in errors] == [
        "'allowed_strategies': invalid strategy 'best'",
        "'allowed_strategies': invalid strategy '5'",
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("depth", [60, 100_000])
def test_a_config_nested_without_end_is_refused(depth: int) -> None:
    config: dict[str, Any] = {}
    for _ in range(depth):
        config = {"x": config}
    assert check_template(config).errors == ["config is nested too deeply"]


def test_unusual_values_are_warned_of() -> None:
    assert check_template({"max_clean_hours": 25}).warnings == [
        "'max_clean_hours' above 24 is unusual"
    ]
    long = check_template({"milp_time_limit": 3601}).warnings
    assert "'milp_time_limit' above 3600 seconds (1 hour) may be too long" in long


def test_keys_without_use_are_kept_and_named() -> None:
    config = {
        "clean_hours": 2,
        "min_lot_spacing_hours": 1,
        "x_own": {"deep": [1]},
        "allowed_strategies": [],
    }
    verdict = check_template(config)
    assert verdict.valid
    assert verdict.warnings == [
        "'min_lot_spacing_hours' is kept but not used for planning",
        "'x_own' is kept but not used for planning",
    ]
    assert unread_keys(config) == ["min_lot_spacing_hours", "x_own"]
    assert planning_part(config) == {"clean_hours": 2}


def test_the_system_default_can_be_planned_with() -> None:
    assert check_template(SYSTEM_DEFAULT).valid
    assert {"max_clean_hours", "default_changeover_hours"} <= set(
        planning_part(SYSTEM_DEFAULT)
    )
