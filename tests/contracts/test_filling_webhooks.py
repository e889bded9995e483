"""Webhooks on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from fillplanner.models import Delivery, NoticeTarget
from fillplanner.services.notices import MOST_WEBHOOKS
from workspaces.models import User

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/a"
ROW = {"id", "url", "events", "created_at"}


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


def add(client: APIClient, **body: Any) -> Any:
    return client.post("/api/v1/webhooks", {"url": URL} | body, format="json")


def test_a_webhook_is_kept_and_its_secret_shown_once(client: APIClient) -> None:
    answer = add(client, events=["schedule.failed", "schedule.completed"])
    body = answer.json()
    assert (answer.status_code, set(body)) == (201, ROW | {"secret"})
    assert body["events"] == ["schedule.completed", "schedule.failed"]
    assert body["secret"].startswith("whs_") and len(body["secret"]) > 40
    listed = client.get("/api/v1/webhooks").json()
    assert {name: listed[name] for name in ("total", "page", "page_size", "pages")} == {
        "total": 1,
        "page": 1,
        "page_size": 20,
        "pages": 1,
    }
    assert [set(row) for row in listed["webhooks"]] == [ROW]
    assert set(client.get(f"/api/v1/webhooks/{body['id']}").json()) == ROW


def test_a_secret_of_ones_own_is_taken(client: APIClient) -> None:
    assert (
        add(client, secret="a secret of my own").json()["secret"]
        == "a secret of my own"
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"url": "http://localhost/"}, 400),
        ({"url": "http://10.1.2.3/"}, 400),
        ({"url": "ftp://example.org"}, 400),
        ({"url": "https://u:p@example.org/"}, 400),
        ({"url": "x" * 2001}, 422),
        ({"url": ""}, 422),
        ({"url": None}, 422),
        ({"events": ["schedule.started"]}, 422),
        ({"events": "schedule.failed"}, 422),
        ({"secret": "short"}, 400),
        ({"secret": "with a\nnew line in it"}, 400),
    ],
)
def test_what_cannot_be_told_is_refused(
    client: APIClient, body: dict[str, Any], status: int
) -> None:
    assert add(client, **body).status_code == status
    assert not NoticeTarget.objects.exists()


def test_there_is_a_most(client: APIClient) -> None:
    for _ in range(MOST_WEBHOOKS):
        assert add(client).status_code == 201
    assert add(client).status_code == 409


def test_a_test_is_a_delivery_that_can_be_looked_at(client: APIClient) -> None:
    number = add(client).json()["id"]
    answer = client.post(f"/api/v1/webhooks/{number}/test")
    body = answer.json()
    assert (answer.status_code, body["status"], body["event"], body["tries"]) == (
        202,
        "pending",
        "test",
        0,
    )
    listed = client.get(f"/api/v1/webhooks/{number}/deliveries").json()
    assert (listed["deliveries"], listed["total"]) == ([body], 1)
    assert set(body) == {
        "id",
        "event",
        "status",
        "tries",
        "next_try_at",
        "response_status",
        "error",
        "created_at",
        "sent_at",
    }
    Delivery.objects.update(state="failed", last_error="The receiver answered 500.")
    [row] = client.get(f"/api/v1/webhooks/{number}/deliveries").json()["deliveries"]
    assert (row["next_try_at"], row["error"]) == (None, "The receiver answered 500.")


def test_deleting_answers_like_the_other_calls(client: APIClient) -> None:
    number = add(client).json()["id"]
    answer = client.delete(f"/api/v1/webhooks/{number}")
    assert answer.json() == {
        "message": f"Webhook {number} deleted successfully",
        "detail": None,
    }
    gone = client.delete(f"/api/v1/webhooks/{number}")
    assert (gone.status_code, gone.json()) == (404, {"detail": "Webhook not found"})


CALLS = [("get", ""), ("delete", ""), ("get", "/deliveries"), ("post", "/test")]


@pytest.mark.parametrize(("method", "address"), CALLS)
def test_somebody_elses_webhook_does_not_exist(
    api, client: APIClient, stranger: User, method: str, address: str
) -> None:
    number = add(client).json()["id"]
    assert (
        getattr(api(stranger), method)(
            f"/api/v1/webhooks/{number}{address}"
        ).status_code
        == 404
    )
    assert NoticeTarget.objects.exists()


@pytest.mark.parametrize(("method", "address"), CALLS)
def test_ids_and_tokens_are_checked(
    api, client: APIClient, method: str, address: str
) -> None:
    assert getattr(client, method)(f"/api/v1/webhooks/x{address}").status_code == 422
    assert (
        getattr(client, method)(f"/api/v1/webhooks/{'9' * 30}{address}").status_code
        == 404
    )
    assert getattr(api(None), method)(f"/api/v1/webhooks/1{address}").status_code == 401


def test_mails_are_turned_on_and_off(client: APIClient) -> None:
    assert client.get("/api/v1/notifications").json() == {"email": False}
    for on in (True, True, False):
        assert client.put(
            "/api/v1/notifications", {"email": on}, format="json"
        ).json() == {"email": on}
    assert (
        client.put(
            "/api/v1/notifications", {"email": "perhaps"}, format="json"
        ).status_code
        == 422
    )
    assert client.get("/api/v1/webhooks").json()["total"] == 0
