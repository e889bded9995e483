"""The line's rules on the wire: every key changes a plan or is refused."""

from __future__ import annotations

from typing import Any

import pytest

from fillplanner.planning.problem import LineConfig, Lot, Problem, ProblemError
from fillplanner.planning.rules import TUNABLES, ConfigError, read_config, to_wire
from fillplanner.planning.solve import Result, solve
from fillplanner.planning.strategies import STRATEGIES, smart
from fillplanner.planning.strategies.base import Unwatched

HEURISTICS = [strategy.name for strategy in STRATEGIES if strategy.name != "milp-opt"]
# The commonest type is not the one with most hours.
KINDS = "AABACABACABAABAABC"
UNEVEN = tuple(
    Lot(f"L{i}", kind, 1, 4 + (i * 29 % 53) / (5 if kind == "A" else 1))
    for i, kind in enumerate(KINDS)
)
EVEN = tuple(Lot(f"L{i}", "ABC"[i * i % 3], 1, 4 + (i * 29 % 53)) for i in range(18))


def plans(config: LineConfig) -> list[Any]:
    """What the strategies make of one set of rules, the scored packing by itself too."""
    problems = [Problem(lots, config) for lots in (EVEN, UNEVEN)]
    made = [solve(problem, name).plan for name in HEURISTICS for problem in problems]
    return [*made, *(smart.by_score(problem, Unwatched()) for problem in problems)]


RULES = {
    "clean_hours": 12,
    "max_clean_hours": 12,
    "CLEAN_HOURS": 12,
    "window_hours": 90,
    "WINDOW_HOURS": 90,
    "same_type_changeover_hours": 2,
    "CHG_SAME_HOURS": 2,
    "default_changeover_hours": 6,
    "CHG_DIFF_HOURS": 6,
    "CHANGEOVER_DEFAULT": 6,
    "changeover_matrix": {"A": {"B": 1}},
    "CHANGEOVER_MATRIX": {"A": {"B": 1}},
}
KNOBS = {
    "beam_width": 1,
    "score_alpha": 60,
    "score_beta": 60,
    "slack_waste_weight": 0,
    "streak_bonus": 80,
    "dynamic_switch_mult_min": 9,
    "dynamic_switch_mult_max": 40,
    "cluster_order": "by_total_hours",
    "within": "SPT",
    "same_type_bonus": 90,
    "spt_weight": 900,
    "switch_penalty_mult": 12,
}


OPTIMISER = {"milp_time_limit", "max_lots", "max_blocks", "seed", "work_limit"}
HARD = tuple(
    Lot(f"L{i:03}", "ABCDEF"[i % 6], 1, 3 + (i * 7919 % 4001) / 97) for i in range(90)
)


def optimised(**knobs: Any) -> Result:
    return solve(Problem(HARD, read_config({"milp_opt": knobs})), "milp-opt")


@pytest.mark.thorough
def test_a_seed_and_a_limit_of_work_make_the_optimiser_repeatable() -> None:
    first, second = (optimised(seed=1, work_limit=200) for _ in range(2))
    assert (first.plan, first.lower_bound) == (second.plan, second.lower_bound)


def test_the_optimiser_stops_in_time() -> None:
    short = optimised(time_limit=0.5)
    assert short.solver_status in ("time_limit", "optimal")


def test_limits_of_lots_and_blocks_refuse_what_is_beyond() -> None:
    with pytest.raises(ProblemError, match="90 lots are more than max_lots allows"):
        optimised(max_lots=89)
    with pytest.raises(ProblemError, match="no plan with at most 3 blocks"):
        optimised(max_blocks=3, time_limit=0.5)


@pytest.mark.thorough
@pytest.mark.parametrize(("key", "value"), RULES.items())
def test_every_rule_changes_some_plan(key: str, value: Any) -> None:
    assert plans(read_config({key: value})) != plans(LineConfig())


@pytest.mark.thorough
@pytest.mark.parametrize(("key", "value"), KNOBS.items())
def test_every_knob_changes_some_plan(key: str, value: Any) -> None:
    assert plans(read_config({key: value})) != plans(LineConfig())


def test_no_knob_is_forgotten_above() -> None:
    assert set(KNOBS) | OPTIMISER == set(TUNABLES)


def test_the_fill_rate_decides_how_long_vials_take() -> None:
    assert read_config({"fill_rate_vph": 1000}).largest_lot_vials == 120_000


@pytest.mark.parametrize(
    ("wire", "complaint"),
    [
        ({"min_lot_spacing_hours": 1}, "'min_lot_spacing_hours' is not a known key"),
        ({"milp_time_limit": 0}, "'milp_time_limit' must be more than 0"),
        ({"milp_opt": {"seed": -1}}, "must be a whole number of at least 0"),
        ({"clean_hours": "24"}, "'clean_hours' must be a number (got '24')"),
        ({"clean_hours": True}, "'clean_hours' must be a number"),
        ({"clean_hours": -1}, "'clean_hours' must be at least 0 (got -1)"),
        ({"window_hours": 0}, "'window_hours' must be more than 0"),
        ({"window_hours": float("nan")}, "finite"),
        ({"window_hours": float("inf")}, "finite"),
        ({"window_hours": 10**400}, "too large"),
        ({"changeover_matrix": [1]}, "object of objects"),
        (
            {"changeover_matrix": {"A": {"B": -2}}},
            "'changeover_matrix.A.B' must be at least 0",
        ),
        ({"beam_width": 0}, "whole number from 1 to 10"),
        ({"within": "FIFO"}, "one of LPT, SPT"),
        ({"smart_pack": {"speed": 1}}, "'smart_pack.speed' is not a known key"),
        ({"clean_hours": 1, "CLEAN_HOURS": 2}, "given twice"),
        (
            {"spt_pack": {"beam_width": 2}},
            "'spt_pack.beam_width' is not read by spt-pack",
        ),
        (
            {"cfs_pack": {"spt_weight": 2}},
            "'cfs_pack.spt_weight' is not read by cfs-pack",
        ),
        (
            {"beam_width": 1, "smart_pack": {"beam_width": 5}},
            "'smart_pack.beam_width' contradicts another",
        ),
        ({"milp-opt": {"max_lots": 0}}, "'milp_opt.max_lots' must be a whole number"),
    ],
)
def test_what_is_wrong_is_refused_by_name(wire: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        read_config(wire)
    assert complaint in "; ".join(refusal.value.errors)


def test_one_knob_may_stand_in_two_sections_with_one_value() -> None:
    sections = {"smart_pack": {"beam_width": 2}, "hybrid_pack": {"beam_width": 2}}
    assert read_config(sections) == read_config({"beam_width": 2})


def test_all_complaints_come_at_once() -> None:
    with pytest.raises(ConfigError) as refusal:
        read_config({"clean_hours": -1, "nonsense": 1, "within": "FIFO"})
    assert len(refusal.value.errors) == 3


@pytest.mark.parametrize(
    "wire", [RULES | {}, KNOBS, {"hybrid_pack": {"spt_weight": 3}}]
)
def test_rules_survive_the_way_out_and_back(wire: dict[str, Any]) -> None:
    config = read_config(
        {
            key: value
            for key, value in wire.items()
            if not key.isupper() and key != "max_clean_hours"
        }
    )
    assert read_config(to_wire(config)) == config
