"""The marketing dialect on the wire: shapes, statuses and texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from cast import make_channel, make_post
from scheduling.api.marketing import calendar
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/marketing"

ACCOUNT = {
    "id",
    "tenant_id",
    "channel_id",
    "name",
    "external_id",
    "profile_url",
    "login_email",
    "credential_vault_ref",
    "oauth_connected",
    "oauth_provider",
    "oauth_token_ref",
    "status",
    "notes",
    "posts_per_week",
    "schedule_timezone",
    "schedule_times",
    "created_at",
    "updated_at",
}
INSTANCE = {
    "id",
    "tenant_id",
    "content_item_id",
    "channel_account_id",
    "caption_override",
    "format",
    "scheduled_for",
    "status",
    "posted_at",
    "post_url",
    "posted_manually",
    "screenshot_url",
    "autopost_enabled",
    "publish_job_id",
    "last_error",
    "created_at",
    "updated_at",
}


@pytest.fixture
def client(api, manager: User) -> APIClient:
    made: APIClient = api(manager)
    return made


def test_top_off_reports_created_skipped_and_window(
    client: APIClient, workspace: Workspace
) -> None:
    make_channel(workspace, name="a", posts_per_week=7)
    make_channel(workspace, name="b", posts_per_week=7)
    first = client.post(f"{ROOT}/scheduler/topoff?tenant_id=h2o&days=28").json()
    assert (
        first["accounts_processed"],
        first["instances_created"],
        first["instances_skipped"],
    ) == (2, 56, 0)
    assert first["message"] == "Created 56 new slots, skipped 0 existing"
    start, end = (
        datetime.fromisoformat(first[name]) for name in ("window_start", "window_end")
    )
    assert end - start == timedelta(days=28)
    second = client.post(f"{ROOT}/scheduler/topoff?tenant_id=h2o").json()
    assert (second["instances_created"], second["instances_skipped"]) == (0, 56)


def test_top_off_without_channels_says_so(client: APIClient) -> None:
    body = client.post(f"{ROOT}/scheduler/topoff?tenant_id=h2o").json()
    assert body["instances_created"] == 0
    assert "no active channel accounts" in body["message"].lower()


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("", "tenant_id"),
        ("tenant_id=h2o&days=0", "days"),
        ("tenant_id=h2o&days=91", "days"),
        ("tenant_id=h2o&days=x", "days"),
    ],
)
def test_bad_queries_are_422_and_change_nothing(
    client: APIClient, channel: ChannelAccount, query: str, place: str
) -> None:
    answer = client.post(f"{ROOT}/scheduler/topoff?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", place]
    assert not Post.objects.exists()


def test_the_calendar_is_keyed_by_utc_date(
    client: APIClient, channel: ChannelAccount
) -> None:
    client.post(f"{ROOT}/scheduler/topoff?tenant_id=h2o")
    days = client.get(f"{ROOT}/calendar?tenant_id=h2o").json()
    assert sum(len(posts) for posts in days.values()) == 12
    for day, posts in days.items():
        assert {post["scheduled_for"][:10] for post in posts} == {day}
        assert {post["status"] for post in posts} == {"Planned"}
        assert set(posts[0]) == INSTANCE


def test_the_calendar_keeps_to_its_window_with_both_ends(
    client: APIClient, channel: ChannelAccount
) -> None:
    at = timezone.now().replace(microsecond=0) + timedelta(days=2)
    make_post(channel, at=at)
    make_post(channel, at=at + timedelta(days=1))
    exact = client.get(
        f"{ROOT}/calendar",
        {"tenant_id": "h2o", "start_date": at.isoformat(), "end_date": at.isoformat()},
    )
    assert [len(posts) for posts in exact.json().values()] == [1]


def test_a_calendar_without_dates_is_that_of_a_month_from_today(
    client: APIClient, channel: ChannelAccount
) -> None:
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for days in (-1, 0, 30, 32, 400):
        make_post(channel, at=today + timedelta(days=days, minutes=1))
    shown = client.get(f"{ROOT}/calendar?tenant_id=h2o").json()
    assert list(shown) == [
        str((today + timedelta(days=days)).date()) for days in (0, 30)
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"start_date": "2026-03-01"}, ["2026-03-01", "2026-03-31"]),
        ({"end_date": "2026-03-31T12:00:00"}, ["2026-03-01", "2026-03-31"]),
        (
            {"start_date": "2026-03-01", "end_date": "2026-06-09"},
            ["2026-03-01", "2026-03-31", "2026-06-01"],
        ),
    ],
)
def test_one_date_alone_begins_or_ends_a_month(
    client: APIClient, channel: ChannelAccount, given: dict[str, str], shown: list[str]
) -> None:
    for day in ("2026-02-27", "2026-03-01", "2026-03-31", "2026-06-01", "2026-06-10"):
        make_post(channel, at=datetime.fromisoformat(f"{day}T10:00:00+00:00"))
    assert (
        list(client.get(f"{ROOT}/calendar", {"tenant_id": "h2o", **given}).json())
        == shown
    )


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-03-01", "2026-06-10", "longer than 100 days"),
        ("2026-03-02", "2026-03-01", "before start_date"),
    ],
)
def test_a_range_that_is_too_long_or_reversed_is_refused(
    client: APIClient, start: str, end: str, message: str
) -> None:
    answer = client.get(
        f"{ROOT}/calendar", {"tenant_id": "h2o", "start_date": start, "end_date": end}
    )
    assert answer.status_code == 422
    (entry,) = answer.json()["detail"]
    assert (entry["loc"], entry["input"]) == (["query", "end_date"], end)
    assert message in entry["msg"]


@pytest.mark.parametrize("edge", ["start_date=9999-12-31", "end_date=0001-01-02"])
def test_a_month_at_the_end_of_time_is_refused(client: APIClient, edge: str) -> None:
    answer = client.get(f"{ROOT}/calendar?tenant_id=h2o&{edge}")
    assert answer.status_code == 422
    assert "valid datetime" in answer.json()["detail"][0]["msg"]


def test_a_range_with_too_many_posts_is_refused(
    client: APIClient, channel: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "MOST_POSTS", 2)
    soon = timezone.now() + timedelta(hours=1)
    for number in range(3):
        make_post(channel, at=soon + timedelta(hours=number))
    answer = client.get(f"{ROOT}/calendar?tenant_id=h2o")
    assert answer.status_code == 400
    assert "more than 2 posts in this range" in answer.json()["detail"]


def test_a_bad_date_is_422(client: APIClient) -> None:
    answer = client.get(f"{ROOT}/calendar?tenant_id=h2o&start_date=soon")
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (
        422,
        ["query", "start_date"],
    )


@pytest.mark.parametrize(
    ("path", "query", "name", "right"),
    [
        ("calendar", "include_unscheduled=maybe", "include_unscheduled", "include_unscheduled=false"),
        ("post-instances", "status=planned", "status", "status=Planned"),
        ("post-instances", "scheduled_from=2026-03-02&scheduled_to=2026-03-01", "scheduled_to", "scheduled_from=2026-03-02"),
        ("content-items", "status=Lost", "status", "status=Needs Approval"),
    ],
)  # fmt: skip
def test_unknown_words_and_reversed_ranges_are_422(
    client: APIClient, path: str, query: str, name: str, right: str
) -> None:
    address = f"{ROOT}/{path}?tenant_id=h2o&"
    refused = client.get(address + query)
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["query", name]
    assert client.get(address + right).status_code == 200


def test_a_due_date_may_have_a_time_and_hints_need_no_tenant(
    client: APIClient,
) -> None:
    item = {
        "tenant_id": "h2o",
        "title": "T",
        "owner": "o",
        "content_category": "offers",
        "draft_due_date": "2026-12-01T10:00:00Z",
    }
    made = client.post(f"{ROOT}/content-items", item, format="json")
    due = datetime.fromisoformat(made.json()["draft_due_date"])
    assert due == datetime(2026, 12, 1, 10, tzinfo=UTC)
    hints = client.get(f"{ROOT}/scheduler/template/offers")
    assert hints.json()["title"] == "T"


def test_another_workspace_is_404_everywhere(client: APIClient, stranger: User) -> None:
    for method, path in (
        ("post", "/scheduler/topoff?tenant_id=dry"),
        ("get", "/calendar?tenant_id=dry"),
        ("get", "/channel-accounts?tenant_id=dry"),
        ("get", "/content-items?tenant_id=dry"),
        ("get", "/post-instances?tenant_id=dry"),
    ):
        assert getattr(client, method)(ROOT + path).status_code == 404


def test_channels_are_listed_by_name(client: APIClient) -> None:
    rows = client.get(f"{ROOT}/channels").json()
    assert [row["display_name"] for row in rows] == sorted(
        row["display_name"] for row in rows
    )
    assert {
        "google_business_profile",
        "facebook_page",
        "instagram_business",
        "nextdoor",
    } <= {row["key"] for row in rows}
    assert set(rows[0]) == {
        "id",
        "key",
        "display_name",
        "supports_autopost",
        "created_at",
        "updated_at",
    }


def test_an_account_is_made_with_the_contracts_defaults(client: APIClient) -> None:
    body = {"tenant_id": "h2o", "channel_id": "instagram_business", "name": "Ours"}
    made = client.post(f"{ROOT}/channel-accounts", body, format="json")
    assert made.status_code == 201
    account = made.json()
    assert set(account) == ACCOUNT
    assert (account["posts_per_week"], account["schedule_timezone"]) == (
        3,
        "America/Los_Angeles",
    )
    assert (account["schedule_times"], account["status"]) == (["09:00"], "active")
    assert client.get(f"{ROOT}/channel-accounts/{account['id']}").json() == account
    assert client.get(f"{ROOT}/channel-accounts?tenant_id=h2o").json() == [account]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"channel_id": "myspace"}, 404),
        ({"schedule_timezone": "Mars/Olympus"}, 422),
        ({"schedule_times": ["25:00"]}, 422),
        ({"posts_per_week": 71}, 422),
        ({"posts_per_week": -1}, 422),
        ({"name": ""}, 422),
        ({"tenant_id": "dry"}, 404),
    ],
)
def test_a_bad_account_is_refused_and_not_made(
    client: APIClient, stranger: User, fields: dict[str, object], status: int
) -> None:
    body = {"tenant_id": "h2o", "channel_id": "instagram", "name": "Ours"} | fields
    answer = client.post(f"{ROOT}/channel-accounts", body, format="json")
    assert (answer.status_code, ChannelAccount.objects.count()) == (status, 0)
    assert "detail" in answer.json()


def test_an_account_is_changed_and_deleted(
    client: APIClient, channel: ChannelAccount
) -> None:
    url = f"{ROOT}/channel-accounts/{channel.pk}"
    changed = client.patch(
        url, {"posts_per_week": 5, "schedule_times": None}, format="json"
    )
    assert (
        changed.status_code,
        changed.json()["posts_per_week"],
        changed.json()["schedule_times"],
    ) == (
        200,
        5,
        ["09:00"],
    )
    assert client.delete(url).json() == {"deleted": True}
    assert client.get(url).status_code == 404


def test_a_bad_patch_leaves_the_account_as_it_was(
    client: APIClient, channel: ChannelAccount
) -> None:
    answer = client.patch(
        f"{ROOT}/channel-accounts/{channel.pk}",
        {"name": "New", "schedule_timezone": "Nowhere"},
        format="json",
    )
    channel.refresh_from_db()
    assert (answer.status_code, channel.name) == (422, "H2O on Facebook")


def test_content_is_made_found_and_deleted(client: APIClient) -> None:
    body = {
        "tenant_id": "h2o",
        "title": "Hello",
        "owner": "ana",
        "base_caption": "World",
        "tags": ["x"],
    }
    made = client.post(f"{ROOT}/content-items", body, format="json")
    assert (made.status_code, made.json()["status"]) == (201, "Idea")
    url = f"{ROOT}/content-items/{made.json()['id']}"
    assert [
        row["title"]
        for row in client.get(f"{ROOT}/content-items?tenant_id=h2o&search=hell").json()
    ] == ["Hello"]
    assert (
        client.get(f"{ROOT}/content-items?tenant_id=h2o&limit=1001").status_code == 422
    )
    assert client.patch(url, {"title": "Bye"}, format="json").json()["title"] == "Bye"
    assert client.delete(url).json() == {"deleted": True}


def test_a_slot_is_filled_and_scheduled_by_patch(
    client: APIClient, slot: Post, content: ContentItem
) -> None:
    url = f"{ROOT}/post-instances/{slot.pk}"
    filled = client.patch(
        url, {"content_item_id": str(content.pk), "status": "Scheduled"}, format="json"
    )
    assert (
        filled.status_code,
        filled.json()["status"],
        filled.json()["content_item_id"],
    ) == (
        200,
        "Scheduled",
        str(content.pk),
    )
    held = client.patch(url, {"status": "Draft"}, format="json")
    assert held.json()["status"] == "Draft"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "Scheduled"}, 400),
        ({"status": "Posted"}, 422),
        ({"content_item_id": str(uuid4())}, 404),
        ({"scheduled_for": "2001-01-01T00:00:00Z"}, 400),
        ({"scheduled_for": "soon"}, 422),
    ],
)
def test_what_the_state_machine_forbids_is_refused(
    client: APIClient, slot: Post, body: dict[str, str], status: int
) -> None:
    before = Post.objects.values().get()
    answer = client.patch(f"{ROOT}/post-instances/{slot.pk}", body, format="json")
    assert (answer.status_code, Post.objects.values().get()) == (status, before)


def test_a_post_being_published_is_a_conflict(client: APIClient, draft: Post) -> None:
    Post.objects.update(state="publishing")
    answer = client.patch(
        f"{ROOT}/post-instances/{draft.pk}", {"status": "Canceled"}, format="json"
    )
    assert answer.status_code == 409


def test_posts_are_listed_latest_first_without_a_time_last(
    client: APIClient, draft: Post, content: ContentItem
) -> None:
    body = {
        "tenant_id": "h2o",
        "content_item_id": str(content.pk),
        "channel_account_id": str(draft.account_id),
    }
    loose = client.post(f"{ROOT}/post-instances", body, format="json").json()
    listed = [
        row["id"] for row in client.get(f"{ROOT}/post-instances?tenant_id=h2o").json()
    ]
    assert listed == [str(draft.pk), loose["id"]]
    assert (
        client.get(f"{ROOT}/post-instances?tenant_id=h2o&status=Planned").json() == []
    )
    assert (
        client.get(f"{ROOT}/post-instances?tenant_id=h2o&content_item_id=x").status_code
        == 422
    )


def test_a_second_post_at_the_same_time_is_a_409(
    client: APIClient, draft: Post, content: ContentItem
) -> None:
    body = {
        "tenant_id": "h2o",
        "content_item_id": str(content.pk),
        "channel_account_id": str(draft.account_id),
        "scheduled_for": draft.scheduled_at.isoformat(),
    }
    assert client.post(f"{ROOT}/post-instances", body, format="json").status_code == 409
    assert Post.objects.count() == 1


def test_what_clients_keep_with_content_comes_back(client: APIClient) -> None:
    kept = {
        "cta_type": "BookOnline",
        "target_city": "Tracy",
        "template_id": "t-1",
        "reviewer": "ben",
        "draft_due_date": "2026-12-01",
        "source_type": "sheet",
        "source_ref": "row 7",
        "content_category": "tips",
        "offer_id": "o-1",
        "media_urls": ["https://example.org/a.jpg"],
    }
    body = {"tenant_id": "h2o", "title": "Hello", "owner": "ana"} | kept
    made = client.post(f"{ROOT}/content-items", body, format="json").json()
    assert {name: made[name] for name in kept} == kept
    url = f"{ROOT}/content-items/{made['id']}"
    changed = client.patch(
        url, {"reviewer": None, "target_city": "Manteca"}, format="json"
    ).json()
    assert (changed["reviewer"], changed["target_city"], changed["offer_id"]) == (
        None,
        "Manteca",
        "o-1",
    )
    assert client.get(url).json() == changed
    for bad in (
        {"cta_type": "Shout"},
        {"draft_due_date": "soon"},
        {"media_urls": ["no address"]},
        {"reviewer": [1]},
    ):
        assert client.patch(url, bad, format="json").status_code == 422
    assert client.get(url).json() == changed


def test_a_category_gives_hints_from_what_was_written_in_it(
    client: APIClient, stranger: User, api, django_assert_max_num_queries
) -> None:
    for n, tags in enumerate(
        (["howto"], ["howto", "heating"], ["heating", "howto", "winter"])
    ):
        body = {
            "tenant_id": "h2o",
            "title": f"Tip {n}",
            "owner": "ana",
            "base_caption": f"Do {n}.",
            "tags": tags,
        }
        client.post(
            f"{ROOT}/content-items",
            body | {"content_category": "tips & tricks"},
            format="json",
        )
    url = f"{ROOT}/scheduler/template/tips%20&%20tricks?tenant_id=h2o"
    with django_assert_max_num_queries(5):
        body = client.get(url).json()
    assert body == {
        "category": "tips & tricks",
        "title": "Tip 2",
        "caption": "Do 2.",
        "titles": ["Tip 2", "Tip 1", "Tip 0"],
        "tags": ["howto", "heating", "winter"],
    }
    assert (
        client.get(f"{ROOT}/scheduler/template/other?tenant_id=h2o").status_code == 404
    )
    assert api(stranger).get(url).status_code in (403, 404)


def test_a_post_is_deleted_unless_it_is_on_its_way(
    client: APIClient, draft: Post, stranger: User, api
) -> None:
    url = f"{ROOT}/post-instances/{draft.pk}"
    assert api(stranger).delete(url).status_code == 404
    for state in ("publishing", "uncertain"):
        Post.objects.update(state=state)
        assert client.delete(url).status_code == 409
    Post.objects.update(state="failed")
    assert client.delete(url).json() == {"deleted": True}
    assert client.get(url).status_code == 404


def test_posts_are_found_by_time(
    client: APIClient, channel: ChannelAccount, content: ContentItem
) -> None:
    at = timezone.now().replace(microsecond=0) + timedelta(days=2)
    first, _ = (
        make_post(channel, content, at=at),
        make_post(channel, content, at=at + timedelta(days=1)),
    )
    query = {
        "tenant_id": "h2o",
        "scheduled_from": at.isoformat(),
        "scheduled_to": at.isoformat(),
    }
    assert [
        row["id"] for row in client.get(f"{ROOT}/post-instances", query).json()
    ] == [str(first.pk)]
    bad = client.get(f"{ROOT}/post-instances?tenant_id=h2o&scheduled_from=soon")
    assert (bad.status_code, bad.json()["detail"][0]["loc"]) == (
        422,
        ["query", "scheduled_from"],
    )


def test_the_calendar_shows_posts_without_a_time_on_request(
    client: APIClient, draft: Post, content: ContentItem
) -> None:
    loose = make_post(draft.account, content)
    Post.objects.filter(pk=loose.pk).update(scheduled_at=None)
    body = client.get(f"{ROOT}/calendar?tenant_id=h2o&include_unscheduled=true").json()
    assert set(body) == {"scheduled", "unscheduled"}
    assert [row["id"] for row in body["unscheduled"]] == [str(loose.pk)]
    assert [row["id"] for rows in body["scheduled"].values() for row in rows] == [
        str(draft.pk)
    ]


def test_system_health_counts(
    client: APIClient, slot: Post, channel: ChannelAccount, content: ContentItem
) -> None:
    for n, state in enumerate(("scheduled", "scheduled", "published", "failed")):
        make_post(
            channel, content, state=state, at=timezone.now() + timedelta(hours=n + 3)
        )
    body = client.get(f"{ROOT}/system-health?tenant_id=h2o").json()
    assert body.pop("timestamp")
    assert body == {
        "scheduled_count": 2,
        "published_count": 1,
        "failed_count": 1,
        "empty_slots": 1,
    }


def test_channels_need_no_seeding(client: APIClient) -> None:
    assert (
        client.post(f"{ROOT}/seed-channels").json()
        == client.get(f"{ROOT}/channels").json()
    )


def test_one_content_goes_to_many_accounts(
    client: APIClient, workspace: Workspace, content: ContentItem
) -> None:
    accounts = [make_channel(workspace, name=f"c{n}") for n in range(3)]
    body = {
        "content_item_id": str(content.pk),
        "channel_account_ids": [str(account.pk) for account in accounts],
    }
    drafts = client.post(
        f"{ROOT}/post-instances/bulk?tenant_id=h2o", body, format="json"
    )
    assert (drafts.status_code, [row["status"] for row in drafts.json()]) == (
        201,
        ["Draft"] * 3,
    )
    assert set(drafts.json()[0]) == INSTANCE
    at = (timezone.now() + timedelta(hours=4)).isoformat()
    timed = client.post(
        f"{ROOT}/post-instances/bulk?tenant_id=h2o",
        body | {"scheduled_for": at},
        format="json",
    )
    assert [row["status"] for row in timed.json()] == ["Scheduled"] * 3
    again = client.post(
        f"{ROOT}/post-instances/bulk?tenant_id=h2o",
        body | {"scheduled_for": at},
        format="json",
    )
    assert (again.status_code, len(again.json()["detail"]["channels"])) == (409, 3)
    assert Post.objects.count() == 6


def test_bulk_lets_no_account_of_another_tenant_in(
    client: APIClient, channel: ChannelAccount, content: ContentItem, stranger: User
) -> None:
    foreign = make_channel(Workspace.objects.get(slug="dry"))
    body = {
        "content_item_id": str(content.pk),
        "channel_account_ids": [str(channel.pk), str(foreign.pk)],
    }
    answer = client.post(
        f"{ROOT}/post-instances/bulk?tenant_id=h2o", body, format="json"
    )
    assert (answer.status_code, Post.objects.count()) == (404, 0)


def test_broken_json_is_422(client: APIClient) -> None:
    answer = client.post(f"{ROOT}/content-items", "{", content_type="application/json")
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body"])
    assert json.dumps(answer.json())


def test_unknown_routes_and_methods_answer_in_json(client: APIClient) -> None:
    assert (
        client.get(f"{ROOT}/nothing").status_code,
        client.get(f"{ROOT}/nothing").json(),
    ) == (
        404,
        {"detail": "Not Found"},
    )
    wrong = client.delete(f"{ROOT}/channels")
    assert (wrong.status_code, wrong.json()) == (405, {"detail": "Method Not Allowed"})


def test_without_a_token_everything_is_401(api) -> None:
    for path in (
        "/channels",
        "/calendar?tenant_id=h2o",
        "/content-items?tenant_id=h2o",
    ):
        assert api(None).get(ROOT + path).status_code == 401


def test_roles_hold_on_the_wire(
    api, viewer: User, editor: User, channel: ChannelAccount
) -> None:
    assert api(viewer).post(f"{ROOT}/scheduler/topoff?tenant_id=h2o").status_code == 403
    body = {"tenant_id": "h2o", "channel_id": "x", "name": "Another"}
    assert (
        api(editor).post(f"{ROOT}/channel-accounts", body, format="json").status_code
        == 403
    )
    assert (
        api(editor).delete(f"{ROOT}/channel-accounts/{channel.pk}").status_code == 403
    )
