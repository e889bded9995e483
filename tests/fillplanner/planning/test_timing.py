"""Where it matters when a lot is filled: targets, priorities, several lines, calendars,
frozen blocks.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fillplanner.planning import solve as solving
from fillplanner.planning.calendar import Calendar
from fillplanner.planning.intake import read_lots
from fillplanner.planning.judge import blocks_of, judge
from fillplanner.planning.problem import LineConfig, Lot, Problem, ProblemError
from fillplanner.planning.rules import ConfigError, read_config, to_wire
from fillplanner.planning.solve import Result, solve
from fillplanner.planning.strategies import resolve_strategy

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
TEN = tuple(Lot(f"L{i}", "AB"[i % 2], 1, 10.0 + 3 * i) for i in range(10))


def planned(lots: tuple[Lot, ...], strategy: str = "smart-pack", **wire: Any) -> Result:
    config = read_config({"milp_time_limit": 1, **wire})
    return solve(Problem(lots, config, MONDAY), strategy)


def blocks(result: Result) -> list[tuple[str, ...]]:
    return list(blocks_of(result.plan.activities))


def test_lots_are_filled_when_they_are_wished() -> None:
    early = [
        Lot("late", "A", 1, 100.0, 248.0, 400.0),
        Lot("soon", "A", 1, 100.0, None, 130.0),
    ]
    result = planned(tuple(early))
    assert blocks(result) == [("soon",), ("late",)]
    assert result.to_wire()["window_violations"] == 1
    waited = planned(tuple(early), allow_waiting=True)
    assert waited.to_wire()["window_violations"] == 0
    assert waited.makespan == 348.0


@pytest.mark.thorough
@pytest.mark.parametrize(("slack", "waiting"), [(8.0, False), (40.0, True)])
def test_a_plan_that_keeps_all_of_many_targets_is_found_by_any_strategy(
    slack: float, waiting: bool
) -> None:
    chance = random.Random(f"{slack} {waiting}")
    rows = [
        Lot(f"L{i}", chance.choice("ABCD"), 1, chance.uniform(3, 90))
        for i in range(100)
    ]
    made = solve(Problem(tuple(rows), LineConfig()), "cfs-pack").plan
    times = {row.lot_id: row for row in made.activities if row.kind == "fill"}
    wished = tuple(
        replace(
            lot,
            target_start=times[lot.lot_id].start - chance.uniform(0, slack),
            target_end=times[lot.lot_id].end + chance.uniform(0, slack),
        )
        for lot in chance.sample(rows, 100)
    )
    result = planned(wished, "lpt-pack", allow_waiting=waiting)
    assert result.to_wire()["window_violations"] == 0
    assert result.makespan <= made.makespan + 1e-6


def test_fewer_violations_go_before_a_shorter_plan() -> None:
    lots = (Lot("a", "A", 1, 40.0, None, 64.0), Lot("b", "A", 1, 40.0, 132.0, None))
    assert planned(lots).makespan == 24 + 40 + 4 + 40
    assert planned(lots).to_wire()["window_violations"] == 1
    assert planned(lots, allow_waiting=True).to_wire()["window_violations"] == 0
    assert planned(lots, allow_waiting=True).makespan == 172.0


def test_what_is_urgent_comes_first() -> None:
    lots = tuple(
        Lot(f"L{i}", "A", 1, 100.0, priority="high" if i == 3 else "low")
        for i in range(5)
    )
    assert blocks(planned(lots))[0] == ("L3",)
    assert blocks(planned(lots, priority_levels={"high": 1, "low": 5}))[-1] == ("L3",)
    report = read_lots(
        [
            {
                "lot_id": "x",
                "lot_type": "A",
                "vials": 1,
                "fill_hours": 1,
                "priority": "odd",
            }
        ],
        LineConfig(),
        MONDAY,
    )
    assert "'priority' must be one of high, medium, low" in report.errors[0]


@pytest.mark.thorough
@pytest.mark.parametrize("strategy", ["smart-pack", "spt-pack", "milp-opt"])
def test_lines_share_the_blocks(strategy: str) -> None:
    one, two = planned(TEN, strategy), planned(TEN, strategy, lines=2)
    assert one.makespan / 2 <= two.makespan <= 0.7 * one.makespan
    assert {row["line"] for row in two.to_wire()["activities"]} == {1, 2}
    assert "line" not in one.to_wire()["activities"][0]
    assert two.lower_bound <= two.makespan
    assert two.plan.utilization <= 100


@pytest.mark.thorough
def test_no_block_runs_into_a_day_off() -> None:
    result = planned(
        TEN, calendar={"zone": "Europe/Berlin", "weekly_off": ["Saturday", "sunday"]}
    )
    for row in result.plan.activities:
        begun = (MONDAY + timedelta(hours=row.start, minutes=1)).astimezone(
            ZoneInfo("Europe/Berlin")
        )
        assert begun.weekday() < 5
    single = planned(
        TEN,
        calendar={
            "blocked": [
                {"start": "2026-01-05T20:00:00Z", "end": "2026-01-07T08:00:00Z"}
            ]
        },
    )
    assert single.plan.activities[0].start == 48.0


@pytest.mark.thorough
def test_blocks_are_put_in_time_however_the_packing_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lots = tuple(Lot(f"L{i}", "ABC"[i % 3], 1, 5 + 1.5 * i) for i in range(11))
    known = resolve_strategy("lpt-pack")

    def pack(problem: Problem, watch: Any) -> Any:
        watch.give_up()
        return known.pack(problem, watch)

    monkeypatch.setattr(
        solving, "resolve_strategy", lambda name: replace(known, pack=pack)
    )
    begun = planned(
        lots,
        clean_hours=12,
        calendar={"weekly_off": ["sunday"]},
        frozen_blocks=[["L1", "L4"]],
    )
    assert begun.makespan < 300
    assert begun.solver_status == "time_limit"


def test_shifts_limit_what_a_block_can_hold() -> None:
    shifts: dict[str, Any] = {
        "clean_hours": 5,
        "same_type_changeover_hours": 1,
        "window_hours": 20,
        "calendar": {"shifts": [["06:00", "22:00"]]},
    }
    small = tuple(Lot(f"L{i}", "A", 1, 4.0) for i in range(6))
    result = planned(small, **shifts)
    assert max(len(block) for block in blocks(result)) == 1 + 1
    with pytest.raises(ProblemError, match="does not fit between blocked hours"):
        planned((Lot("x", "A", 1, 11.5),), **shifts)


def test_frozen_blocks_stay_first_and_as_they_are() -> None:
    result = planned(TEN, frozen_blocks=[["L9", "L0"], ["L3"]])
    assert blocks(result)[:2] == [("L9", "L0"), ("L3",)]
    whole = planned(TEN, frozen_blocks=[[lot.lot_id] for lot in TEN])
    assert blocks(whole) == [(lot.lot_id,) for lot in TEN]
    assert whole.solver_status == "optimal"


@pytest.mark.parametrize(
    ("frozen", "words"),
    [
        ([["nobody"]], "names nobody"),
        ([["L0"], ["L0"]], "L0 more than once"),
        ([[f"L{i}" for i in range(10)]], "longer than the window"),
    ],
)
def test_frozen_blocks_that_cannot_be_are_refused(
    frozen: list[list[str]], words: str
) -> None:
    with pytest.raises(ProblemError, match=words):
        planned(TEN, frozen_blocks=frozen)


@pytest.mark.thorough
def test_the_judge_sees_gaps_overlaps_and_changes() -> None:
    result = planned(TEN, lines=2, frozen_blocks=[["L9"]])
    strict = Problem(TEN, LineConfig(lines=1, frozen_blocks=(("L8",),)), MONDAY)
    faults = judge(strict, result.plan)
    assert "there is no such line" in faults
    assert "a frozen block was changed" in faults
    closed = Calendar(intervals=((MONDAY, MONDAY.replace(day=6)),))
    assert any(
        "blocked hours" in text
        for text in judge(
            Problem(TEN, LineConfig(calendar=closed), MONDAY), result.plan
        )
    )


@pytest.mark.parametrize(
    ("wire", "complaint"),
    [
        ({"lines": 0}, "'lines' must be a whole number"),
        ({"allow_waiting": 1}, "must be true or false"),
        ({"calendar": []}, "'calendar' must be an object"),
        ({"calendar": {"zone": "Mars"}}, "IANA zone"),
        ({"calendar": {"weekly_off": ["Funday"]}}, "a weekday's name"),
        ({"calendar": {"off": []}}, "not a known key"),
        ({"calendar": {"days_off": ["2026-13-01"]}}, "a date like"),
        ({"calendar": {"shifts": [["6"]]}}, "pair of times"),
        (
            {"calendar": {"blocked": [{"start": "2026-01-02", "end": "2026-01-01"}]}},
            '"start" before "end"',
        ),
        (
            {
                "calendar": {
                    "weekly_off": [
                        "monday",
                        "tuesday",
                        "wednesday",
                        "thursday",
                        "friday",
                        "saturday",
                        "sunday",
                    ]
                }
            },
            "no working day",
        ),
        ({"frozen_blocks": ["L1"]}, "list of lists"),
        ({"priority_levels": {"high": -1}}, "at least 0"),
    ],
)
def test_wrong_rules_of_time_are_refused_by_name(
    wire: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_config(wire)


def test_rules_of_time_survive_the_wire() -> None:
    wire = {
        "lines": 2,
        "allow_waiting": True,
        "frozen_blocks": [["a"], ["b", "c"]],
        "priority_levels": {"now": 9.0},
        "calendar": {
            "zone": "Asia/Tokyo",
            "weekly_off": ["sunday"],
            "days_off": ["2026-12-25"],
            "shifts": [["06:00", "22:00"]],
            "blocked": [
                {
                    "start": "2026-01-05T20:00:00+00:00",
                    "end": "2026-01-07T08:00:00+00:00",
                }
            ],
        },
    }
    config = read_config(wire)
    assert read_config(to_wire(config)) == config
    assert wire.items() <= to_wire(config).items()
    assert config.calendar is not None
    assert config.calendar.shifts == ((time(6), time(22)),)


moments = st.one_of(st.none(), st.floats(0, 600))
timed_lots = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.integers(1, 200),
        moments,
        moments,
        st.sampled_from([None, "high", "low"]),
    ),
    min_size=1,
    max_size=14,
)


@pytest.mark.thorough
@given(
    rows=timed_lots,
    lines=st.integers(1, 3),
    waiting=st.booleans(),
    off=st.sets(st.sampled_from(["saturday", "sunday", "wednesday"]), max_size=1),
    strategy=st.sampled_from(
        ["smart-pack", "spt-pack", "lpt-pack", "cfs-pack", "hybrid-pack", "milp-opt"]
    ),
)
@settings(max_examples=examples(25))
def test_every_timed_plan_is_valid(
    rows: Any, lines: int, waiting: bool, off: set[str], strategy: str
) -> None:
    lots = tuple(
        Lot(
            f"L{i}",
            kind,
            1,
            quarter / 4,
            start,
            None if end is None or (start or 0) > end else end,
            level,
        )
        for i, (kind, quarter, start, end, level) in enumerate(rows)
    )
    config = read_config(
        {
            "lines": lines,
            "allow_waiting": waiting,
            "calendar": {"weekly_off": sorted(off)},
            "milp_opt": {"time_limit": 0.4, "work_limit": 60},
        }
    )
    problem = Problem(lots, config, MONDAY)
    result = solve(problem, strategy)
    assert judge(problem, result.plan) == []
    assert result.lower_bound <= result.makespan + 1e-6
