"""Content calendars on the wire: shapes, statuses, the envelope, and what is refused."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from calendars.campaigns import follow
from calendars.models import CalendarItem, ContentCalendar
from cast import make_channel, make_content, make_post
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.publishing import publish as publishing
from workspaces.models import User, Workspace
from workspaces.services.tokens import create_token

pytestmark = [pytest.mark.django_db, pytest.mark.services]
URL = "/api/v1/scheduling/calendar"
SCHEDULE = {
    "id",
    "tenant_id",
    "state",
    "title",
    "timezone",
    "percent_complete",
    "items_total",
    "items_completed",
    "items_failed",
    "items_skipped",
    "items_canceled",
    "items_pending",
    "time_to_start_ms",
    "time_processing_ms",
    "average_duration_ms_per_item",
    "eta_ms",
    "rate_limited",
    "processing_deadline_ms",
    "created_at",
    "updated_at",
    "idempotency_key",
}
ITEM = {
    "id",
    "content_id",
    "platform",
    "state",
    "scheduled_time",
    "published_time",
    "metadata",
    "callbacks",
    "errors",
    "artifacts",
    "created_at",
    "updated_at",
}
ENVELOPE = {
    "error_code",
    "error_message",
    "error_class",
    "request_id",
    "correlation_id",
    "timestamp",
}


@pytest.fixture(autouse=True)
def unspent() -> None:
    cache.clear()


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


@pytest.fixture
def accounts(workspace: Workspace) -> list[ChannelAccount]:
    return [
        make_channel(workspace, name=name, platform=name) for name in ("facebook", "x")
    ]


def ahead(hours: float) -> str:
    return (timezone.now() + timedelta(hours=hours)).isoformat()


def wish(n: int, **more: Any) -> dict[str, Any]:
    body = {
        "content_id": f"video-{n}",
        "platform": "twitter",
        "scheduled_time": ahead(n + 1),
        "callbacks": None,
    }
    return body | more


def body(count: int = 3, **more: Any) -> dict[str, Any]:
    return {
        "title": "November",
        "timezone": "America/New_York",
        "items": [wish(n) for n in range(count)],
    } | more


def make(client: APIClient, count: int = 3, **more: Any) -> dict[str, Any]:
    answer = client.post(URL, body(count, **more), format="json")
    assert answer.status_code == 201, answer.json()
    made: dict[str, Any] = answer.json()
    return made


def get(client: APIClient, calendar: dict[str, Any], **query: Any) -> dict[str, Any]:
    answer = client.get(f"{URL}/{calendar['id']}", query)
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def expanded(
    client: APIClient, calendar: dict[str, Any], **query: Any
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = get(client, calendar, expand="items", **query)["items"]
    return rows


# --- made
# ------------------------------------------------------------------------------------------------


def test_a_calendar_is_made_and_shown(
    client: APIClient, accounts: list[ChannelAccount]
) -> None:
    made = make(client)
    assert set(made) == SCHEDULE
    assert made["id"].startswith("sched_") and len(made["id"]) == 38
    assert {name: made[name] for name in SCHEDULE if name.startswith("items_")} == {
        "items_total": 3,
        "items_completed": 0,
        "items_failed": 0,
        "items_skipped": 0,
        "items_canceled": 0,
        "items_pending": 3,
    }
    assert (made["state"], made["tenant_id"], made["timezone"]) == (
        "pending",
        "h2o",
        "America/New_York",
    )
    assert (
        made["percent_complete"],
        made["rate_limited"],
        made["idempotency_key"],
    ) == (0, False, None)
    assert (made["time_processing_ms"], made["average_duration_ms_per_item"]) == (
        0,
        None,
    )
    assert 3_500_000 < made["time_to_start_ms"] <= 3_600_000
    assert 10_700_000 < made["eta_ms"] <= 10_800_000
    shown = get(client, made)
    assert set(shown) == SCHEDULE
    assert {
        name: shown[name] for name in ("id", "title", "created_at", "updated_at")
    } == {name: made[name] for name in ("id", "title", "created_at", "updated_at")}


def test_its_items_come_with_expand_and_go_back_as_they_came(
    client: APIClient, accounts: list[ChannelAccount]
) -> None:
    metadata = {"title": "Five signs", "caption": "Drip", "n": 5}
    made = make(
        client,
        items=[wish(0, metadata=metadata, callbacks={"on_failed": None}), wish(1)],
    )
    found = get(client, made, expand="items")
    assert set(found) == SCHEDULE | {"items", "page"}
    assert found["page"] == {"next_page_token": None, "page_size": 50}
    first, second = found["items"]
    assert set(first) == set(second) == ITEM
    assert (first["content_id"], first["platform"], first["state"]) == (
        "video-0",
        "twitter",
        "scheduled",
    )
    assert (
        first["metadata"],
        first["callbacks"],
        first["errors"],
        first["artifacts"],
    ) == (metadata, {}, [], [])
    assert second["metadata"] == {} and second["published_time"] is None
    again = make(
        client,
        title="Again",
        items=[
            {name: item[name] for name in ("content_id", "platform", "scheduled_time")}
            for item in found["items"]
        ],
    )
    assert [item["scheduled_time"] for item in expanded(client, again)] == [
        item["scheduled_time"] for item in found["items"]
    ]


def test_a_clients_content_is_kept_once_with_its_words(
    client: APIClient, accounts: list[ChannelAccount]
) -> None:
    words = {
        "title": "Five signs",
        "description": "Drip",
        "hashtags": "#heat, #water",
        "link": "https://h2o.example",
    }
    make(
        client,
        items=[
            wish(0, metadata=words),
            wish(1, content_id="video-0", metadata={"caption": "Another"}),
        ],
    )
    make(client, title="Later", items=[wish(5, content_id="video-0")])
    item = ContentItem.objects.real().get()
    assert (item.title, item.caption, item.hashtags) == (
        "Five signs",
        "Drip",
        ["heat", "water"],
    )
    assert item.link == "https://h2o.example"
    overrides = Post.objects.order_by("scheduled_at").values_list(
        "caption_override", flat=True
    )
    assert list(overrides) == ["", "Another", ""]


def test_content_of_ours_is_called_by_its_own_id(
    client: APIClient, content: ContentItem, accounts: list[ChannelAccount]
) -> None:
    make(client, items=[wish(0, content_id=str(content.pk))])
    assert Post.objects.get().content == content


def test_a_platform_without_a_channel_gets_one_that_is_not_connected(
    client: APIClient,
) -> None:
    made = make(client, 1, items=[wish(0, platform="linkedin")])
    account = ChannelAccount.objects.get()
    assert (account.platform, account.status) == ("linkedin", "unconnected")
    [conflict] = get(client, made, expand="conflicts")["conflicts"]
    assert (conflict["code"], conflict["content_id"], conflict["blocks"]) == (
        "channel_unconnected",
        "video-0",
        False,
    )
    ChannelAccount.objects.update(status="active", publisher="outbox")
    assert get(client, made, expand="conflicts")["conflicts"] == []


def test_what_is_in_the_way_is_said_and_the_rest_goes_on(
    client: APIClient, workspace: Workspace, accounts: list[ChannelAccount]
) -> None:
    at = timezone.now() + timedelta(hours=4)
    make_post(accounts[1], make_content(workspace), at=at)
    make_channel(workspace, name="Resting", platform="linkedin", status="paused")
    items = [
        wish(0),
        wish(1, scheduled_time=at.isoformat()),
        wish(2, platform="linkedin"),
        wish(3, scheduled_time=ahead(-5)),
        wish(4, metadata={"caption": "long " * 100}),
    ]
    made = make(client, items=items)
    rows = expanded(client, made)
    assert [row["state"] for row in rows] == [
        "scheduled",
        "pending",
        "pending",
        "pending",
        "pending",
    ]
    assert datetime.fromisoformat(rows[1]["scheduled_time"]) == at
    found = get(client, made, expand="conflicts")["conflicts"]
    assert [(row["content_id"], row["code"]) for row in found] == [
        ("video-1", "time_taken"),
        ("video-2", "channel_paused"),
        ("video-3", "time_passed"),
        ("video-4", "content_does_not_fit"),
    ]
    assert all(row["message"] and row["blocks"] for row in found)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"title": ""}, 422, "validation_error"),
        ({"title": "x" * 201}, 422, "validation_error"),
        ({"items": []}, 422, "validation_error"),
        ({"items": "x"}, 422, "validation_error"),
        ({"items": None}, 422, "validation_error"),
        ({"timezone": "Mars/Base"}, 400, "invalid_parameter"),
        ({"processing_deadline_ms": 5}, 422, "validation_error"),
        ({"processing_deadline_ms": 86_400_001}, 422, "validation_error"),
        ({"callbacks": {"on_completed": "http://10.0.0.1/"}}, 422, "validation_error"),
        ({"callbacks": {"on_tuesday": "https://a.example"}}, 422, "validation_error"),
    ],
)
def test_a_body_that_is_wrong_makes_nothing(
    client: APIClient,
    accounts: list[ChannelAccount],
    change: dict[str, Any],
    status: int,
    code: str,
) -> None:
    answer = client.post(URL, body() | change, format="json")
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert set(answer.json()) >= ENVELOPE
    assert not ContentCalendar.objects.exists() and not Post.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"content_id": ""},
        {"content_id": "x" * 201},
        {"platform": "myspace"},
        {"platform": 7},
        {"scheduled_time": "2030-01-01T10:00:00"},
        {"scheduled_time": "soon"},
        {"scheduled_time": None},
        {"scheduled_time": "2030-13-01T10:00:00Z"},
        {"metadata": "x"},
        {"callbacks": {"on_failed": "ftp://x.example"}},
        {"callbacks": {"on_published": 5}},
        {"callbacks": []},
    ],
)
def test_an_item_that_is_wrong_is_named(
    client: APIClient, accounts: list[ChannelAccount], change: dict[str, Any]
) -> None:
    answer = client.post(URL, body(items=[wish(0), wish(1, **change)]), format="json")
    assert (answer.status_code, answer.json()["error_code"]) == (
        422,
        "validation_error",
    )
    [path] = answer.json()["detail"]["fields"]
    assert path.startswith("body.items.1.")


def test_more_than_a_thousand_items_or_two_years_are_refused(client: APIClient) -> None:
    assert client.post(URL, body(1001), format="json").status_code == 422
    answer = client.post(URL, body(items=[wish(24 * 366 * 2 + 5)]), format="json")
    assert (answer.status_code, answer.json()["error_code"]) == (
        400,
        "invalid_parameter",
    )


# --- once
# ------------------------------------------------------------------------------------------------


def test_the_same_key_gives_the_same_answer(
    client: APIClient, api, manager: User, accounts: Any
) -> None:
    key, asked = str(uuid.uuid4()), body()
    first = client.post(URL, asked, format="json", HTTP_IDEMPOTENCY_KEY=key)
    again = api(manager).post(URL, asked, format="json", HTTP_IDEMPOTENCY_KEY=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and first.json()["idempotency_key"] == key
    assert again["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first
    other = client.post(
        URL, asked | {"title": "Other"}, format="json", HTTP_IDEMPOTENCY_KEY=key
    )
    assert (other.status_code, other.json()["error_code"]) == (
        409,
        "idempotency_conflict",
    )
    assert ContentCalendar.objects.count() == 1


def test_a_key_is_each_workspaces_own_and_free_again_after_a_day(
    client: APIClient, api, stranger: User, accounts: Any, time_machine
) -> None:
    asked = body()
    for who in (client, api(stranger)):
        assert (
            who.post(URL, asked, format="json", HTTP_IDEMPOTENCY_KEY="k").status_code
            == 201
        )
    assert ContentCalendar.objects.count() == 2
    time_machine.move_to(timezone.now() + timedelta(hours=24, minutes=1))
    fresh = api(User.objects.get(username="editor"))
    answer = fresh.post(URL, body(1), format="json", HTTP_IDEMPOTENCY_KEY="k")
    assert (answer.status_code, ContentCalendar.objects.count()) == (201, 3)


def test_a_refused_request_does_not_use_the_key_up(
    client: APIClient, accounts: Any
) -> None:
    bad = body(timezone="Mars/Base")
    assert (
        client.post(URL, bad, format="json", HTTP_IDEMPOTENCY_KEY="k").status_code
        == 400
    )
    assert (
        client.post(URL, body(), format="json", HTTP_IDEMPOTENCY_KEY="k").status_code
        == 201
    )


# --- looked at
# -------------------------------------------------------------------------------------------


def test_pages_follow_each_other_and_stay_when_items_move(
    client: APIClient, accounts: Any
) -> None:
    made, seen, token = make(client, 25), [], None
    while True:
        query = {"page_token": token} if token else {}
        found = get(client, made, expand="items", page_size=10, **query)
        seen += [item["content_id"] for item in found["items"]]
        CalendarItem.objects.filter(content_id="video-0").update(
            updated_at=timezone.now()
        )
        if (token := found["page"]["next_page_token"]) is None:
            break
    assert seen == [f"video-{n}" for n in range(25)]


@pytest.mark.parametrize("sort", ["created_at", "updated_at", "scheduled_time"])
def test_every_sort_goes_both_ways_over_pages(
    client: APIClient, accounts: Any, sort: str
) -> None:
    made = make(client, items=[wish(n) for n in reversed(range(12))])
    ways = {}
    for order in ("asc", "desc"):
        first = get(client, made, expand="items", sort=sort, order=order, page_size=10)
        rest = get(
            client,
            made,
            expand="items",
            sort=sort,
            order=order,
            page_size=10,
            page_token=first["page"]["next_page_token"],
        )
        ways[order] = [item["content_id"] for item in first["items"] + rest["items"]]
    assert len(set(ways["asc"])) == 12 and ways["asc"] == ways["desc"][::-1]
    if sort == "scheduled_time":
        assert ways["asc"][0] == "video-0"


def test_items_of_some_states_only(client: APIClient, accounts: Any) -> None:
    made = make(client, items=[wish(0), wish(1, scheduled_time=ahead(-5))])
    assert [row["content_id"] for row in expanded(client, made, state="pending")] == [
        "video-1"
    ]
    assert len(expanded(client, made, state=["pending", "scheduled"])) == 2


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"page_token": "nonsense"}, 400, "invalid_parameter"),
        ({"page_token": "1"}, 400, "invalid_parameter"),
        ({"page_size": "9"}, 422, "validation_error"),
        ({"page_size": "201"}, 422, "validation_error"),
        ({"page_size": "x"}, 422, "validation_error"),
        ({"page_size": "²"}, 422, "validation_error"),
        ({"sort": "color"}, 422, "validation_error"),
        ({"order": "up"}, 422, "validation_error"),
        ({"state": "planned"}, 422, "validation_error"),
        ({"expand": "everything"}, 422, "validation_error"),
    ],
)
def test_a_query_that_is_wrong_is_refused(
    client: APIClient, accounts: Any, query: dict[str, str], status: int, code: str
) -> None:
    made = make(client, 1)
    answer = client.get(f"{URL}/{made['id']}", {"expand": "items"} | query)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    if status == 422:
        assert client.get(f"{URL}/{made['id']}", query).status_code == 422


def test_a_token_of_another_order_is_refused(client: APIClient, accounts: Any) -> None:
    made = make(client, 11)
    token = get(client, made, expand="items", page_size=10)["page"]["next_page_token"]
    answer = client.get(
        f"{URL}/{made['id']}", {"expand": "items", "order": "desc", "page_token": token}
    )
    assert (answer.status_code, answer.json()["error_code"]) == (
        400,
        "invalid_parameter",
    )


def test_the_list_has_the_workspaces_calendars_newest_first(
    client: APIClient, api, stranger: User, accounts: Any
) -> None:
    ids = [make(client, 1, title=f"C{n}", items=[wish(n)])["id"] for n in range(12)]
    first = client.get(URL, {"page_size": 10}).json()
    make(client, 1, title="Newer", items=[wish(40)])
    rest = client.get(
        URL, {"page_size": 10, "page_token": first["page"]["next_page_token"]}
    ).json()
    assert [row["id"] for row in first["data"] + rest["data"]] == ids[::-1]
    assert all(
        set(row) == SCHEDULE and row["items_total"] == 1 for row in first["data"]
    )
    assert api(stranger).get(URL).json()["data"] == []
    assert client.get(URL, {"state": "completed"}).json()["data"] == []


def test_metrics_and_callbacks_are_there_for_the_asking(
    client: APIClient, accounts: Any
) -> None:
    made = make(client, 2)
    found = get(client, made, expand=["metrics", "callbacks", "conflicts", "items"])
    assert set(found) == SCHEDULE | {
        "metrics",
        "callbacks",
        "conflicts",
        "items",
        "page",
    }
    [row] = found["metrics"]["platforms"]
    assert (
        row["platform"],
        row["items_total"],
        row["items_scheduled"],
        row["tries"],
    ) == ("twitter", 2, 2, 0)
    assert row["average_delay_ms"] is None and found["callbacks"] == []


# --- numbers that are true
# -------------------------------------------------------------------------------


def publish_due() -> None:
    for post in Post.objects.filter(
        state=states.SCHEDULED, scheduled_at__lte=timezone.now()
    ):
        publishing.publish(post.pk, "worker")


def test_progress_is_counted(client: APIClient, accounts: Any, time_machine) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    made = make(client, 4)
    time_machine.move_to(timezone.now() + timedelta(hours=1, seconds=30), tick=False)
    publish_due()
    calendar = ContentCalendar.objects.get()
    follow.follow(calendar.pk)
    client.post(f"{URL}/nothing/cancel")
    found = get(client, made, expand="items")
    assert (found["state"], found["items_completed"], found["items_pending"]) == (
        "running",
        1,
        3,
    )
    assert (found["percent_complete"], found["time_to_start_ms"]) == (25.0, None)
    assert 25_000 <= found["average_duration_ms_per_item"] <= 31_000
    last = datetime.fromisoformat(found["items"][-1]["scheduled_time"]) - timezone.now()
    expected = last / timedelta(milliseconds=1) + found["average_duration_ms_per_item"]
    assert abs(found["eta_ms"] - expected) < 2
    first = found["items"][0]
    assert first["state"] == "published" and first["published_time"]
    [artifact] = first["artifacts"]
    assert (
        set(artifact) == {"type", "content_type", "size", "url"}
        and artifact["type"] == "post_metadata"
    )


def test_an_items_errors_tell_each_try(client: APIClient, time_machine) -> None:
    made = make(client, 1, items=[wish(0, platform="linkedin")])
    time_machine.move_to(timezone.now() + timedelta(hours=1, seconds=1))
    publish_due()
    follow.follow(ContentCalendar.objects.get().pk)
    [item] = expanded(client, made)
    assert item["state"] == "failed"
    [error] = item["errors"]
    assert set(error) == {"error_code", "error_message", "error_class", "occurred_at"}
    assert (error["error_code"], error["error_class"]) == (
        "publish_refused",
        "permanent",
    )
    assert "not connected" in error["error_message"]
    assert get(client, made)["state"] == "failed"


# --- canceled
# --------------------------------------------------------------------------------------------


def test_canceling_takes_every_open_post_out(client: APIClient, accounts: Any) -> None:
    made = make(client)
    answer = client.post(f"{URL}/{made['id']}/cancel")
    body = answer.json()
    assert (answer.status_code, set(body)) == (200, SCHEDULE)
    assert (body["state"], body["items_canceled"], body["items_pending"]) == (
        "canceled",
        3,
        0,
    )
    assert (body["eta_ms"], body["percent_complete"]) == (None, 0)
    assert set(Post.objects.values_list("state", flat=True)) == {states.CANCELED}
    again = client.post(f"{URL}/{made['id']}/cancel")
    assert (again.status_code, again.json()["error_code"]) == (409, "conflict")


# --- who asks
# --------------------------------------------------------------------------------------------


def test_another_workspaces_calendar_does_not_exist(
    client: APIClient, api, stranger: User, accounts: Any
) -> None:
    made = make(client)
    for method, path in (("get", ""), ("post", "/cancel")):
        answer = getattr(api(stranger), method)(f"{URL}/{made['id']}{path}")
        assert (answer.status_code, answer.json()["error_code"]) == (404, "not_found")
    assert ContentCalendar.objects.get().state == "pending"


@pytest.mark.parametrize(
    "name",
    ["sched_x", "sched_" + "0" * 32, "item_" + "0" * 32, "7", "sched_" + "g" * 32],
)
def test_an_id_of_nothing_is_not_found(client: APIClient, name: str) -> None:
    answer = client.get(f"{URL}/{name}")
    assert (answer.status_code, answer.json()["error_code"]) == (404, "not_found")


def test_roles_and_scopes_hold(api, editor: User, viewer: User, accounts: Any) -> None:
    made = make(api(editor))
    assert api(viewer).get(f"{URL}/{made['id']}").status_code == 200
    for path in ("", f"/{made['id']}/cancel"):
        refused = api(viewer).post(URL + path, body(), format="json")
        assert (refused.status_code, refused.json()["error_code"]) == (403, "forbidden")
    assert api(editor).get("/api/v1/scheduling/callbacks/secret").status_code == 403
    reader = APIClient()
    reader.credentials(
        HTTP_AUTHORIZATION=f"Bearer {create_token(editor, 'r', ['schedules:read'])[1]}"
    )
    assert reader.get(URL).status_code == 200
    assert reader.post(URL, body(), format="json").status_code == 403
    nobody = api(None).get(URL)
    assert (nobody.status_code, nobody.json()["error_code"]) == (401, "unauthorized")


def test_the_workspace_is_the_tokens_or_the_one_named(
    api, editor: User, stranger: User, accounts: Any
) -> None:
    made = make(api(editor), tenant_id="dry")
    assert made["tenant_id"] == "h2o"
    assert api(editor).get(URL, HTTP_X_WORKSPACE="h2o").json()["data"]
    assert api(editor).get(URL, HTTP_X_WORKSPACE="dry").status_code == 404


@pytest.fixture
def open_door(settings, editor: User) -> None:
    settings.LOOPBACK_USER, settings.LOOPBACK_WORKSPACE, settings.LOOPBACK_TOKEN = (
        "editor",
        "h2o",
        "test-token",
    )


def with_fixed_token(**facts: str) -> int:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer test-token")
    return int(client.get(URL, **facts).status_code)


def test_the_fixed_token_is_the_demos_editor_on_this_machine_only(
    open_door: None, settings
) -> None:
    assert with_fixed_token() == 200
    for facts in (
        {"REMOTE_ADDR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_ORIGIN": "https://evil.example"},
    ):
        assert with_fixed_token(**facts) == 401
    settings.LOOPBACK_TOKEN = ""
    assert with_fixed_token() == 401


def test_times_are_rfc_3339_in_utc(client: APIClient, accounts: Any) -> None:
    made = make(client)
    assert datetime.fromisoformat(made["created_at"]).tzinfo == UTC and made[
        "created_at"
    ].endswith("Z")
