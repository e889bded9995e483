"""Comparing from the command line, without database or worker."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from vials import ROWS, many_rows

from fillplanner.planning.strategies import STRATEGIES


@pytest.fixture
def lots(tmp_path: Path) -> Path:
    return write(tmp_path, "lots.json", many_rows(30))


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def printed(text: str) -> list[list[str]]:
    """The rows of the table, cell by cell."""
    return [
        line.split()
        for line in text.splitlines()
        if line.partition(" ")[0].endswith(("-pack", "-opt"))
    ]


def test_figures_stand_side_by_side_best_first(lots: Path, capsys) -> None:
    call_command(
        "compare_lots", lots, "--strategy", "lpt", "smart", "--strategy", "spt-pack"
    )
    said = capsys.readouterr().out
    rows = [row for row in printed(said) if len(row) == 7]
    assert {row[0] for row in rows} == {"smart-pack", "lpt-pack", "spt-pack"}
    spans = [float(row[1].replace(",", "")) for row in rows]
    assert spans == sorted(spans)
    assert said.splitlines()[-1].startswith(rows[0][0])


@pytest.mark.parametrize("arguments", [[], ["--all"]])
def test_all_strategies_take_part_unless_some_are_named(
    tmp_path: Path, capsys, arguments: list[str]
) -> None:
    call_command(
        "compare_lots",
        write(tmp_path, "lots.json", ROWS),
        *arguments,
        "--time-limit",
        "2",
    )
    rows = [row for row in printed(capsys.readouterr().out) if len(row) == 7]
    assert {row[0] for row in rows} == {strategy.name for strategy in STRATEGIES}


@pytest.mark.parametrize(
    ("column", "place", "turned"),
    [
        ("makespan", 1, False),
        ("utilization", 3, True),
        ("changeovers", 4, False),
        ("violations", 5, False),
    ],
)
def test_the_table_is_sorted_as_asked(
    lots: Path, capsys, column: str, place: int, turned: bool
) -> None:
    call_command(
        "compare_lots",
        lots,
        "--strategy",
        "lpt",
        "smart",
        "hybrid",
        "--sort-by",
        column,
    )
    rows = [row for row in printed(capsys.readouterr().out) if len(row) == 7]
    values = [float(row[place].replace(",", "")) for row in rows]
    assert values == sorted(values, reverse=turned)


def test_the_json_has_the_words_of_the_api(lots: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    rules = write(tmp_path, "rules.json", {"CLEAN_HOURS": 2})
    call_command(
        "compare_lots",
        lots,
        "--strategy",
        "lpt",
        "spt",
        "--config",
        rules,
        "--output",
        output,
    )
    made = json.loads(output.read_text())
    best = min(
        made["results"],
        key=lambda row: (row["window_violations"], row["makespan"], row["changeovers"]),
    )
    assert set(made) == {"best_strategy", "recommendation", "results"}
    assert made["best_strategy"] == best["strategy"]
    assert set(best) == {
        "strategy",
        "status",
        "error_message",
        "makespan",
        "utilization",
        "changeovers",
        "lots_scheduled",
        "window_violations",
        "kpis",
        "activities",
        "lower_bound",
        "gap_percent",
        "solver_status",
        "score",
        "execution_time",
    }
    assert best["activities"][0]["duration_hours"] == 2


def test_the_csv_is_the_table(lots: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    call_command("compare_lots", lots, "--strategy", "lpt", "spt", "--output", output)
    rows = list(csv.DictReader(output.open()))
    assert sorted(row["strategy"] for row in rows) == ["lpt-pack", "spt-pack"]
    assert {row["lots_scheduled"] for row in rows} == {"30"}


def test_a_strategy_without_a_plan_is_named_and_the_others_go_on(
    tmp_path: Path, capsys
) -> None:
    document = {"lots": ROWS, "config": {"milp": {"max_lots": 3}}}
    output = tmp_path / "out.json"
    call_command(
        "compare_lots",
        write(tmp_path, "lots.json", document),
        "--strategy",
        "milp",
        "lpt",
        "--output",
        output,
    )
    assert "milp-opt: 4 lots are more than max_lots allows" in capsys.readouterr().err
    failed = json.loads(output.read_text())["results"][-1]
    assert (failed["strategy"], failed["status"]) == ("milp-opt", "failed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--strategy", "lpt"], "at least 2 strategies"),
        (["--strategy", "lpt", "best"], "Invalid strategy 'best'"),
        (["--strategy", "lpt", "longest"], "Duplicate strategies: lpt-pack"),
        (["--output", "out.xlsx"], "must end in .json or .csv"),
        (["--config", "missing.json"], "cannot be read"),
        (["--strategy", "lpt", "--all"], "not allowed with"),
    ],
)
def test_what_cannot_be_done_is_explained(
    lots: Path, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("compare_lots", lots, *arguments)


def test_bad_rows_are_all_named_and_nothing_is_planned(tmp_path: Path, capsys) -> None:
    bad = write(tmp_path, "lots.csv", "Lot ID,Type,Vials\nL1,A,x\nL2,A,-1\n")
    with pytest.raises(CommandError, match="2 errors"):
        call_command("compare_lots", bad)
    assert "Row 2: 'vials' must be a number (got x)" in capsys.readouterr().err
