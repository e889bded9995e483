"""Comparisons on the wire: shapes, statuses, texts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient
from vials import ROWS, make_comparison, make_plan, many_rows

from fillplanner import runs
from fillplanner.models import Comparison, Plan
from fillplanner.services import comparisons
from workspaces.models import User

pytestmark = pytest.mark.django_db
ROW = {"id", "name", "strategies", "status", "created_at", "started_at", "completed_at"}
OUTCOME = {
    "strategy",
    "status",
    "error_message",
    "makespan",
    "utilization",
    "changeovers",
    "lots_scheduled",
    "window_violations",
    "execution_time",
    "kpis",
    "activities",
    "lower_bound",
    "gap_percent",
    "solver_status",
    "score",
    "schedule_id",
}
PAIR = ["smart-pack", "spt-pack"]


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


def post(client: APIClient, headers: dict[str, str] | None = None, **body: Any):
    body = {"lots_data": ROWS, "strategies": PAIR} | body
    return client.post("/api/v1/compare", body, format="json", headers=headers)


def run_all(comparison: Comparison) -> None:
    for plan in comparison.plans.order_by("pk"):
        runs.run(plan.pk, "w")


def test_a_new_comparison_is_accepted_as_pending(client: APIClient) -> None:
    answer = post(
        client,
        name="Which?",
        lots_data=many_rows(500),
        strategies=["smart", "spt", "lpt", "cfs", "hybrid"],
    )
    body = answer.json()
    assert (answer.status_code, set(body)) == (202, ROW)
    assert (body["name"], body["status"]) == ("Which?", "pending")
    assert body["strategies"] == [
        "smart-pack",
        "spt-pack",
        "lpt-pack",
        "cfs-pack",
        "hybrid-pack",
    ]
    assert body["started_at"] is body["completed_at"] is None
    assert "+" not in body["created_at"]
    assert Plan.objects.filter(comparison=body["id"]).count() == 5


def test_the_answer_says_pending_even_when_everything_is_done(
    client: APIClient, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(client)
    assert answer.json()["status"] == "pending"
    assert (
        client.get(f"/api/v1/compare/{answer.json()['id']}").json()["status"]
        == "completed"
    )


def test_a_comparison_names_itself_and_names_are_cleaned(client: APIClient) -> None:
    assert post(client).json()["name"].startswith("Comparison 20")
    assert post(client, name=" a\x07b\n ").json()["name"] == "ab"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"strategies": ["smart-pack"]}, 422, "strategies"),
        (
            {"strategies": [*PAIR, "lpt", "cfs", "hybrid", "milp", "smart"]},
            422,
            "strategies",
        ),
        ({"strategies": "smart-pack"}, 422, "strategies"),
        ({"strategies": ["smart-pack", "best"]}, 400, "Invalid strategy 'best'"),
        (
            {"strategies": ["smart-pack", "smart-pack"]},
            400,
            "Duplicate strategies: smart-pack",
        ),
        (
            {"strategies": ["smart-pack", "spt", "default"]},
            400,
            "Duplicate strategies: smart-pack",
        ),
        ({"start_time": "yesterday"}, 400, "Invalid start_time format"),
        ({"config": {"speed": 1}}, 400, "'speed' is not a known key"),
        ({"config": [1]}, 422, "config"),
        ({"lots_data": []}, 400, "No lots provided"),
        ({"lots_data": [{}]}, 400, "Lot 0: Missing required field 'lot_id'"),
        ({"lots_data": [ROWS[0], ROWS[0]]}, 400, "Duplicate lot_ids found"),
        ({"name": "x" * 256}, 422, "name"),
    ],
)
def test_a_bad_request_is_refused_and_nothing_is_kept(
    client: APIClient, body: dict[str, Any], status: int, words: str
) -> None:
    answer = post(client, **body)
    assert answer.status_code == status
    assert words in json.dumps(answer.json()["detail"])
    assert not Comparison.objects.exists()
    assert not Plan.objects.exists()


@pytest.mark.parametrize("missing", ["lots_data", "strategies"])
def test_a_missing_field_is_a_422(client: APIClient, missing: str) -> None:
    body = {
        name: value
        for name, value in {"lots_data": ROWS, "strategies": PAIR}.items()
        if name != missing
    }
    answer = client.post("/api/v1/compare", body, format="json")
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (
        422,
        ["body", missing],
    )


def test_a_repeat_under_the_same_key_makes_no_second_comparison(
    client: APIClient,
) -> None:
    key = {"Idempotency-Key": "7a"}
    first = post(client, key).json()
    again = post(client, key)
    assert (again.status_code, again.json()) == (202, first)
    assert post(client, key, strategies=["spt", "lpt"]).status_code == 409
    assert Comparison.objects.count() == 1


def test_results_land_one_by_one(client: APIClient, editor: User) -> None:
    comparison = make_comparison(editor, *PAIR)
    address = f"/api/v1/compare/{comparison.pk}"
    body = client.get(address).json()
    assert set(body) >= ROW | {"best_strategy", "error_message", "results"}
    assert (body["status"], body["best_strategy"], body["results"]) == (
        "pending",
        None,
        None,
    )
    one, two = comparison.plans.order_by("pk")
    runs.claim(one.pk, "w")
    assert (
        client.get(address).json()["status"],
        client.get(address).json()["results"],
    ) == ("running", None)
    runs.run(two.pk, "w")
    body = client.get(address).json()
    assert (body["status"], [row["strategy"] for row in body["results"]]) == (
        "running",
        ["spt-pack"],
    )
    assert body["recommendation"] is None


def test_a_completed_comparison_counts_lots_and_changeovers_of_every_strategy(
    client: APIClient, editor: User
) -> None:
    comparison = make_comparison(editor, "lpt-pack", "smart-pack")
    run_all(comparison)
    body = client.get(f"/api/v1/compare/{comparison.pk}").json()
    assert (body["status"], body["error_message"]) == ("completed", None)
    assert body["started_at"] <= body["completed_at"]
    assert [row["strategy"] for row in body["results"]] == ["lpt-pack", "smart-pack"]
    for row in body["results"]:
        assert set(row) == OUTCOME
        assert (row["status"], row["lots_scheduled"], row["changeovers"]) == (
            "completed",
            4,
            3,
        )
        assert row["score"] == pytest.approx(
            10 * row["makespan"] - 5 * row["utilization"] + 3
        )
        assert row["execution_time"] > 0
        assert row["kpis"]["Lots Scheduled"] == 4
        plan = client.get(f"/api/v1/schedule/{row['schedule_id']}").json()
        assert (plan["strategy"], plan["result"]["activities"]) == (
            row["strategy"],
            row["activities"],
        )
    assert body["best_strategy"] in {"lpt-pack", "smart-pack"}
    assert body["recommendation"].startswith(body["best_strategy"])


def test_a_strategy_that_fails_does_not_stop_the_others(
    client: APIClient, editor: User
) -> None:
    comparison = make_comparison(editor, *PAIR)
    Plan.objects.filter(strategy="smart-pack").update(strategy="gone")
    run_all(comparison)
    body = client.get(f"/api/v1/compare/{comparison.pk}").json()
    failed, made = body["results"]
    assert (body["status"], body["best_strategy"]) == ("completed", "spt-pack")
    assert (
        failed["status"],
        failed["makespan"],
        failed["score"],
        failed["activities"],
    ) == ("failed", None, None, None)
    assert failed["error_message"].startswith("Strategy 'gone' not found")
    assert made["status"] == "completed"


def test_a_comparison_without_any_plan_fails_and_says_why(
    client: APIClient, editor: User
) -> None:
    comparison = make_comparison(editor, *PAIR)
    Plan.objects.update(strategy="gone")
    run_all(comparison)
    body = client.get(f"/api/v1/compare/{comparison.pk}").json()
    assert (body["status"], body["best_strategy"], body["recommendation"]) == (
        "failed",
        None,
        None,
    )
    assert body["error_message"].startswith("Strategy 'gone' not found")
    assert [row["status"] for row in body["results"]] == ["failed", "failed"]


def test_comparisons_are_listed_newest_first_with_counts(
    client: APIClient, editor: User, stranger: User
) -> None:
    made = [make_comparison(editor, name=f"c{n}") for n in range(3)]
    make_comparison(stranger)
    run_all(made[0])
    body = client.get("/api/v1/comparisons?page_size=2").json()
    rows = body.pop("comparisons")
    assert body == {"total": 3, "page": 1, "page_size": 2, "pages": 2}
    assert [row["name"] for row in rows] == ["c2", "c1"]
    assert set(rows[0]) == ROW
    done = client.get("/api/v1/comparisons?status=completed").json()["comparisons"]
    assert [row["name"] for row in done] == ["c0"]
    assert client.get("/api/v1/comparisons?status=nonsense").json()["comparisons"] == []
    assert client.get("/api/v1/comparisons?status=%00").json()["comparisons"] == []
    assert client.get("/api/v1/comparisons?page=0").status_code == 422


def test_the_plans_of_a_comparison_are_opened_but_not_listed(
    client: APIClient, editor: User
) -> None:
    plan, comparison = make_plan(editor), make_comparison(editor)
    assert [
        row["id"] for row in client.get("/api/v1/schedules").json()["schedules"]
    ] == [plan.pk]
    stats = client.get("/api/v1/schedules/stats").json()
    assert (stats["total_schedules"], stats["strategies_distribution"]) == (
        1,
        {"smart-pack": 1},
    )
    for part in comparison.plans.all():
        assert client.get(f"/api/v1/schedule/{part.pk}").status_code == 200
        refused = client.delete(f"/api/v1/schedule/{part.pk}")
        assert (
            refused.status_code,
            "part of a comparison" in refused.json()["detail"],
        ) == (409, True)


def test_deleting_takes_the_plans_along(client: APIClient, editor: User) -> None:
    comparison = make_comparison(editor)
    run_all(comparison)
    answer = client.delete(f"/api/v1/compare/{comparison.pk}")
    assert (answer.status_code, answer.json()["message"]) == (
        200,
        f"Comparison {comparison.pk} deleted successfully",
    )
    gone = client.get(f"/api/v1/compare/{comparison.pk}")
    assert (gone.status_code, gone.json()) == (404, {"detail": "Comparison not found"})
    assert not Plan.objects.exists()


def test_cancelling_ends_what_is_not_finished(client: APIClient, editor: User) -> None:
    idle, partly = make_comparison(editor), make_comparison(editor)
    runs.run(partly.plans.earliest("pk").pk, "w")
    states = {}
    for comparison in (idle, partly):
        answer = client.post(f"/api/v1/compare/{comparison.pk}/cancel")
        assert (answer.status_code, set(answer.json())) == (200, ROW)
        states[comparison.pk] = answer.json()["status"]
        assert client.post(f"/api/v1/compare/{comparison.pk}/cancel").status_code == 409
    assert states == {idle.pk: "failed", partly.pk: "completed"}
    assert (
        client.get(f"/api/v1/compare/{idle.pk}").json()["error_message"]
        == "Cancelled by editor"
    )
    assert (
        client.get(f"/api/v1/compare/{partly.pk}").json()["best_strategy"]
        == "smart-pack"
    )


def test_equal_lots_have_equal_hashes_whatever_the_order_of_their_keys(
    client: APIClient,
) -> None:
    turned = [dict(reversed(row.items())) for row in ROWS]
    bodies = [post(client, lots_data=rows).json() for rows in (ROWS, turned, ROWS[:3])]
    same, also, other = (
        client.get(f"/api/v1/compare/{body['id']}").json()["lots_hash"]
        for body in bodies
    )
    assert same == also == comparisons.hash_of(Comparison.objects.latest("-pk").lots)
    assert other != same
    assert len(same) == 64


CALLS = [("get", ""), ("delete", ""), ("post", "/cancel")]


@pytest.mark.parametrize(("method", "address"), CALLS)
def test_somebody_elses_comparison_is_403_and_an_unknown_one_404(
    api, editor: User, manager: User, method: str, address: str
) -> None:
    comparison = make_comparison(editor)
    call = getattr(api(manager), method)
    assert call(f"/api/v1/compare/{comparison.pk}{address}").status_code == 403
    assert call(f"/api/v1/compare/999999{address}").status_code == 404
    assert call(f"/api/v1/compare/{'9' * 40}{address}").status_code == 404
    assert call(f"/api/v1/compare/x{address}").status_code == 422
    assert Comparison.objects.get().state == "pending"


@pytest.mark.parametrize(
    ("method", "address"), [*CALLS, ("post", "list"), ("get", "list")]
)
def test_every_call_needs_a_token(api, method: str, address: str) -> None:
    path = (
        {"post": "/api/v1/compare", "get": "/api/v1/comparisons"}[method]
        if address == "list"
        else None
    )
    answer = getattr(api(None), method)(path or f"/api/v1/compare/1{address}")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})
