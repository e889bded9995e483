"""The filling dialect's calls beside the seven: figures, other systems, queue, socket,
cancel, again, many at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient
from vials import ROWS, make_plan

from common import pulse
from fillplanner import runs
from fillplanner.models import Plan
from workspaces.models import AuditEntry, User

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


# --- figures
# ---------------------------------------------------------------------------------------------


def test_stats_count_everything_and_list_what_was_asked_for(
    client: APIClient, editor: User, stranger: User
) -> None:
    plans = [
        make_plan(editor, name=f"Vials {n}", strategy=("lpt-pack", "smart-pack")[n % 2])
        for n in range(4)
    ]
    make_plan(stranger)
    runs.run(plans[0].pk, "w")
    runs.claim(plans[1].pk, "w")
    Plan.objects.filter(pk=plans[2].pk).update(strategy="gone")
    runs.run(plans[2].pk, "w")
    body = client.get("/api/v1/schedules/stats?page_size=2&search=vIaLs").json()
    rows = body.pop("schedules")
    assert body == {
        "total_schedules": 4,
        "active_schedules": 2,
        "completed_schedules": 1,
        "failed_schedules": 1,
        "status_distribution": {
            "pending": 1,
            "running": 1,
            "completed": 1,
            "failed": 1,
        },
        "strategies_distribution": {"gone": 1, "lpt-pack": 1, "smart-pack": 2},
        "page": 1,
        "page_size": 2,
        "total_filtered": 4,
    }
    assert [row["name"] for row in rows] == ["Vials 3", "Vials 2"]
    assert set(rows[0]) == ROW | {"config", "updated_at", "num_lots"}
    assert (rows[0]["num_lots"], rows[0]["updated_at"]) == (4, rows[0]["created_at"])
    assert rows[0]["config"]["clean_hours"] == 24
    assert rows[1]["updated_at"] == rows[1]["completed_at"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=completed", ["One"]),
        ("strategy=smart-pack", ["Two", "One"]),
        ("search=tW", ["Two"]),
        ("search=100%25", []),
        ("search=_", []),
        ("search=%00", []),
        ("status=nonsense", []),
        ("page=9", []),
        ("status=pending&search=one", []),
    ],
)
def test_lists_can_be_narrowed(
    client: APIClient, editor: User, query: str, found: list[str]
) -> None:
    runs.run(make_plan(editor, name="One").pk, "w")
    make_plan(editor, name="Two")
    for address in ("schedules", "schedules/stats"):
        assert [
            row["name"]
            for row in client.get(f"/api/v1/{address}?{query}").json()["schedules"]
        ] == found


def test_stats_of_nobody_and_bad_pages(client: APIClient) -> None:
    body = client.get("/api/v1/schedules/stats").json()
    assert (
        body["total_schedules"],
        body["schedules"],
        body["strategies_distribution"],
    ) == (0, [], {})
    assert client.get("/api/v1/schedules/stats?page_size=101").status_code == 422


@pytest.mark.usefixtures("room_for_many_plans")
def test_stats_take_few_queries(
    client: APIClient, editor: User, django_assert_max_num_queries
) -> None:
    for _ in range(25):
        make_plan(editor)
    with django_assert_max_num_queries(5):
        assert len(client.get("/api/v1/schedules/stats").json()["schedules"]) == 20


# --- for other systems
# -----------------------------------------------------------------------------------


def test_the_structured_form_is_in_calendar_time_with_figures_as_texts(
    client: APIClient, editor: User
) -> None:
    start = timezone.datetime.fromisoformat("2025-10-15T08:00:00+00:00")
    plan = make_plan(editor, start_time=start, config={"CLEAN_HOURS": 10})
    address = f"/api/v1/schedule/{plan.pk}/structured"
    early = client.get(address)
    assert (early.status_code, early.json()) == (
        400,
        {"detail": "Schedule not completed yet"},
    )
    runs.run(plan.pk, "w")
    body = client.get(address).json()
    assert set(body) == {"schedule", "results", "metadata"}
    assert set(body["schedule"]) == {
        "id",
        "name",
        "strategy",
        "status",
        "created_at",
        "completed_at",
    }
    assert body["schedule"]["completed_at"].endswith("Z")
    assert (body["metadata"]["api_version"], body["metadata"]["format_version"]) == (
        "1.0",
        "1.0",
    )
    results = body["results"]
    assert results["kpis"]["Clean Blocks"] == str(
        len([a for a in results["activities"] if a["kind"] == "CLEAN"])
    )
    assert results["kpis"]["Total Fill (h)"] == "9.00"
    first, second = results["activities"][:2]
    assert first == {
        "id": "act-1",
        "start": "2025-10-15T08:00:00Z",
        "end": "2025-10-15T18:00:00Z",
        "duration": 10.0,
        "kind": "CLEAN",
        "filler_id": 1,
        "lot_id": None,
        "lot_type": None,
        "note": "Scheduled clean",
        "num_units": None,
    }
    lot = next(row for row in ROWS if row["lot_id"] == second["lot_id"])
    assert (second["kind"], second["num_units"], second["note"]) == (
        "FILL",
        lot["vials"],
        None,
    )
    assert second["start"] == first["end"]


def test_the_structured_form_of_a_failed_or_foreign_schedule(
    client: APIClient, api, editor: User, manager: User
) -> None:
    plan = make_plan(editor)
    assert api(manager).get(f"/api/v1/schedule/{plan.pk}/structured").status_code == 403
    Plan.objects.update(strategy="gone")
    runs.run(plan.pk, "w")
    answer = client.get(f"/api/v1/schedule/{plan.pk}/structured")
    assert (
        answer.status_code,
        answer.json()["detail"].startswith("Schedule failed: "),
    ) == (400, True)
    assert client.get("/api/v1/schedule/x/structured").status_code == 422


# --- the queue
# -------------------------------------------------------------------------------------------


@pytest.fixture
def quiet() -> None:
    """No worker has shown itself."""
    cache.delete(pulse.WORKERS)


def health(client: APIClient) -> dict[str, Any]:
    body: dict[str, Any] = client.get("/api/v1/schedules/health").json()
    return body


@pytest.mark.usefixtures("quiet")
def test_an_empty_queue_is_healthy_even_without_workers(client: APIClient) -> None:
    assert health(client) == {
        "status": "healthy",
        "pending": 0,
        "running": 0,
        "oldest_pending_seconds": None,
        "workers": 0,
        "stuck": 0,
    }


@pytest.mark.usefixtures("quiet")
def test_the_queue_counts_what_waits_runs_and_is_stuck(
    client: APIClient, editor: User, stranger: User
) -> None:
    running, waiting = make_plan(editor), make_plan(stranger)
    Plan.objects.filter(pk=waiting.pk).update(
        created_at=timezone.now() - timedelta(seconds=90)
    )
    assert (health(client)["status"], health(client)["stuck"]) == ("degraded", 1)
    pulse.mark_worker("one@here", ["plans"])
    runs.claim(running.pk, "one@here")
    body = health(client)
    assert 90 <= body.pop("oldest_pending_seconds") < 100
    assert body == {
        "status": "healthy",
        "pending": 1,
        "running": 1,
        "workers": 1,
        "stuck": 0,
    }
    Plan.objects.filter(pk=running.pk).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )
    assert (health(client)["status"], health(client)["stuck"]) == ("degraded", 2)


# --- the socket
# ------------------------------------------------------------------------------------------


def test_socket_figures_of_nobody(client: APIClient) -> None:
    cache.clear()
    assert client.get("/api/v1/ws/stats").json() == {
        "total_connections": 0,
        "total_channels": 0,
        "total_users": 0,
        "channels": {},
    }


# --- cancel, again, many at once
# -------------------------------------------------------------------------


def test_a_schedule_that_waits_or_runs_can_be_cancelled(
    client: APIClient, editor: User
) -> None:
    for run in (False, True):
        plan = make_plan(editor)
        if run:
            runs.claim(plan.pk, "w")
        answer = client.post(f"/api/v1/schedule/{plan.pk}/cancel")
        body = answer.json()
        assert (answer.status_code, set(body), body["status"]) == (200, ROW, "failed")
        assert body["error_message"] == "Cancelled by editor"
        assert body["completed_at"]
        again = client.post(f"/api/v1/schedule/{plan.pk}/cancel")
        assert (again.status_code, again.json()["detail"]) == (
            409,
            "This plan is finished; there is nothing to cancel.",
        )
        assert (
            AuditEntry.objects.filter(
                thing=f"plan:{plan.pk}", action="cancelled"
            ).count()
            == 1
        )


def test_a_completed_schedule_cannot_be_cancelled(
    client: APIClient, editor: User
) -> None:
    plan = make_plan(editor)
    runs.run(plan.pk, "w")
    assert client.post(f"/api/v1/schedule/{plan.pk}/cancel").status_code == 409
    assert client.get(f"/api/v1/schedule/{plan.pk}").json()["status"] == "completed"


def test_a_schedule_is_planned_again_with_changes(
    client: APIClient, editor: User
) -> None:
    plan = make_plan(editor, config={"clean_hours": 5, "window_hours": 50})
    address = f"/api/v1/schedule/{plan.pk}/rerun"
    early = client.post(address)
    assert (early.status_code, early.json()) == (
        409,
        {"detail": "This plan is not finished yet."},
    )
    runs.run(plan.pk, "w")
    same = client.post(address)
    assert (same.status_code, set(same.json()), same.json()["status"]) == (
        202,
        ROW,
        "pending",
    )
    assert (same.json()["name"], same.json()["start_time"]) == (
        "Mine",
        client.get("/api/v1/schedules").json()["schedules"][1]["start_time"],
    )
    body = {"strategy": "longest", "config": {"clean_hours": 2}, "name": "Other"}
    other = client.post(address, body, format="json").json()
    made = Plan.objects.get(pk=other["id"])
    assert (made.name, made.strategy, made.lots) == ("Other", "lpt-pack", plan.lots)
    assert (made.config["clean_hours"], made.config["window_hours"]) == (2, 120)
    assert Plan.objects.get(pk=same.json()["id"]).config == plan.config


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"strategy": "best"}, 400),
        ({"config": {"speed": 1}}, 400),
        ({"config": {"window_hours": 1}}, 400),
        ({"config": [1]}, 422),
        ([1], 422),
    ],
)
def test_bad_changes_are_refused(
    client: APIClient, editor: User, body: Any, status: int
) -> None:
    plan = make_plan(editor)
    runs.run(plan.pk, "w")
    assert (
        client.post(
            f"/api/v1/schedule/{plan.pk}/rerun", body, format="json"
        ).status_code
        == status
    )
    assert Plan.objects.count() == 1


def test_a_batch_is_accepted_in_order(client: APIClient) -> None:
    bodies = [{"name": f"P{n}", "lots_data": ROWS, "strategy": "spt"} for n in range(3)]
    answer = client.post("/api/v1/schedules/batch", bodies, format="json")
    body = answer.json()
    assert (answer.status_code, body["total"]) == (202, 3)
    assert [
        (row["name"], row["strategy"], row["status"]) for row in body["schedules"]
    ] == [(f"P{n}", "spt-pack", "pending") for n in range(3)]
    assert set(body["schedules"][0]) == ROW


def test_one_wrong_schedule_keeps_the_whole_batch_out_and_each_fault_is_named(
    client: APIClient,
) -> None:
    bodies = [
        {"lots_data": ROWS},
        {"lots_data": [ROWS[0] | {"vials": -1}]},
        {"name": "x"},
        {"lots_data": ROWS},
        7,
        {"lots_data": ROWS, "strategy": "best"},
        {"lots_data": ROWS, "start_time": "soon"},
    ]
    answer = client.post("/api/v1/schedules/batch", bodies, format="json")
    detail = answer.json()["detail"]
    assert (answer.status_code, detail["message"]) == (400, "Invalid schedules")
    assert [fault["index"] for fault in detail["errors"]] == [1, 2, 4, 5, 6]
    assert detail["errors"][0]["errors"] == ["Lot 0: 'vials' must be positive (got -1)"]
    assert detail["errors"][1]["errors"] == ["body.lots_data: This field is required."]
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("bodies", "status"),
    [([], 400), ([{"lots_data": ROWS}] * 51, 400), ({"lots_data": ROWS}, 422)],
)
def test_a_batch_has_its_limits(client: APIClient, bodies: Any, status: int) -> None:
    assert (
        client.post("/api/v1/schedules/batch", bodies, format="json").status_code
        == status
    )
    assert not Plan.objects.exists()


def test_repeats_under_the_same_key_are_done_once(
    client: APIClient, editor: User
) -> None:
    plan = make_plan(editor)
    runs.run(plan.pk, "w")
    key = {"HTTP_IDEMPOTENCY_KEY": "k"}
    for address, body, other in (
        ("schedules/batch", [{"lots_data": ROWS}], [{"lots_data": ROWS[:1]}]),
        (f"schedule/{plan.pk}/rerun", {"name": "New"}, {"name": "Other"}),
    ):
        before = Plan.objects.count()
        answers = [
            client.post(f"/api/v1/{address}", body, format="json", **key)
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].json() == answers[1].json()
        assert (
            client.post(f"/api/v1/{address}", other, format="json", **key).status_code
            == 409
        )
        assert Plan.objects.count() == before + 1


def test_somebody_elses_schedule_is_403(api, editor: User, manager: User) -> None:
    plan = make_plan(editor)
    for address in ("cancel", "rerun"):
        assert (
            api(manager).post(f"/api/v1/schedule/{plan.pk}/{address}").status_code
            == 403
        )
        assert api(editor).post(f"/api/v1/schedule/999999/{address}").status_code == 404
        assert api(editor).post(f"/api/v1/schedule/x/{address}").status_code == 422
    plan.refresh_from_db()
    assert (plan.state, Plan.objects.count()) == ("pending", 1)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "schedules/stats"),
        ("get", "schedules/health"),
        ("get", "ws/stats"),
        ("get", "schedule/1/structured"),
        ("post", "schedule/1/cancel"),
        ("post", "schedule/1/rerun"),
        ("post", "schedules/batch"),
    ],
)
def test_every_call_needs_a_token(api, method: str, address: str) -> None:
    answer = getattr(api(None), method)(f"/api/v1/{address}")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})
