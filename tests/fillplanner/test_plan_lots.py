"""Planning from the command line, without database or worker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook
from vials import ROWS, make_plan
from workbooks import workbook

from fillplanner import runs
from fillplanner.wire import result_body
from workspaces.models import User

CSV = "Lot ID,Type,Vials\nL1,A,19920\nL2,B,39840\n"


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_csv_is_planned_and_its_figures_printed(tmp_path: Path, capsys) -> None:
    call_command("plan_lots", write(tmp_path, "lots.csv", CSV))
    said = dict(
        line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line
    )
    assert said["Makespan (h)"] == "35.00"
    assert said["Lots Scheduled"] == "2"
    assert said["Lower bound (h)"] == "35.00"


def test_a_workbooks_sheet_can_be_named(tmp_path: Path, capsys) -> None:
    header, path = ["Lot ID", "Type", "Vials"], tmp_path / "lots.xlsx"
    path.write_bytes(
        workbook(
            {"A": [header, ["L1", "A", "x"]], "B": [[*header, "Z"], ["L2", "A", 5]]}
        )
    )
    call_command("plan_lots", path, "--sheet", "B")
    captured = capsys.readouterr()
    assert "Lots Scheduled" in captured.out
    assert "Read from sheet “B”. Other sheets: A." in captured.err
    assert "Warning: Column not used: Z (column D)." in captured.err


@pytest.mark.parametrize(
    "document", [ROWS, {"lots": ROWS}, {"lots_data": ROWS, "start_time": "2026-01-01"}]
)
def test_three_kinds_of_json_are_understood(
    tmp_path: Path, capsys, document: object
) -> None:
    call_command(
        "plan_lots", write(tmp_path, "lots.json", document), "--strategy", "lpt"
    )
    assert "lpt-pack" in capsys.readouterr().out


def test_rules_in_a_file_go_before_those_in_the_input(tmp_path: Path) -> None:
    source = write(
        tmp_path,
        "lots.json",
        {"lots": ROWS, "config": {"CLEAN_HOURS": 5, "WINDOW_HOURS": 24}},
    )
    output = tmp_path / "out.json"
    call_command(
        "plan_lots",
        source,
        "--config",
        write(tmp_path, "rules.json", {"CLEAN_HOURS": 2}),
        "--output",
        output,
    )
    assert json.loads(output.read_text())["makespan"] == 17.0


@pytest.mark.django_db
def test_the_json_is_exactly_the_result_of_the_api(
    tmp_path: Path, editor: User
) -> None:
    output = tmp_path / "out.json"
    call_command("plan_lots", write(tmp_path, "lots.json", ROWS), "--output", output)
    plan = make_plan(editor)
    served = json.loads(json.dumps(result_body(runs.run(plan.pk, "w").result)))
    written = json.loads(output.read_text())
    assert written | {"runtime_seconds": 0} == served | {"runtime_seconds": 0}


def test_the_csv_is_the_activity_table(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    call_command("plan_lots", write(tmp_path, "lots.csv", CSV), "--output", output)
    lines = output.read_text().splitlines()
    assert lines[0] == "Start,End,Kind,Lot ID,Lot Type,Note,Duration (h)"
    assert lines[1] == "0.0,24.0,clean,,,Scheduled clean,24.0"
    assert len(lines) == 5


def test_the_workbook_tells_both(tmp_path: Path) -> None:
    output = tmp_path / "out.xlsx"
    call_command("plan_lots", write(tmp_path, "lots.csv", CSV), "--output", output)
    book = load_workbook(output)
    assert book.sheetnames == ["Summary", "Activities", "Configuration"]
    assert (book["Summary"]["B2"].value, book["Activities"].max_row) == ("lots", 5)


def test_bad_rows_are_all_named_and_nothing_is_written(tmp_path: Path, capsys) -> None:
    output = tmp_path / "out.json"
    with pytest.raises(CommandError, match="2 errors"):
        call_command(
            "plan_lots",
            write(tmp_path, "lots.csv", CSV + "L3,A,x\nL4,A,-1\n"),
            "--output",
            output,
        )
    assert "Row 4: 'vials' must be a number (got x)" in capsys.readouterr().err
    assert not output.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.csv"], "cannot be read"),
        (["lots.json"], "is not JSON"),
        (["lots.csv", "--strategy", "best"], "Strategy 'best' not found"),
        (["lots.csv", "--output", "out.pdf"], "must end in .json, .csv or .xlsx"),
        (["lots.csv", "--config", "rules.json"], "'speed' is not a known key"),
        (["lots.csv", "--output", "nowhere/out.json"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_explained(
    tmp_path: Path, monkeypatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "lots.csv", CSV)
    write(tmp_path, "lots.json", "{")
    write(tmp_path, "rules.json", {"speed": 9})
    with pytest.raises(CommandError, match=said):
        call_command("plan_lots", *arguments)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("asked", "made"),
    [
        (["spt", "spt-pack", "milp-opt"], ["spt-pack", "milp-opt"]),
        (
            ["all"],
            [
                "smart-pack",
                "spt-pack",
                "lpt-pack",
                "cfs-pack",
                "hybrid-pack",
                "milp-opt",
            ],
        ),
    ],
)
def test_several_strategies_have_a_file_each(
    tmp_path: Path, capsys, asked: list[str], made: list[str]
) -> None:
    output = tmp_path / "out.json"
    call_command(
        "plan_lots",
        write(tmp_path, "lots.csv", CSV),
        "--strategy",
        *asked,
        "--output",
        output,
    )
    said = capsys.readouterr().out
    for name in made:
        assert f"{name}, " in said
        assert json.loads((tmp_path / f"out.{name}.json").read_text())["solver"] == name
    assert len(list(tmp_path.glob("out.*.json"))) == len(made)


def test_a_strategy_that_cannot_does_not_keep_the_others_from_planning(
    tmp_path: Path, capsys
) -> None:
    rules = write(tmp_path, "rules.json", {"max_lots": 1})
    lots = write(tmp_path, "lots.csv", CSV)
    with pytest.raises(CommandError, match="1 of 2 strategies"):
        call_command(
            "plan_lots", lots, "--strategy", "milp-opt", "lpt-pack", "--config", rules
        )
    told = capsys.readouterr()
    assert "more than max_lots allows" in told.err
    assert "lpt-pack, " in told.out


def test_a_plan_that_would_profit_says_what_makes_it_faster(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    lots = write(tmp_path, "lots.csv", CSV)
    monkeypatch.setattr("fillplanner.planning.kernels.ready", lambda: False)
    call_command("plan_lots", lots, "--strategy", "milp-opt")
    assert "manage.py compile_planner" in capsys.readouterr().err
    call_command("plan_lots", lots, "--strategy", "smart-pack")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("fillplanner.planning.kernels.ready", lambda: True)
    call_command("plan_lots", lots, "--strategy", "milp-opt")
    assert capsys.readouterr().err == ""
