"""Lots from programs and from spreadsheets, and what is said of bad rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fillplanner.planning.intake import (
    read_lots,
    read_lots_file,
    request_from_json,
)
from fillplanner.planning.problem import LineConfig

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
GOOD = {"lot_id": "LOT001", "lot_type": "A", "vials": 1000, "fill_hours": 2.5}


def errors_of(*rows: Any) -> list[str]:
    return read_lots(list(rows), LineConfig(), START).errors


def test_good_rows_become_lots() -> None:
    report = read_lots(
        [GOOD, GOOD | {"lot_id": "7", "vials": 800.0, "fill_hours": 2}],
        LineConfig(),
        START,
    )
    assert report.valid
    assert [(lot.lot_id, lot.vials, lot.fill_hours) for lot in report.lots] == [
        ("LOT001", 1000, 2.5),
        ("7", 800, 2.0),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lot_id": 5}, "Lot 0: 'lot_id' must be a text (got 5)"),
        ({"lot_type": 7}, "Lot 0: 'lot_type' must be a text (got 7)"),
        ({"priority": 1}, "Lot 0: 'priority' must be a text (got 1)"),
        (
            {"vials": "800"},
            "Lot 0: 'vials' must be a number, not a text (got 800)",
        ),
        (
            {"fill_hours": "2.5"},
            "Lot 0: 'fill_hours' must be a number, not a text (got 2.5)",
        ),
        (
            {"target_end": 12},
            "Lot 0: 'target_end' must be an ISO date and time (got 12)",
        ),
        ({"lot_id": None}, "Lot 0: Missing required field 'lot_id'"),
        ({"vials": -100}, "Lot 0: 'vials' must be positive (got -100)"),
        ({"fill_hours": 0}, "Lot 0: 'fill_hours' must be positive (got 0)"),
        ({"vials": "many"}, "Lot 0: 'vials' must be a number (got many)"),
        ({"vials": 2.5}, "Lot 0: 'vials' must be a whole number (got 2.5)"),
        ({"vials": True}, "Lot 0: 'vials' must be a number (got True)"),
        (
            {"vials": 10**10},
            "Lot 0: 'vials' must be at most 1000000000 (got 10000000000)",
        ),
        (
            {"fill_hours": float("nan")},
            "Lot 0: 'fill_hours' must be a number (got nan)",
        ),
        (
            {"fill_hours": float("inf")},
            "Lot 0: 'fill_hours' must be a number (got inf)",
        ),
        (
            {"fill_hours": 10**400},
            f"Lot 0: 'fill_hours' must be a number (got {10**400})",
        ),
        (
            {"fill_hours": 121},
            "Lot 0: 'fill_hours' must be at most the window of 120 hours, 2390400 vials (got 121)",
        ),
        ({"lot_id": "  "}, "Lot 0: 'lot_id' must not be blank"),
        ({"lot_type": ""}, "Lot 0: 'lot_type' must not be blank"),
        (
            {"lot_type": "a\x00b"},
            "Lot 0: 'lot_type' must be at most 200 printable characters",
        ),
        (
            {"vials": "19.000"},
            "Lot 0: 'vials' must be written without thousands separators (got 19.000)",
        ),
        (
            {"vials": "1_000"},
            "Lot 0: 'vials' must be written without thousands separators (got 1_000)",
        ),
        ({"fill_hours": "1_0"}, "Lot 0: 'fill_hours' must be a number (got 1_0)"),
        (
            {"target_end": 10**400},
            f"Lot 0: 'target_end' must be an ISO date and time (got {10**400})",
        ),
        (
            {"target_start": "soon"},
            "Lot 0: 'target_start' must be an ISO date and time (got soon)",
        ),
    ],
)
def test_each_fault_has_its_message(change: dict[str, Any], message: str) -> None:
    assert errors_of(GOOD | change) == [message]


def test_missing_keys_rows_that_are_no_objects_and_nothing_at_all() -> None:
    assert errors_of({}) == [
        f"Lot 0: Missing required field '{name}'"
        for name in ("lot_id", "lot_type", "vials", "fill_hours")
    ]
    assert errors_of(GOOD, "x") == ["Lot 1: must be an object"]
    assert errors_of() == ["No lots provided"]


@pytest.mark.parametrize("rows", [None, {"lots": []}, "abc", 3])
def test_what_is_no_list_of_lots_is_explained(rows: object) -> None:
    assert read_lots(rows, LineConfig(), START).errors == [
        "The lots must be a list of objects"
    ]


def test_duplicates_are_one_error() -> None:
    assert errors_of(GOOD, GOOD, GOOD | {"lot_id": "x"}, GOOD) == [
        "Duplicate lot_ids found: ['LOT001']"
    ]


def test_long_fills_are_a_warning() -> None:
    report = read_lots([GOOD | {"fill_hours": 110}], LineConfig(), START)
    assert (report.valid, report.warnings) == (
        True,
        ["Lot 0: fill_hours is very large (110)"],
    )


def test_targets_are_hours_from_the_start() -> None:
    row = GOOD | {
        "target_start": "2026-01-01T10:00:00",
        "target_end": "2026-01-01T14:00:00+02:00",
    }
    lot = read_lots([row], LineConfig(), START).lots[0]
    assert (lot.target_start, lot.target_end) == (2.0, 4.0)
    assert errors_of(
        GOOD | {"target_start": "2026-01-02", "target_end": "2026-01-01"}
    ) == ["Lot 0: 'target_start' is after 'target_end'"]


TEXT = "Lot ID,Type,Vials\nL1,A,19920\nL2,B,39840\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace("\n", "\n\n").encode(),
        b'"lot_id",TYPE, vials \n"L1",A,19920\n L2 ,"B", 39840 ',
    ],
)
def test_files_as_spreadsheets_write_them(data: bytes) -> None:
    report = read_lots_file(data, LineConfig(), START)
    assert report.errors == []
    assert [(lot.lot_id, lot.lot_type, lot.fill_hours) for lot in report.lots] == [
        ("L1", "A", 1.0),
        ("L2", "B", 2.0),
    ]


def test_decimal_commas_are_read_where_semicolons_separate() -> None:
    report = read_lots_file(
        b"Lot ID;Type;Vials;Fill Hours\nL1;A;1000;2,5\n", LineConfig(), START
    )
    assert report.lots[0].fill_hours == 2.5


def test_ids_keep_their_commas_where_semicolons_separate() -> None:
    report = read_lots_file(b"Lot ID;Type;Vials\n12,3;A;1000\n", LineConfig(), START)
    assert report.lots[0].lot_id == "12,3"


@pytest.mark.parametrize(
    "data",
    [
        b"Lot ID;Type;Vials\nL1;A;19,000\n",
        b"Lot ID;Type;Vials\nL1;A;19.000\n",
        b'Lot ID,Type,Vials\nL1,A,"19,000"\n',
    ],
)
def test_nineteen_thousand_vials_are_never_read_as_nineteen(data: bytes) -> None:
    report = read_lots_file(data, LineConfig(), START)
    assert report.lots == []
    assert (
        "Row 2: 'vials' must be written without thousands separators"
        in report.errors[0]
    )


def test_a_separator_of_thousands_without_quotes_is_noticed_by_its_cell() -> None:
    report = read_lots_file(
        b"Lot ID,Type,Vials\nL1,A,19,000\nL2,A,5,,\n", LineConfig(), START
    )
    assert report.errors == ["Row 2: has more cells than the header"]
    assert [lot.lot_id for lot in report.lots] == ["L2"]


def test_rows_are_counted_as_a_person_counts_them() -> None:
    report = read_lots_file(
        b"Lot ID,Type,Vials\nL1,A,1000\n\nL2,,5\nL3,A,x\n", LineConfig(), START
    )
    assert report.errors == [
        "Row 4: Missing required field 'lot_type'",
        "Row 5: 'vials' must be a number (got x)",
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "No lots provided"),
        (b"Lot ID,Type,Vials\n", "No lots provided"),
        (b"Name,Type\nx,y\n", "Missing columns: Lot ID, Vials"),
        (b"Lot ID,Type,Vials,vials\nx,y,1,2\n", "Columns given twice: vials"),
        (b"Lot ID,Type,Vials\n\xff\xe9\x00", "cannot be read as CSV"),
    ],
)
def test_files_that_are_none_are_explained(data: bytes, message: str) -> None:
    assert message in read_lots_file(data, LineConfig(), START).errors[0]


def test_json_documents_of_three_kinds_are_understood() -> None:
    assert request_from_json([GOOD]) == ([GOOD], {}, None)
    assert request_from_json({"lots": [GOOD], "config": {"CLEAN_HOURS": 1}}) == (
        [GOOD],
        {"CLEAN_HOURS": 1},
        None,
    )
    assert request_from_json({"lots_data": [], "start_time": "2026-01-01"}) == (
        [],
        {},
        "2026-01-01",
    )
    for wrong in ({}, {"lots": 1}, "x", 3, {"lots": [], "config": [1]}):
        with pytest.raises(ValueError, match="list of lots"):
            request_from_json(wrong)
