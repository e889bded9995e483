"""The posting-queue dialect on the wire: shapes, statuses, texts, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from media_files import film
from rest_framework.test import APIClient

from cast import make_channel, make_post
from scheduling.content import fetching
from scheduling.content.media import add_media
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post, PostGroup, WatcherEvent
from scheduling.publishing.tasks import find_due
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
ROOT = "/api/schedule"
ZONE = ZoneInfo("America/Los_Angeles")

POST = {
    "id",
    "video_path",
    "metadata",
    "platforms",
    "scheduled_time",
    "status",
    "created_at",
    "processed_at",
    "error_message",
    "retry_count",
    "needs_approval",
}
NAIVE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\Z")
BODY = {
    "video_path": "epic_gaming_moment.mp4",
    "metadata": {
        "title": "Epic",
        "description": "What a moment",
        "hashtags": ["#gaming", "epic"],
    },
    "platforms": ["youtube", "tiktok"],
}


@pytest.fixture(autouse=True)
def folder(workspace: Workspace, settings: Any, tmp_path: Path) -> Path:
    """The workspace's watch folder, with the video that these posts are about."""
    settings.WATCH_ROOT = str(tmp_path)
    own = tmp_path / workspace.slug
    own.mkdir()
    (own / "epic_gaming_moment.mp4").write_bytes(film())
    return own


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


@pytest.fixture
def accounts(workspace: Workspace) -> list[ChannelAccount]:
    return [
        make_channel(workspace, name=name, platform=name)
        for name in ("youtube", "tiktok")
    ]


def local(hours: float) -> str:
    """A time so many hours from now on the workspace's clock, naive."""
    return (
        (timezone.now() + timedelta(hours=hours))
        .astimezone(ZONE)
        .strftime("%Y-%m-%dT%H:%M:%S")
    )


def queue(client: APIClient, **more: Any) -> Any:
    return client.post(f"{ROOT}/post", BODY | more, format="json")


@pytest.fixture
def queued(client: APIClient, accounts: list[ChannelAccount]) -> int:
    number: int = queue(client, scheduled_time=local(5)).json()["post_id"]
    return number


def test_a_refusal_tells_of_each_channel_and_names_nothing_that_is_not_there(
    client: APIClient, accounts: list[ChannelAccount]
) -> None:
    refused = queue(
        client, metadata={"title": "T"}, platforms=["youtube", "tiktok", "x"]
    )
    assert refused.status_code == 400
    told = refused.json()["detail"]["channels"]
    assert [(channel["platform"], bool(channel["problem"])) for channel in told] == [
        ("youtube", True),
        ("tiktok", False),
        ("x", False),
    ]
    known = {str(account.pk) for account in ChannelAccount.objects.all()} | {None}
    assert {channel["channel_account_id"] for channel in told} <= known
    assert not any("post_id" in channel for channel in told)


def test_a_video_is_queued_and_shown(
    client: APIClient, accounts: list[ChannelAccount]
) -> None:
    at = local(5)
    answer = queue(client, scheduled_time=at)
    made = answer.json()
    assert (answer.status_code, made["success"], made["scheduled_time"]) == (
        200,
        True,
        at,
    )
    assert (
        made["message"]
        == f"Video scheduled for {datetime.fromisoformat(at):%I:%M %p on %B %d}"
    )
    assert isinstance(made["post_id"], int)
    post = client.get(f"{ROOT}/post/{made['post_id']}").json()
    assert set(post) == POST
    assert post["metadata"] == {
        "title": "Epic",
        "description": "What a moment",
        "caption": "What a moment",
        "hashtags": "#gaming #epic",
    }
    assert (post["platforms"], post["status"], post["scheduled_time"]) == (
        ["youtube", "tiktok"],
        "pending",
        at,
    )
    assert (post["processed_at"], post["error_message"], post["retry_count"]) == (
        None,
        None,
        0,
    )
    assert NAIVE.match(post["created_at"])
    assert Post.objects.filter(state=states.SCHEDULED).count() == 2


def test_without_a_time_the_next_hour_free_on_every_platform_is_taken(
    client: APIClient, accounts: list[ChannelAccount]
) -> None:
    expected = (
        (timezone.now() + timedelta(hours=1))
        .astimezone(ZONE)
        .replace(minute=0, second=0, microsecond=0)
    )
    times = [
        queue(client, platforms=platforms).json()["scheduled_time"]
        for platforms in (["youtube"], ["tiktok", "youtube"], ["tiktok"])
    ]
    wanted = [expected, expected + timedelta(hours=1), expected]
    assert times == [moment.strftime("%Y-%m-%dT%H:%M:%S") for moment in wanted]


def test_caption_is_another_name_for_description(
    client: APIClient, accounts: list[ChannelAccount]
) -> None:
    made = queue(
        client, metadata={"title": "Title", "caption": "C", "hashtags": "#a #b"}
    ).json()
    shown = client.get(f"{ROOT}/post/{made['post_id']}").json()["metadata"]
    assert (shown["description"], shown["hashtags"]) == ("C", "#a #b")


def test_a_platform_without_a_channel_is_taken_and_pretends_nothing(
    client: APIClient, workspace: Workspace
) -> None:
    answer = queue(client, platforms=["youtube"]).json()
    assert any("not connected" in text for text in answer["warnings"])
    account = ChannelAccount.objects.get()
    assert (account.status, account.platform, account.publisher) == (
        "unconnected",
        "youtube",
        "",
    )
    queue(client, platforms=["youtube"])
    assert ChannelAccount.objects.count() == 1


def test_upcoming_is_soonest_first_and_keeps_what_is_overdue(
    client: APIClient, accounts: list[ChannelAccount]
) -> None:
    late, soon, far = (
        queue(client, scheduled_time=local(hours)).json()["post_id"]
        for hours in (20, 3, 60)
    )
    body = client.get(f"{ROOT}/upcoming").json()
    assert ([post["id"] for post in body["posts"]], body["count"]) == ([soon, late], 2)
    assert set(body["posts"][0]) == POST
    assert client.get(f"{ROOT}/upcoming?hours=168").json()["count"] == 3
    Post.objects.filter(group=late).update(
        scheduled_at=timezone.now() - timedelta(minutes=5)
    )
    assert client.get(f"{ROOT}/upcoming").json()["posts"][0]["id"] == late
    assert far not in [
        post["id"] for post in client.get(f"{ROOT}/upcoming").json()["posts"]
    ]


@pytest.mark.parametrize(
    "query",
    ["upcoming?hours=0", "upcoming?hours=169", "upcoming?hours=x", "completed?days=31"],
)
def test_bad_ranges_are_422(client: APIClient, query: str) -> None:
    answer = client.get(f"{ROOT}/{query}")
    assert (answer.status_code, answer.json()["detail"][0]["loc"][0]) == (422, "query")


def test_force_sends_it(
    client: APIClient, queued: int, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"{ROOT}/post/{queued}/force")
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    post = client.get(f"{ROOT}/post/{queued}").json()
    assert (post["status"], post["retry_count"]) == ("completed", 0)
    assert NAIVE.match(post["processed_at"])
    assert [row["id"] for row in client.get(f"{ROOT}/completed").json()["posts"]] == [
        queued
    ]
    assert client.get(f"{ROOT}/upcoming").json()["count"] == 0
    again = client.post(f"{ROOT}/post/{queued}/force")
    assert (again.status_code, "only pending posts" in again.json()["detail"]) == (
        400,
        True,
    )


def test_delete_cancels(client: APIClient, queued: int) -> None:
    assert client.delete(f"{ROOT}/post/{queued}").json()["success"] is True
    assert client.get(f"{ROOT}/post/{queued}").json()["status"] == "cancelled"
    assert client.delete(f"{ROOT}/post/{queued}").status_code == 400


@pytest.mark.parametrize("place", ["query", "body"])
def test_a_post_is_given_another_time(
    client: APIClient, queued: int, place: str
) -> None:
    at, url = local(30), f"{ROOT}/post/{queued}"
    answer = (
        client.patch(f"{url}?new_time={at}")
        if place == "query"
        else client.patch(url, {"new_time": at}, format="json")
    )
    assert (
        answer.status_code,
        answer.json()["success"],
        answer.json()["new_time"],
    ) == (200, True, at)
    assert client.get(url).json()["scheduled_time"] == at


def test_words_and_platforms_change(
    client: APIClient, queued: int, workspace: Workspace
) -> None:
    url = f"{ROOT}/post/{queued}"
    made = client.patch(
        f"{url}/metadata?title=New&caption=Words&hashtags=%23one+two&platforms=youtube,linkedin"
    )
    assert (made.status_code, made.json()["success"]) == (200, True)
    post = client.get(url).json()
    assert post["metadata"] == {
        "title": "New",
        "description": "Words",
        "caption": "Words",
        "hashtags": "#one #two",
    }
    assert sorted(post["platforms"]) == ["linkedin", "youtube"]
    assert len({row.scheduled_at for row in Post.objects.filter(group=queued)}) == 1


def test_changing_words_leaves_other_posts_of_the_same_content_alone(
    client: APIClient, queued: int
) -> None:
    content = PostGroup.objects.get(pk=queued).content
    other = make_post(make_channel(content.workspace, name="other"), content)
    client.patch(
        f"{ROOT}/post/{queued}/metadata", {"title": "Only mine"}, format="json"
    )
    other.refresh_from_db()
    assert other.content.title == "Epic"
    assert (
        client.get(f"{ROOT}/post/{queued}").json()["metadata"]["title"] == "Only mine"
    )


def test_partial_success_is_said_and_only_the_rest_is_tried_again(
    client: APIClient, queued: int
) -> None:
    good, bad = Post.objects.filter(group=queued).order_by("account__name")
    now = timezone.now()
    Post.objects.filter(pk=good.pk).update(
        state=states.PUBLISHED, published_at=now, tries=1
    )
    Post.objects.filter(pk=bad.pk).update(
        state=states.FAILED, last_error="The line broke.", tries=3
    )
    post = client.get(f"{ROOT}/post/{queued}").json()
    assert (post["status"], post["error_message"], post["retry_count"]) == (
        "completed",
        "Partial: youtube: The line broke.",
        3,
    )
    assert client.get(f"{ROOT}/completed").json()["count"] == 1
    assert client.post(f"{ROOT}/post/{queued}/retry").status_code == 200
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state, bad.tries, bad.epoch) == (
        "published",
        "scheduled",
        0,
        2,
    )


def test_retry_is_for_failed_posts(client: APIClient, queued: int) -> None:
    assert client.post(f"{ROOT}/post/{queued}/retry").status_code == 400


@pytest.mark.parametrize(
    ("change", "status", "place"),
    [
        ({"video_path": "../../etc/passwd"}, 422, "video_path"),
        ({"video_path": "clips\\..\\..\\secret.mp4"}, 422, "video_path"),
        ({"video_path": "a\nb"}, 422, "video_path"),
        ({"video_path": "x" * 1001}, 422, "video_path"),
        ({"video_path": ""}, 422, "video_path"),
        ({"platforms": []}, 422, "platforms"),
        ({"platforms": ["myspace"]}, 422, "platforms"),
        ({"platforms": "youtube"}, 422, "platforms"),
        ({"metadata": "words"}, 422, "metadata"),
        ({"metadata": {}}, 422, "metadata"),
        ({"metadata": {"title": "T", "hashtags": 7}}, 422, "metadata"),
        ({"scheduled_time": "tomorrow"}, 400, None),
        ({"scheduled_time": "2026-13-45T99:00:00"}, 400, None),
        ({"scheduled_time": "2001-01-01T00:00:00"}, 400, None),
        ({"scheduled_time": "9999-12-31T23:59:59-14:00"}, 400, None),
        ({"scheduled_time": "2500-01-01T00:00:00"}, 400, None),
    ],
)
def test_bad_posts_are_refused_and_nothing_changes(
    client: APIClient,
    accounts: list[ChannelAccount],
    change: dict[str, Any],
    status: int,
    place: str | None,
) -> None:
    answer = queue(client, **change)
    assert answer.status_code == status, answer.json()
    if place:
        assert answer.json()["detail"][0]["loc"][:2] == ["body", place]
    counts = (
        Post.objects.count(),
        ContentItem.objects.count(),
        PostGroup.objects.count(),
    )
    assert counts == (0, 0, 0)
    assert ChannelAccount.objects.count() == 2


def test_a_taken_time_is_refused_whole(client: APIClient, queued: int) -> None:
    before = (
        Post.objects.count(),
        ContentItem.objects.count(),
        ChannelAccount.objects.count(),
    )
    at = client.get(f"{ROOT}/post/{queued}").json()["scheduled_time"]
    answer = queue(client, scheduled_time=at, platforms=["tiktok", "linkedin"])
    assert (
        answer.status_code,
        "already has a post" in str(answer.json()["detail"]),
    ) == (409, True)
    assert (
        Post.objects.count(),
        ContentItem.objects.count(),
        ChannelAccount.objects.count(),
    ) == before


def test_times_are_read_on_the_workspaces_clock_or_by_their_offset(
    client: APIClient, accounts: list[ChannelAccount]
) -> None:
    moment = (timezone.now() + timedelta(hours=9)).replace(microsecond=0)
    naive = queue(client, platforms=["youtube"], scheduled_time=local(9)).json()[
        "post_id"
    ]
    aware = queue(
        client, platforms=["tiktok"], scheduled_time=moment.isoformat()
    ).json()["post_id"]
    times = {
        Post.objects.get(group=number).scheduled_at.replace(second=0)
        for number in (naive, aware)
    }
    assert times == {moment.replace(second=0)}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "post/{id}", 404),
        ("post", "post/{id}/force", 400),
        ("delete", "post/{id}", 400),
        ("patch", "post/{id}?new_time=2027-01-01T10:00:00", 400),
        ("post", "post/{id}/retry", 400),
        ("patch", "post/{id}/metadata?title=x", 404),
    ],
)
def test_foreign_and_unknown_posts_do_not_exist(
    api, stranger: User, queued: int, method: str, path: str, status: int
) -> None:
    before = list(Post.objects.order_by("pk").values())
    for number in (queued, 999_999, 10**30):
        answer = getattr(api(stranger), method)(f"{ROOT}/{path.format(id=number)}")
        assert (answer.status_code, "Post not found" in answer.json()["detail"]) == (
            status,
            True,
        )
    assert list(Post.objects.order_by("pk").values()) == before


def test_a_busy_post_is_refused(client: APIClient, queued: int) -> None:
    Post.objects.filter(group=queued).update(state=states.PUBLISHING)
    url = f"{ROOT}/post/{queued}"
    assert client.get(url).json()["status"] == "processing"
    for answer in (
        client.delete(url),
        client.post(f"{url}/force"),
        client.patch(f"{url}?new_time={local(9)}"),
    ):
        assert answer.status_code == 400
    assert client.patch(f"{url}/metadata?title=x").status_code == 400


def test_viewers_read_and_do_not_write(api, viewer: User, queued: int) -> None:
    assert api(viewer).get(f"{ROOT}/post/{queued}").status_code == 200
    assert queue(api(viewer)).status_code == 403
    assert api(viewer).delete(f"{ROOT}/post/{queued}").status_code == 403


def test_malformed_bodies_are_422(client: APIClient, queued: int) -> None:
    assert (
        client.post(f"{ROOT}/post", "{", content_type="application/json").status_code
        == 422
    )
    assert client.post(f"{ROOT}/post", [1], format="json").status_code == 422
    assert client.patch(f"{ROOT}/post/{queued}", [1], format="json").status_code == 422
    assert (
        client.patch(f"{ROOT}/post/{queued}/metadata", {}, format="json").status_code
        == 400
    )


# --- settings
# -------------------------------------------------------------------------------------------


def test_settings_have_the_contracts_groups_and_defaults(
    client: APIClient, editor: User
) -> None:
    body = client.get("/api/settings").json()
    assert set(body) == {"upload_platforms", "directories", "scheduling", "user"}
    assert body["scheduling"] == {
        "auto_schedule": True,
        "schedule_spacing_hours": 1,
        "default_post_time_offset": 1,
    }
    assert body["user"] == {
        "id": editor.pk,
        "username": "editor",
        "email": "editor@example.org",
        "role": "editor",
    }
    assert body["directories"] == {"watch_directory": "h2o", "watch_enabled": False}
    assert "youtube" in body["upload_platforms"]


def test_managers_change_settings(
    api, manager: User, editor: User, workspace: Workspace
) -> None:
    change = {
        "scheduling": {"schedule_spacing_hours": 3},
        "upload_platforms": ["twitter", "youtube"],
    }
    body = api(manager).patch("/api/settings", change, format="json").json()
    assert body["scheduling"]["schedule_spacing_hours"] == 3
    assert (body["scheduling"]["auto_schedule"], body["upload_platforms"]) == (
        True,
        ["x", "youtube"],
    )
    assert api(editor).patch("/api/settings", change, format="json").status_code == 403
    make_channel(workspace, platform="youtube")
    first, second = (
        queue(api(editor), platforms=["youtube"]).json()["scheduled_time"]
        for _ in range(2)
    )
    assert datetime.fromisoformat(second) - datetime.fromisoformat(first) == timedelta(
        hours=3
    )


@pytest.mark.parametrize(
    "change",
    [
        {"scheduling": {"schedule_spacing_hours": 0}},
        {"scheduling": {"schedule_spacing_hours": 169}},
        {"scheduling": {"auto_schedule": "perhaps"}},
        {"scheduling": {"spacing": 2}},
        {"user": {"role": "manager"}},
        {"upload_platforms": ["myspace"]},
        {"directories": {"watch_directory": "/etc"}},
        {"scheduling": 3},
    ],
)
def test_bad_settings_are_422_and_change_nothing(
    api, manager: User, change: dict[str, Any]
) -> None:
    before = api(manager).get("/api/settings").json()
    answer = api(manager).patch("/api/settings", change, format="json")
    assert (answer.status_code, answer.json()["detail"][0]["loc"][0]) == (422, "body")
    assert api(manager).get("/api/settings").json() == before


# --- the watcher
# ----------------------------------------------------------------------------------------


def test_history_is_newest_first_and_can_be_cleared(
    client: APIClient, workspace: Workspace, stranger: User
) -> None:
    for n in range(103):
        WatcherEvent.objects.create(
            workspace=workspace,
            event_type="file_detected",
            filename=f"{n}",
            status="success",
        )
    WatcherEvent.objects.create(
        workspace=Workspace.objects.get(slug="dry"),
        event_type="x",
        filename="y",
        status="z",
    )
    body = client.get("/api/watcher/history").json()
    assert (body["count"], len(body["events"]), body["events"][0]["filename"]) == (
        100,
        100,
        "102",
    )
    assert set(body["events"][0]) == {
        "timestamp",
        "event_type",
        "filename",
        "file_size",
        "duration",
        "stage",
        "platform",
        "status",
        "message",
        "metadata",
    }
    assert client.post("/api/watcher/clear-history").json()["success"] is True
    assert client.get("/api/watcher/history").json() == {"events": [], "count": 0}
    assert WatcherEvent.objects.count() == 1


def test_status_says_whether_the_folder_is_watched(
    api, client: APIClient, manager: User
) -> None:
    body = client.get("/api/watcher/status").json()
    assert (body["status"], bool(NAIVE.match(body["timestamp"]))) == ("idle", True)
    api(manager).patch(
        "/api/settings", {"directories": {"watch_enabled": True}}, format="json"
    )
    assert client.get("/api/watcher/status").json()["status"] == "watching"


# --- who asks
# -------------------------------------------------------------------------------------------

OPEN = ["/api/schedule/upcoming", "/api/ai/templates", "/api/watcher/status"]


@pytest.fixture
def open_door(settings, editor: User) -> None:
    settings.LOOPBACK_USER, settings.LOOPBACK_WORKSPACE = "editor", "h2o"


@pytest.mark.parametrize("path", [*OPEN, "/api/settings"])
def test_without_credentials_everything_is_401(api, db: None, path: str) -> None:
    assert api(None).get(path).status_code == 401


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine_itself_may_be_let_in(api, open_door: None, address: str) -> None:
    for path in OPEN:
        assert api(None).get(path, REMOTE_ADDR=address).status_code == 200
    assert queue(api(None), platforms=["youtube"]).status_code == 200
    for path in ("/api/settings", "/api/v1/marketing/channels", "/api/v1/schedules"):
        assert api(None).get(path, REMOTE_ADDR=address).status_code == 401


@pytest.mark.parametrize(
    "facts",
    [
        {"REMOTE_ADDR": "192.168.1.7"},
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_AUTHORIZATION": "Basic eDp5"},
    ],
)
def test_nobody_else_is_let_in(api, open_door: None, facts: dict[str, str]) -> None:
    for path in OPEN:
        assert api(None).get(path, **facts).status_code == 401
    assert api(None).post("/api/watcher/clear-history", **facts).status_code == 401


def test_the_open_door_leads_to_its_workspace_only(
    api, open_door: None, editor: User, stranger: User
) -> None:
    assert (
        api(None).get("/api/schedule/upcoming", HTTP_X_WORKSPACE="dry").status_code
        == 404
    )


def test_a_gone_or_switched_off_user_opens_no_door(
    api, open_door: None, editor: User
) -> None:
    User.objects.filter(pk=editor.pk).update(is_active=False)
    assert api(None).get("/api/schedule/upcoming").status_code == 401


def test_a_bad_token_is_not_taken_for_nobody(open_door: None) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer wrong")
    assert client.get("/api/schedule/upcoming").status_code == 401


def test_people_register_and_sign_in_by_the_queues_own_routes(
    api, workspace: Workspace
) -> None:
    body = {
        "username": "gamer",
        "email": "gamer@example.org",
        "password": "a long password",
    }
    made = api(None).post("/auth/register", body, format="json").json()
    assert set(made) == {"access_token", "token_type", "user"}
    assert made["user"] == {
        "id": User.objects.get().pk,
        "username": "gamer",
        "email": "gamer@example.org",
        "role": "user",
    }
    again = (
        api(None)
        .post(
            "/auth/login",
            {"username": "gamer", "password": "a long password"},
            format="json",
        )
        .json()
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {again['access_token']}")
    assert set(client.get("/auth/me").json()) == {
        "id",
        "username",
        "email",
        "role",
        "created_at",
    }
    for change, said in (
        ({}, "Username already exists"),
        ({"username": "other"}, "Email already exists"),
    ):
        refused = api(None).post("/auth/register", body | change, format="json")
        assert (refused.status_code, refused.json()["detail"]) == (400, said)


def test_a_wrong_password_is_401_and_a_bad_name_422(api, editor: User) -> None:
    wrong = api(None).post(
        "/auth/login", {"username": "editor", "password": "nope"}, format="json"
    )
    assert (wrong.status_code, wrong.json()["detail"]) == (
        401,
        "Invalid username or password",
    )
    bad = {"username": "a@b", "email": "x@example.org", "password": "a long password"}
    assert api(None).post("/auth/register", bad, format="json").status_code == 422
    assert api(None).get("/auth/me").status_code == 401


def test_what_nothing_is_connected_to_fails_in_its_time_with_the_reason(
    client: APIClient, workspace: Workspace, time_machine: Any
) -> None:
    number = queue(client, platforms=["youtube"]).json()["post_id"]
    refused = client.post(f"{ROOT}/post/{number}/force")
    assert (refused.status_code, "not connected" in refused.json()["detail"]) == (
        400,
        True,
    )
    time_machine.move_to(Post.objects.get().due_at)
    find_due()
    post = client.get(f"{ROOT}/post/{number}").json()
    assert (post["status"], post["retry_count"]) == ("failed", 1)
    assert "not connected: no publisher configured" in post["error_message"]
    assert NAIVE.match(post["processed_at"])


def files_of(client: APIClient, path: str) -> list[str]:
    """What goes out with a post that was queued for this path."""
    answer = client.post(f"{ROOT}/post", BODY | {"video_path": path}, format="json")
    assert answer.status_code == 200, answer.content
    group = PostGroup.objects.get(pk=answer.json()["post_id"])
    return [place.media.original_name for place in group.content.media_places.all()]


def test_a_video_in_the_watch_folder_goes_with_its_post(
    client: APIClient, folder: Path
) -> None:
    (folder / "clip.mp4").write_bytes(film(5))
    assert files_of(client, "clip.mp4") == ["clip.mp4"]
    assert files_of(client, str(folder / "clip.mp4")) == ["clip.mp4"]


def test_a_video_of_the_media_library_is_named_by_its_id(
    client: APIClient, workspace: Workspace, stranger: User
) -> None:
    kept = add_media(workspace, ContentFile(film(6), "uploaded.mp4"))
    assert files_of(client, str(kept.pk)) == ["uploaded.mp4"]
    theirs = add_media(
        stranger.memberships.get().workspace, ContentFile(film(7), "theirs.mp4")
    )
    assert queue(client, video_path=str(theirs.pk)).status_code == 400


def test_a_video_is_fetched_from_its_address(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def fetched(url: str) -> Iterator[ContentFile[bytes]]:
        yield ContentFile(film(8), fetching.name_in(url))

    monkeypatch.setattr(fetching, "fetched", fetched)
    assert files_of(client, "https://files.example/clip.mp4") == ["clip"]


@pytest.mark.parametrize("platform", ["youtube", "tiktok", "x"])
@pytest.mark.parametrize(
    "path",
    [
        "/no/such/a.mp4",
        "gone.mp4",
        "link.mp4",
        "above.mp4",
        "00000000-0000-4000-8000-000000000000",
        "http://127.0.0.1:9/a.mp4",
    ],
)
def test_a_video_that_is_not_there_is_refused(
    client: APIClient, folder: Path, platform: str, path: str
) -> None:
    """Links and files outside of the folder are none of its files."""
    outside = folder.parent / "above.mp4"
    outside.write_bytes(film())
    (folder / "link.mp4").symlink_to(outside)
    named = str(outside) if path == "above.mp4" else path
    answer = queue(client, video_path=named, platforms=[platform])
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
    problem = "could be fetched" if path.startswith("http") else "There is no video"
    assert problem in answer.json()["detail"]
    assert not Post.objects.exists()
    assert not ContentItem.objects.exists()
