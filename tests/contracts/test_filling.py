"""The filling dialect on the wire: shapes, statuses, texts, bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient
from vials import ROWS, make_plan

from fillplanner import runs, states
from fillplanner.models import Plan
from workspaces.models import User

pytestmark = pytest.mark.django_db
ROW = {
    "id",
    "name",
    "strategy",
    "status",
    "created_at",
    "started_at",
    "completed_at",
    "error_message",
    "start_time",
}


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


def post(client: APIClient, **body: Any):
    return client.post("/api/v1/schedule", {"lots_data": ROWS} | body, format="json")


def test_a_new_schedule_is_accepted_as_pending(client: APIClient) -> None:
    answer = post(client, name="My Schedule", start_time="2025-10-13T10:00:00+00:00")
    body = answer.json()
    assert (answer.status_code, set(body)) == (202, ROW)
    assert (body["name"], body["strategy"], body["status"]) == (
        "My Schedule",
        "smart-pack",
        "pending",
    )
    assert body["started_at"] is body["completed_at"] is body["error_message"] is None
    assert body["start_time"] == "2025-10-13T10:00:00"
    assert "+" not in body["created_at"]
    assert "Z" not in body["created_at"]


def test_the_answer_says_pending_even_when_the_plan_is_done(
    client: APIClient, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(client)
    assert answer.json()["status"] == "pending"
    assert (
        client.get(f"/api/v1/schedule/{answer.json()['id']}").json()["status"]
        == "completed"
    )


def test_a_schedule_names_itself_and_names_are_cleaned(client: APIClient) -> None:
    assert post(client, name=None).json()["name"].startswith("Schedule 20")
    assert post(client, name=" a\x07b\n ").json()["name"] == "ab"


def sent_in_a_form(client: APIClient, name: str) -> Any:
    file = SimpleUploadedFile("lots.csv", b"Lot ID,Type,Vials\nL1,A,19920\n")
    form = {"csv_file": file, "name": name}
    return client.post("/api/v1/schedule", form, format="multipart")


def made_again(client: APIClient, name: str) -> Any:
    path = f"/api/v1/schedule/{post(client).json()['id']}/rerun"
    Plan.objects.update(state=states.COMPLETED, ended_at=timezone.now())
    return client.post(path, {"name": name}, format="json")


def compared(client: APIClient, name: str) -> Any:
    body = {"name": name, "lots_data": ROWS, "strategies": ["smart-pack", "spt-pack"]}
    return client.post("/api/v1/compare", body, format="json")


def kept_as_rules(client: APIClient, name: str) -> Any:
    return client.post("/api/v1/config", {"name": name, "config": {}}, format="json")


@pytest.mark.parametrize(
    "send",
    [
        lambda client, name: post(client, name=name),
        sent_in_a_form,
        made_again,
        compared,
        kept_as_rules,
    ],
)
def test_a_name_is_kept_whole_or_refused(client: APIClient, send: Any) -> None:
    refused = send(client, "x" * 256)
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["body", "name"]
    assert send(client, "x" * 255).json()["name"] == "x" * 255


def test_aliases_are_answered_with_the_strategys_own_name(client: APIClient) -> None:
    assert post(client, strategy="shortest").json()["strategy"] == "spt-pack"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (
            {"strategy": "invalid-strategy"},
            400,
            "Strategy 'invalid-strategy' not found",
        ),
        ({"start_time": "yesterday"}, 400, "Invalid start_time format"),
        ({"start_time": "9999-12-31T23:00:00Z"}, 400, "outside the calendar"),
        ({"start_time": "0001-01-01T00:00:00"}, 400, "outside the calendar"),
        ({"start_time": "0001-01-01T00:00:00+05:00"}, 400, "outside the calendar"),
        (
            {"config": {"clean_hours": 1e6}, "start_time": "8999-01-01T00:00:00"},
            400,
            "outside the calendar",
        ),
        ({"config": {"speed": 1}}, 400, "'speed' is not a known key"),
        ({"config": [1]}, 422, "config"),
        ({"lots_data": []}, 400, "No lots provided"),
        ({"lots_data": [{}]}, 400, "Lot 0: Missing required field 'lot_id'"),
        ({"lots_data": "x"}, 422, "lots_data"),
        ({"lots_data": [ROWS[0], ROWS[0]]}, 400, "Duplicate lot_ids found"),
    ],
)
def test_a_bad_request_is_refused_and_nothing_is_kept(
    client: APIClient, body: dict[str, Any], status: int, words: str
) -> None:
    answer = post(client, **body)
    assert answer.status_code == status
    assert words in json.dumps(answer.json()["detail"])
    assert not Plan.objects.exists()


def test_lots_errors_have_the_contracts_shape(client: APIClient) -> None:
    detail = post(client, lots_data=[ROWS[0] | {"vials": -100}]).json()["detail"]
    assert detail == {
        "message": "Invalid lots data",
        "errors": ["Lot 0: 'vials' must be positive (got -100)"],
        "warnings": [],
    }


def test_a_missing_lots_data_is_a_422(client: APIClient) -> None:
    answer = client.post("/api/v1/schedule", {"name": "x"}, format="json")
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (
        422,
        ["body", "lots_data"],
    )


CSV = b"Lot ID,Type,Vials\nL1,A,19920\nL2,B,39840\n"


def upload(client: APIClient, data: bytes = CSV, name: str = "lots.csv", **form: str):
    return client.post(
        "/api/v1/schedule",
        {"csv_file": SimpleUploadedFile(name, data), **form},
        format="multipart",
    )


def test_a_form_with_a_file_makes_a_schedule_too(client: APIClient) -> None:
    answer = upload(
        client,
        name="lots.csv",
        strategy="lpt",
        config='{"clean_hours": 2}',
        start_time="2026-01-01T08:00:00",
    )
    plan = Plan.objects.get()
    assert (
        answer.status_code,
        plan.lots_count,
        plan.strategy,
        plan.config["clean_hours"],
    ) == (202, 2, "lpt-pack", 2)
    assert answer.json()["start_time"] == "2026-01-01T08:00:00"


@pytest.mark.parametrize(
    ("data", "name", "form", "words"),
    [
        (CSV, "lots.xlsx", {}, "must be a .csv file"),
        (b"", "lots.csv", {}, "No lots provided"),
        (b"Lot ID,Type,Vials\n\xff\x81\x8d", "lots.csv", {}, "cannot be read"),
        (
            b"Lot ID,Type,Vials\nL1,A,x\n",
            "lots.csv",
            {},
            "Row 2: 'vials' must be a number (got x)",
        ),
        (CSV, "lots.csv", {"config": "{"}, "config is not valid JSON"),
        (CSV, "lots.csv", {"config": "[]"}, "config must be a JSON object"),
        (CSV, "lots.csv", {"config": "[" * 100_000}, "config is not valid JSON"),
    ],
)
def test_bad_forms_are_refused(
    client: APIClient, data: bytes, name: str, form: dict[str, str], words: str
) -> None:
    answer = upload(client, data, name, **form)
    assert answer.status_code == 400
    assert words in json.dumps(answer.json())
    assert not Plan.objects.exists()


def test_the_json_alias_is_the_same_door(client: APIClient) -> None:
    assert (
        client.post(
            "/api/v1/schedule/json", {"lots_data": ROWS}, format="json"
        ).status_code
        == 202
    )


def test_a_repeat_under_the_same_key_makes_no_second_schedule(
    client: APIClient,
) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "3f0c"}
    first = client.post(
        "/api/v1/schedule", {"lots_data": ROWS}, format="json", **key
    ).json()
    again = client.post("/api/v1/schedule", {"lots_data": ROWS}, format="json", **key)
    assert (again.status_code, again.json()) == (202, first)
    other = client.post(
        "/api/v1/schedule", {"lots_data": ROWS[:1]}, format="json", **key
    )
    assert (other.status_code, Plan.objects.count()) == (409, 1)


def test_a_completed_schedule_carries_its_result(
    client: APIClient, editor: User
) -> None:
    plan = make_plan(editor, config={"CLEAN_HOURS": 2, "WINDOW_HOURS": 24})
    assert client.get(f"/api/v1/schedule/{plan.pk}").json()["result"] is None
    runs.run(plan.pk, "w")
    body = client.get(f"/api/v1/schedule/{plan.pk}").json()
    result = body["result"]
    assert set(body) == ROW | {"result"}
    assert result["kpis"] == {
        "Makespan (h)": 17.0,
        "Total Clean (h)": 8.0,
        "Total Changeover (h)": 0.0,
        "Total Fill (h)": 9.0,
        "Lots Scheduled": 4,
        "Clean Blocks": 4,
    }
    assert (result["makespan"], result["solver_status"], result["gap_percent"]) == (
        17.0,
        "optimal",
        0.0,
    )
    assert set(result["activities"][0]) == {
        "start",
        "end",
        "kind",
        "lot_id",
        "lot_type",
        "note",
        "duration_hours",
    }
    assert "kpis_json" not in result


def test_the_first_versions_keys_are_there_on_request(
    client: APIClient, editor: User
) -> None:
    plan = make_plan(editor, start_time=None)
    runs.run(plan.pk, "w")
    result = client.get(f"/api/v1/schedule/{plan.pk}?compat=original").json()["result"]
    assert result["kpis_json"]["Makespan (h)"] == "53.00"
    assert result["activities_json"][0]["kind"] == "CLEAN"
    assert result["activities_json"][0]["start"].startswith("20")


def test_schedules_are_listed_newest_first_with_counts(
    client: APIClient, editor: User, stranger: User
) -> None:
    plans = [make_plan(editor, name=f"p{n}") for n in range(3)]
    make_plan(stranger)
    runs.run(plans[0].pk, "w")
    body = client.get("/api/v1/schedules?page_size=2").json()
    assert [row["name"] for row in body["schedules"]] == ["p2", "p1"]
    assert {name: body[name] for name in ("total", "page", "page_size", "pages")} == {
        "total": 3,
        "page": 1,
        "page_size": 2,
        "pages": 2,
    }
    assert [
        row["name"]
        for row in client.get("/api/v1/schedules?status=completed").json()["schedules"]
    ] == ["p0"]
    assert client.get("/api/v1/schedules?strategy=nonsense").json()["schedules"] == []
    assert client.get("/api/v1/schedules?page=9").json()["schedules"] == []


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page=²",
        "page_size=101",
        "page_size=0",
        "page=" + "9" * 20,
        "page=" + "0" * 11 + "1" + "9" * 30,
    ],
)
def test_out_of_range_pages_are_422(client: APIClient, query: str) -> None:
    assert client.get(f"/api/v1/schedules?{query}").status_code == 422


def test_deleting_answers_with_the_contracts_text(
    client: APIClient, editor: User
) -> None:
    plan = make_plan(editor)
    answer = client.delete(f"/api/v1/schedule/{plan.pk}")
    assert (answer.status_code, answer.json()["message"]) == (
        200,
        f"Schedule {plan.pk} deleted successfully",
    )
    gone = client.get(f"/api/v1/schedule/{plan.pk}")
    assert (gone.status_code, gone.json()) == (404, {"detail": "Schedule not found"})


@pytest.mark.parametrize(
    "address",
    ["/api/v1/schedule/x", "/api/v1/schedule/1.5/export", "/api/v1/schedule/-1"],
)
def test_an_id_that_is_no_number_is_422(client: APIClient, address: str) -> None:
    assert client.get(address).status_code == 422


def test_an_absurd_id_is_404(client: APIClient) -> None:
    assert client.get(f"/api/v1/schedule/{'9' * 40}").status_code == 404


def test_exports_have_their_bytes_and_names(client: APIClient, editor: User) -> None:
    plan = make_plan(editor, rows=[ROWS[0] | {"lot_id": "=cmd()"}, ROWS[1]])
    early = client.get(f"/api/v1/schedule/{plan.pk}/export")
    assert (early.status_code, early.json()) == (
        400,
        {"detail": "Schedule not completed yet"},
    )
    runs.run(plan.pk, "w")
    made = client.get(f"/api/v1/schedule/{plan.pk}/export?format=csv")
    assert (
        made["Content-Disposition"] == f'attachment; filename="schedule_{plan.pk}.csv"'
    )
    assert made["Content-Type"].startswith("text/csv")
    lines = made.content.decode().split("\n")
    assert lines[0] == "Start,End,Kind,Lot ID,Lot Type,Note,Duration (h)"
    assert lines[1] == "0.0,24.0,clean,,,Scheduled clean,24.0"
    assert "24.0,26.5,fill,'=cmd(),Product-A,,2.5" in lines
    body = client.get(f"/api/v1/schedule/{plan.pk}/export").json()
    assert set(body) == {"schedule", "results"}
    assert set(body["schedule"]) == {
        "id",
        "name",
        "strategy",
        "created_at",
        "completed_at",
    }
    wrong = client.get(f"/api/v1/schedule/{plan.pk}/export?format=docx")
    assert (wrong.status_code, "Invalid format" in wrong.json()["detail"]) == (
        400,
        True,
    )


def test_a_failed_schedule_is_named_as_such_when_exported(
    client: APIClient, editor: User
) -> None:
    plan = make_plan(editor)
    Plan.objects.update(strategy="gone")
    runs.run(plan.pk, "w")
    answer = client.get(f"/api/v1/schedule/{plan.pk}/export")
    assert (
        answer.status_code,
        answer.json()["detail"].startswith("Schedule failed: "),
    ) == (400, True)


@pytest.mark.parametrize("wrapped", [True, False])
def test_validation_is_always_200(client: APIClient, wrapped: bool) -> None:
    rows = [ROWS[0], ROWS[1] | {"vials": -100}]
    body = {"lots_data": rows} if wrapped else rows
    answer = client.post("/api/v1/schedule/validate", body, format="json")
    assert answer.status_code == 200
    assert answer.json() == {
        "valid": False,
        "errors": ["Lot 1: 'vials' must be positive (got -100)"],
        "warnings": [],
        "lots_count": 2,
    }
    empty = client.post("/api/v1/schedule/validate", [], format="json").json()
    assert empty == {
        "valid": False,
        "errors": ["No lots provided"],
        "warnings": [],
        "lots_count": 0,
    }
    assert (
        client.post("/api/v1/schedule/validate", {"x": 1}, format="json").status_code
        == 422
    )


def test_strategies_are_listed_in_order(client: APIClient) -> None:
    rows = client.get("/api/v1/strategies").json()
    names = [row["name"] for row in rows]
    assert names == [
        "smart-pack",
        "spt-pack",
        "lpt-pack",
        "cfs-pack",
        "hybrid-pack",
        "milp-opt",
    ]
    assert set(rows[0]) == {"name", "aliases", "description"}
    assert {"smart", "default"} <= set(rows[0]["aliases"])


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", "/api/v1/schedule"),
        ("get", "/api/v1/schedules"),
        ("get", "/api/v1/schedule/1"),
        ("get", "/api/v1/strategies"),
        ("post", "/api/v1/schedule/validate"),
        ("delete", "/api/v1/schedule/1"),
        ("get", "/api/v1/schedule/1/export"),
    ],
)
def test_every_call_needs_a_token(api, method: str, address: str) -> None:
    answer = getattr(api(None), method)(address)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})


def test_whoever_accepts_only_other_things_gets_json(client: APIClient) -> None:
    answer = client.get("/api/v1/strategies", HTTP_ACCEPT="text/html")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_somebody_elses_schedule_is_403(api, editor: User, manager: User) -> None:
    plan = make_plan(editor)
    for method, address in (("get", ""), ("delete", ""), ("get", "/export")):
        assert (
            getattr(api(manager), method)(
                f"/api/v1/schedule/{plan.pk}{address}"
            ).status_code
            == 403
        )
    assert Plan.objects.count() == 1


def test_a_keyed_form_is_done_once(client: APIClient) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "a1"}
    answers = []
    for data in (CSV, CSV, CSV + b"L3,C,100\n"):
        form = {"csv_file": SimpleUploadedFile("lots.csv", data)}
        answers.append(client.post("/api/v1/schedule", form, format="multipart", **key))
    assert [answer.status_code for answer in answers] == [202, 202, 409]
    assert answers[0].json() == answers[1].json()
    assert Plan.objects.count() == 1


def test_a_file_over_ten_megabytes_is_413_before_it_is_read(
    client: APIClient, monkeypatch
) -> None:
    monkeypatch.setattr(
        "fillplanner.services.plans.create",
        lambda *args: pytest.fail("the file was read"),
    )
    assert upload(client, b"x" * (10 * 1024 * 1024 + 1)).status_code == 413


def test_a_body_over_ten_megabytes_is_413(client: APIClient) -> None:
    rows = [ROWS[0] | {"lot_id": "x" * 200 + str(n)} for n in range(42_000)]
    answer = client.post("/api/v1/schedule", {"lots_data": rows}, format="json")
    assert answer.status_code == 413
    assert not Plan.objects.exists()
