"""From a dropped video to what went out, with one switch; and what waits for approval:
every call and page says so, and none contradicts another.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from media_files import film
from rest_framework.test import APIClient

from cast import make_channel
from scheduling.domain import states
from scheduling.models import ChannelAccount, Post, PostGroup, WatcherEvent
from scheduling.watch_folder import folder as watching
from templates_ai.models import EngineSettings
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
ROOT = "/api/schedule"
SWITCH = {"directories": {"watch_enabled": True}}


@pytest.fixture
def client(api, manager: User) -> APIClient:
    made: APIClient = api(manager)
    return made


@pytest.fixture
def channels(workspace: Workspace) -> list[ChannelAccount]:
    return [
        make_channel(workspace, name=name, platform=name)
        for name in ("mastodon", "youtube")
    ]


@pytest.fixture
def engine(workspace: Workspace) -> EngineSettings:
    """An engine that is configured and cannot be reached."""
    return EngineSettings.objects.create(
        workspace=workspace,
        engine=EngineSettings.OPENAI,
        base_url="http://127.0.0.1:9",
        model="m",
        seconds=1,
    )


def drop(workspace: Workspace, settings: Any, root: Path, client: APIClient) -> int:
    """The number of the post that became of a video in the watched folder."""
    settings.WATCH_ROOT = str(root)
    settings.WATCH_SETTLE_SECONDS = 3
    assert client.patch("/api/settings", SWITCH, format="json").status_code == 200
    folder = watching.folder_of(workspace)
    assert folder
    (folder / "test_shorts_1.mp4").write_bytes(film())
    watching.scan(workspace)
    watching.scan(workspace, timezone.now() + timedelta(seconds=4))
    return int(PostGroup.objects.get().pk)


def test_a_dropped_video_goes_out_with_one_switch(
    client: APIClient,
    workspace: Workspace,
    channels: list[ChannelAccount],
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks,
) -> None:
    number = drop(workspace, settings, tmp_path, client)
    [event] = [
        row
        for row in client.get("/api/watcher/history").json()["events"]
        if row["event_type"] == "video_scheduled"
    ]
    assert "goes out on" in event["message"]
    [post] = client.get(f"{ROOT}/upcoming").json()["posts"]
    assert (post["id"], post["status"], post["needs_approval"]) == (
        number,
        "pending",
        False,
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{ROOT}/post/{number}/force").status_code == 200
    done = client.get(f"{ROOT}/post/{number}").json()
    assert (done["status"], done["error_message"]) == ("completed", None)


def test_what_waits_for_approval_is_said_by_every_call(
    client: APIClient,
    workspace: Workspace,
    channels: list[ChannelAccount],
    engine: EngineSettings,
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks,
) -> None:
    number = drop(workspace, settings, tmp_path, client)
    planned = WatcherEvent.objects.get(event_type="video_scheduled")
    assert "waits for approval" in planned.message
    assert planned.metadata["needs_approval"] is True
    [listed] = client.get(f"{ROOT}/upcoming").json()["posts"]
    shown = client.get(f"{ROOT}/post/{number}").json()
    assert listed == shown
    assert (shown["status"], shown["needs_approval"]) == ("pending", True)
    refused = client.post(f"{ROOT}/post/{number}/force")
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        "This post waits for approval; approve it first.",
    )
    assert client.post(f"{ROOT}/post/{number}/approve").status_code == 200
    assert set(Post.objects.values_list("state", flat=True)) == {states.SCHEDULED}
    assert client.get(f"{ROOT}/post/{number}").json()["needs_approval"] is False
    again = client.post(f"{ROOT}/post/{number}/approve")
    assert (again.status_code, again.json()["detail"]) == (
        400,
        "This post does not wait for approval.",
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{ROOT}/post/{number}/force").status_code == 200
    assert client.get(f"{ROOT}/post/{number}").json()["status"] == "completed"
    late = client.post(f"{ROOT}/post/{number}/approve")
    assert "only pending posts" in late.json()["detail"]


def test_one_press_on_a_post_schedules_all_that_waits_with_it(
    client: APIClient,
    browse,
    manager: User,
    workspace: Workspace,
    channels: list[ChannelAccount],
    engine: EngineSettings,
    settings: Any,
    tmp_path: Path,
) -> None:
    drop(workspace, settings, tmp_path, client)
    post = Post.objects.first()
    assert post
    pages = browse(manager)
    assert (
        "Schedule on all 2 channels" in pages.get(f"/posts/{post.pk}").content.decode()
    )
    pages.post(f"/posts/{post.pk}/schedule-together")
    assert set(Post.objects.values_list("state", flat=True)) == {states.SCHEDULED}
    assert "Schedule on all" not in pages.get(f"/posts/{post.pk}").content.decode()


def test_nothing_is_approved_where_one_post_may_not_go_out(
    client: APIClient,
    workspace: Workspace,
    channels: list[ChannelAccount],
    engine: EngineSettings,
    settings: Any,
    tmp_path: Path,
) -> None:
    number = drop(workspace, settings, tmp_path, client)
    ChannelAccount.objects.filter(platform="youtube").update(publisher="")
    answer = client.post(f"{ROOT}/post/{number}/approve")
    assert answer.status_code == 400
    assert set(Post.objects.values_list("state", flat=True)) == {states.DRAFT}


def test_viewers_approve_nothing(
    api,
    viewer: User,
    client: APIClient,
    workspace: Workspace,
    channels: list[ChannelAccount],
    engine: EngineSettings,
    settings: Any,
    tmp_path: Path,
) -> None:
    number = drop(workspace, settings, tmp_path, client)
    assert api(viewer).post(f"{ROOT}/post/{number}/approve").status_code == 403
