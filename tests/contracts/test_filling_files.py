"""Lots that reach the filling dialect in files, and what is answered for each row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient
from vials import ROWS
from workbooks import workbook

from fillplanner.models import Plan
from workspaces.models import User

pytestmark = pytest.mark.django_db
CSV = b"Lot ID,Type,Vials\nL1,A,19920\nL2,B,39840\n"


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


LOTS = [["Lot ID", "Type", "Vials"], ["L1", "A", 19920], ["L2", "B", 39840]]


def upload(
    client: APIClient, data: bytes, name: str, field: str = "lots_file", **form: str
) -> Any:
    return client.post(
        "/api/v1/schedule",
        {field: SimpleUploadedFile(name, data), **form},
        format="multipart",
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (CSV, "lots.csv"),
        (workbook({"Lots": LOTS}), "Lots.XLSX"),
        (json.dumps({"lots": ROWS[:2]}).encode(), "lots.json"),
    ],
)
def test_files_of_three_kinds_make_plans(
    client: APIClient, data: bytes, name: str
) -> None:
    assert upload(client, data, name).status_code == 202
    assert Plan.objects.get().lots_count == 2


def test_a_json_files_rules_give_way_to_the_forms(client: APIClient) -> None:
    document = {
        "lots_data": ROWS,
        "config": {"clean_hours": 3, "window_hours": 50},
        "start_time": "2026-01-01T08:00:00",
    }
    answer = upload(
        client, json.dumps(document).encode(), "lots.json", config='{"clean_hours": 5}'
    )
    plan = Plan.objects.get()
    assert (plan.config["clean_hours"], plan.config["window_hours"]) == (5, 50)
    assert answer.json()["start_time"] == "2026-01-01T08:00:00"


@pytest.mark.parametrize(
    ("data", "name", "field", "said"),
    [
        (
            workbook({"Lots": LOTS}),
            "lots.xlsx",
            "csv_file",
            "csv_file must be a .csv file.",
        ),
        (
            CSV,
            "lots.txt",
            "lots_file",
            "lots_file must be a .csv or .xlsx or .json file.",
        ),
        (CSV, "lots.xlsm", "lots_file", "lots_file must be a"),
        (b"{", "lots.json", "lots_file", "The JSON cannot be used"),
        (b'{"x": 1}', "lots.json", "lots_file", "give a list of lots"),
        (b"PK\x03\x04", "lots.xlsx", "lots_file", "cannot be unpacked"),
    ],
)
def test_files_that_are_no_lots_are_refused(
    client: APIClient, data: bytes, name: str, field: str, said: str
) -> None:
    answer = upload(client, data, name, field)
    assert answer.status_code == 400
    assert said in json.dumps(answer.json())


def test_a_files_faults_are_told_by_row_and_field_too(client: APIClient) -> None:
    detail = upload(
        client, b"Lot ID,Type,Vials\nL1,A,x\nL1,,5\n", "lots.csv", "csv_file"
    ).json()["detail"]
    assert detail["errors"] == [
        "Row 2: 'vials' must be a number (got x)",
        "Row 3: Missing required field 'lot_type'",
        "Duplicate lot_ids found: ['L1']",
    ]
    assert detail["rows"] == [
        {"row": 2, "field": "vials", "message": "'vials' must be a number (got x)"},
        {"row": 3, "field": "lot_type", "message": "Missing required field 'lot_type'"},
        {"row": 3, "field": "lot_id", "message": "'lot_id' is given before (L1)"},
    ]


def test_validation_tells_rows_on_request(client: APIClient) -> None:
    rows = [ROWS[0], ROWS[1] | {"fill_hours": 121}]
    body = client.post(
        "/api/v1/schedule/validate?report=rows", rows, format="json"
    ).json()
    said = (
        "'fill_hours' must be at most the window of 120 hours, 2390400 vials (got 121)"
    )
    assert body["errors"] == [f"Lot 1: {said}"]
    assert body["rows"] == [{"row": 1, "field": "fill_hours", "message": said}]


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_taken(client: APIClient) -> None:
    lines = "".join(f"LOT{n:06d},T{n % 9},{1000 + n}\n" for n in range(100_000))
    answer = upload(
        client, b"Lot ID,Type,Vials\n" + lines.encode(), "lots.csv", "csv_file"
    )
    assert answer.status_code == 202
    assert Plan.objects.get().lots_count == 100_000


def test_a_workbooks_sheet_can_be_chosen(client: APIClient) -> None:
    header = ["Lot ID", "Type", "Vials"]
    data = workbook({"A": [header, ["L1", "A", 5]], "B": [header, ["L2", "A", 5]]})
    assert upload(client, data, "lots.xlsx", sheet="b").status_code == 202
    assert Plan.objects.get().lots[0]["lot_id"] == "L2"
    refused = upload(client, data, "lots.xlsx", sheet="C")
    assert refused.status_code == 400
    assert refused.json()["detail"]["errors"] == [
        "The workbook has no visible sheet “C” with rows. It has A, B."
    ]


def test_columns_that_are_not_used_are_a_warning(client: APIClient) -> None:
    data = b"Lot ID,Type,Vials,Colour\nL1,A,x,red\n"
    detail = upload(client, data, "lots.csv").json()["detail"]
    assert detail["warnings"] == ["Column not used: Colour (column D)."]
