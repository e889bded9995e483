"""Lots in files as people have them, and what is said of their rows."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from workbooks import workbook

from fillplanner.planning.intake import read_lots, read_lots_file
from fillplanner.planning.lot_reader import Fault
from fillplanner.planning.problem import LineConfig

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
HEADER = ["Lot ID", "Type", "Vials"]


def book(*rows: list[Any]) -> bytes:
    return workbook({"Lots": rows, "Other": [["nothing", "of", "this"]]})


def read(data: bytes) -> Any:
    return read_lots_file(data, LineConfig(), START)


def test_a_workbooks_first_sheet_is_read_with_its_types() -> None:
    header = [*HEADER, "Fill Hours", "Target Start", "Target End"]
    row = [1001.0, "A", 19920.0, 2.5, datetime(2026, 1, 1, 10), "2026-01-02T08:00:00Z"]
    report = read(
        book([], header, row, [None] * 6, [" L2 ", 7, "800", "2,5", None, None])
    )
    assert report.errors == []
    assert [
        (lot.lot_id, lot.lot_type, lot.vials, lot.fill_hours) for lot in report.lots
    ] == [
        ("1001", "A", 19920, 2.5),
        ("L2", "7", 800, 2.5),
    ]
    assert (report.lots[0].target_start, report.lots[0].target_end) == (2.0, 24.0)


def test_hours_of_a_workbook_follow_from_vials() -> None:
    assert read(book(HEADER, ["L1", "A", 39840])).lots[0].fill_hours == 2.0


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            [date(2026, 2, 1), "A", 5],
            Fault(2, "lot_id", "'lot_id' is a date or time; format its column as text"),
        ),
        ([True, "A", 5], Fault(2, "lot_id", "'lot_id' must not be blank")),
        (["L1", "A", "=1+1"], Fault(2, "vials", "Missing required field 'vials'")),
        (
            ["L1", "A", datetime(2026, 1, 1)],
            Fault(2, "vials", "'vials' must be a number (got 2026-01-01 00:00:00)"),
        ),
        (
            ["L1", "A", "19,000"],
            Fault(
                2,
                "vials",
                "'vials' must be written without thousands separators (got 19,000)",
            ),
        ),
    ],
)
def test_bad_cells_are_named_by_row_and_field(row: list[Any], fault: Fault) -> None:
    assert fault in read(book(HEADER, row)).faults


def test_remarks_beside_a_workbooks_columns_are_no_fault() -> None:
    assert read(book(HEADER, ["L1", "A", 5, "by Friday"])).valid


def test_every_fault_has_its_row_and_field_and_duplicates_are_one_error() -> None:
    report = read(b"Lot ID,Type,Vials\nL1,A,5\nL2,,x\nL1,B,6\n")
    assert [(fault.row, fault.field) for fault in report.faults] == [
        (3, "lot_type"),
        (3, "vials"),
        (4, "lot_id"),
    ]
    assert report.errors[-1] == "Duplicate lot_ids found: ['L1']"
    assert len(report.errors) == 3
    rows = [
        {"lot_id": "a", "lot_type": "A", "vials": 1, "fill_hours": 1},
        {"lot_id": "b"},
    ]
    assert {fault.row for fault in read_lots(rows, LineConfig(), START).faults} == {1}


def test_a_column_of_priorities_is_taken() -> None:
    report = read(b"Lot ID,Type,Vials,Priority\nL1,A,5,High\nL2,A,5,\nL3,A,5,odd\n")
    assert [lot.priority for lot in report.lots] == ["high", None]
    assert report.errors == [
        "Row 4: 'priority' must be one of high, medium, low (got odd)"
    ]


def test_excels_own_line_with_the_separator_is_no_header() -> None:
    report = read(
        "sep=;\r\nLot ID;Type;Vials;Fill Hours\r\nL1;A,B;5;2,5\r\nL2;C;x;1\r\n".encode(
            "utf-16"
        )
    )
    assert [(lot.lot_type, lot.fill_hours) for lot in report.lots] == [("A,B", 2.5)]
    assert report.errors == ["Row 3: 'vials' must be a number (got x)"]


def test_points_of_hours_are_decimal_points_beside_commas_too() -> None:
    report = read(b"Lot ID;Type;Vials;Fill Hours\nL1;A;5;1.234\nL2;A;5;1.234,5\n")
    assert [lot.fill_hours for lot in report.lots] == [1.234]
    assert report.errors == ["Row 3: 'fill_hours' must be a number (got 1.234,5)"]


@pytest.mark.thorough
def test_a_row_far_below_costs_little_and_keeps_its_number() -> None:
    made = Workbook()
    made.active.append(HEADER)
    made.active.cell(1_048_576, 1, "L1")
    file = io.BytesIO()
    made.save(file)
    assert (
        read(file.getvalue()).errors[0]
        == "Row 1048576: Missing required field 'lot_type'"
    )


@pytest.mark.thorough
def test_too_many_rows_are_refused() -> None:
    lines = "".join(f"L{n},A,5\n" for n in range(100_001))
    assert read(b"Lot ID,Type,Vials\n" + lines.encode()).errors == [
        "At most 100000 lots in one plan (got 100001)"
    ]


def test_windows_letters_are_read_and_unknown_columns_named() -> None:
    text = "Lot ID;Type;Vials;Bemerkung;\n\nGröße;A;x;eilig\nL2;B;5;;\n"
    report = read(text.encode("cp1252"))
    assert [lot.lot_id for lot in report.lots] == ["L2"]
    assert report.errors == ["Row 3: 'vials' must be a number (got x)"]
    assert report.warnings == ["Column not used: Bemerkung (column D)."]


def test_of_a_workbook_a_visible_sheet_is_read() -> None:
    data = workbook(
        {
            "Secret": [HEADER, ["L0", "A", 5]],
            "May": [HEADER, [], ["L1", "A", "x"]],
            "June": [HEADER, ["L2", "A", 5]],
        },
        {"Secret": "veryHidden"},
    )
    report = read(data)
    assert report.errors == ["Row 3: 'vials' must be a number (got x)"]
    assert report.sheet_note == "Read from sheet “May”. Other sheets: June."
    chosen = read_lots_file(data, LineConfig(), START, "June")
    assert [lot.lot_id for lot in chosen.lots] == ["L2"]
    refused = read_lots_file(data, LineConfig(), START, "Secret")
    assert refused.errors == [
        "The workbook has no visible sheet “Secret” with rows. It has May, June."
    ]
