"""A network that takes no post without a picture or a video never gets one, whichever
door the post comes through and whoever passes it on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from media_files import film, picture, put_beside
from rest_framework.test import APIClient

from calendars.campaigns import services as campaigns
from calendars.campaigns.compose import CalendarRequest, Wish
from calendars.video_batches.adapt import Source
from calendars.video_batches.services import BulkOrder, Video, generate
from cast import make_channel, make_content, make_post
from scheduling.domain import states
from scheduling.imports import services as imports
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.posts import bulk
from scheduling.posts import services as posts
from scheduling.publishing import publish as publishing
from scheduling.writing import services as writing
from scheduling.writing import worker as writer
from scheduling.writing.brief import Brief
from templates_ai.services import choose_engine
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
NETWORKS = [
    ("youtube", "video"),
    ("youtube", "short"),
    ("tiktok", "video"),
    ("instagram", "post"),
    ("instagram", "reel"),
    ("facebook", "video"),
    ("facebook", "reel"),
]
USUAL = [("youtube", "video"), ("tiktok", "video"), ("instagram", "post")]
REFUSAL = "without a"
AHEAD = timedelta(hours=5)


@dataclass
class Scene:
    """Somebody with a channel that takes no text alone, and content that is one."""

    editor: User
    channel: ChannelAccount
    item: ContentItem
    format: str
    program: APIClient
    browser: Client

    @property
    def workspace(self) -> Workspace:
        return self.channel.workspace

    def draft(self) -> Post:
        at = timezone.now() + AHEAD
        return make_post(self.channel, self.item, format=self.format, at=at)


@pytest.fixture
def scene(
    request: pytest.FixtureRequest,
    editor: User,
    workspace: Workspace,
    api: Any,
    browse: Any,
) -> Scene:
    platform, format_ = request.param
    channel = make_channel(workspace, name="Ours", platform=platform, zone="UTC")
    item = make_content(workspace)
    return Scene(editor, channel, item, format_, api(editor), browse(editor))


def through_the_marketing_api(scene: Scene) -> str:
    body = {
        "tenant_id": "h2o",
        "content_item_id": str(scene.item.pk),
        "channel_account_id": str(scene.channel.pk),
        "scheduled_for": (timezone.now() + AHEAD).isoformat(),
        "format": scene.format,
        "status": "Scheduled",
    }
    answer = scene.program.post("/api/v1/marketing/post-instances", body, format="json")
    assert answer.status_code == 400
    return str(answer.json()["detail"])


def by_a_change_through_the_marketing_api(scene: Scene) -> str:
    address = f"/api/v1/marketing/post-instances/{scene.draft().pk}"
    answer = scene.program.patch(address, {"status": "Scheduled"}, format="json")
    assert answer.status_code == 400
    return str(answer.json()["detail"])


def as_one_of_many(scene: Scene) -> str:
    chosen = [scene.draft().pk]
    [problem] = bulk.schedule_all(scene.editor, scene.workspace, chosen).problems
    return problem


def at_once_on_its_page(scene: Scene) -> str:
    address = f"/posts/{scene.draft().pk}/now"
    return scene.browser.post(address, follow=True).content.decode()


def by_a_new_format(scene: Scene) -> str:
    """Of a post that goes out as it was."""
    draft = scene.draft()
    Post.objects.filter(pk=draft.pk).update(state=states.SCHEDULED, format="")
    address = f"/api/v1/marketing/post-instances/{draft.pk}"
    answer = scene.program.patch(address, {"format": scene.format}, format="json")
    Post.objects.filter(pk=draft.pk).update(state=states.DRAFT)
    return str(answer.json()["detail"])


DOORS = [
    through_the_marketing_api,
    by_a_change_through_the_marketing_api,
    as_one_of_many,
    at_once_on_its_page,
    by_a_new_format,
]


@pytest.mark.parametrize("scene", NETWORKS, indirect=True, ids=" ".join)
@pytest.mark.parametrize("door", DOORS)
def test_it_is_not_scheduled(scene: Scene, door: Callable[[Scene], str]) -> None:
    assert REFUSAL in door(scene)
    assert not Post.objects.filter(state=states.SCHEDULED).exists()


def on_the_page_of_new_posts(scene: Scene) -> str:
    local = (timezone.now() + AHEAD).astimezone(ZoneInfo("America/Los_Angeles"))
    form = {
        "content": str(scene.item.pk),
        "channels": [str(scene.channel.pk)],
        "date": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M}",
        "schedule": "1",
    }
    answer = scene.browser.post("/posts/new", form)
    assert answer.status_code == 422
    return answer.content.decode()


def into_an_empty_slot(scene: Scene) -> str:
    slot = make_post(scene.channel, at=timezone.now() + AHEAD)
    form = {"content": str(scene.item.pk), "caption": "", "schedule": "1"}
    answer = scene.browser.post(f"/posts/{slot.pk}/fill", form)
    assert answer.status_code == 422
    return answer.content.decode()


def to_many_channels(scene: Scene) -> str:
    body = {
        "content_item_id": str(scene.item.pk),
        "channel_account_ids": [str(scene.channel.pk)],
        "scheduled_for": (timezone.now() + AHEAD).isoformat(),
    }
    answer = scene.program.post(
        "/api/v1/marketing/post-instances/bulk?tenant_id=h2o", body, format="json"
    )
    assert answer.status_code == 400
    return str(answer.json()["detail"])


def in_the_queue(scene: Scene) -> str:
    """A picture where only a video will do, and a path where there is nothing."""
    body = {
        "video_path": "/no/such/a.mp4",
        "metadata": {"title": "Title"},
        "platforms": [scene.channel.platform],
    }
    answer = scene.program.post("/api/schedule/post", body, format="json")
    assert answer.status_code == 400
    return str(answer.json()["detail"]).replace("There is no video", REFUSAL)


def in_a_table(scene: Scene) -> str:
    at = timezone.now() + timedelta(days=3)
    text = f"Title,Channel,Date\nHello,Ours,{at:%Y-%m-%d} 09:00\n"
    file = imports.PostFile("posts.csv", text.encode())
    run = imports.take(scene.editor, scene.workspace, file, "UTC", approved=True)
    [row] = imports.checked(scene.editor, run)
    return " ".join(row.errors)


@pytest.mark.parametrize("scene", USUAL, indirect=True, ids=" ".join)
@pytest.mark.parametrize(
    "door",
    [
        on_the_page_of_new_posts,
        into_an_empty_slot,
        to_many_channels,
        in_the_queue,
        in_a_table,
    ],
)
def test_it_is_not_scheduled_in_the_usual_format(
    scene: Scene, door: Callable[[Scene], str]
) -> None:
    assert REFUSAL in door(scene)
    assert not Post.objects.filter(state=states.SCHEDULED).exists()


@pytest.mark.parametrize("scene", USUAL, indirect=True, ids=" ".join)
def test_a_written_text_waits_for_it_as_a_draft(scene: Scene, manager: User) -> None:
    slot = make_post(scene.channel, at=timezone.now() + AHEAD)
    choose_engine(manager, scene.workspace, {"needs_approval": False})
    now = timezone.now()
    run = writing.start_run(
        scene.editor, scene.workspace, Brief(about="boats"), now, now + 2 * AHEAD
    )
    writer.run(run.pk, "worker")
    slot.refresh_from_db()
    assert slot.state == states.DRAFT


@pytest.mark.parametrize("scene", USUAL, indirect=True, ids=" ".join)
def test_a_campaign_keeps_it_as_a_draft_and_says_why(scene: Scene) -> None:
    wish = Wish("a", scene.channel.platform, timezone.now() + AHEAD)
    request = CalendarRequest("November", [wish])
    calendar = campaigns.create(scene.editor, scene.workspace, request)
    assert Post.objects.get().state == states.DRAFT
    body = scene.program.get(
        f"/api/v1/scheduling/calendar/{calendar.wire_id}?expand=conflicts"
    ).json()
    assert REFUSAL in str(body)


@pytest.mark.parametrize("scene", USUAL, indirect=True, ids=" ".join)
def test_a_video_batch_keeps_it_as_a_draft(scene: Scene) -> None:
    video = Video("a", Source("A video", kind="short"))
    order = BulkOrder("job", [video], (scene.channel.platform,))
    generate(scene.editor, scene.workspace, order)
    assert Post.objects.get().state == states.DRAFT


@pytest.mark.parametrize("publisher", ["", "outbox", "webhook", "mastodon"])
@pytest.mark.parametrize("scene", NETWORKS, indirect=True, ids=" ".join)
def test_it_is_not_sent_whoever_passes_it_on(scene: Scene, publisher: str) -> None:
    """Its file was taken away after it was scheduled."""
    ChannelAccount.objects.update(
        publisher=publisher, endpoint="https://h2o.example", credential="secret"
    )
    post = scene.draft()
    due = {"state": states.SCHEDULED, "due_at": timezone.now()}
    Post.objects.filter(pk=post.pk).update(scheduled_at=timezone.now(), **due)
    publishing.publish(post.pk, "worker")
    post.refresh_from_db()
    assert post.state == states.FAILED
    assert REFUSAL in post.last_error or not publisher


@pytest.mark.parametrize(
    ("platform", "format_", "data"),
    [
        ("youtube", "video", film()),
        ("youtube", "short", film(size=(360, 640))),
        ("tiktok", "video", film()),
        ("tiktok", "video", picture()),
        ("instagram", "post", picture()),
        ("instagram", "reel", film()),
        ("facebook", "reel", film()),
    ],
)
def test_with_it_the_post_is_scheduled(
    editor: User, workspace: Workspace, platform: str, format_: str, data: bytes
) -> None:
    channel = make_channel(workspace, platform=platform)
    item = make_content(workspace)
    put_beside(item, data)
    draft = make_post(channel, item, format=format_)
    assert posts.approve(editor, draft).state == states.SCHEDULED


@pytest.mark.parametrize("platform", ["youtube", "instagram", "facebook"])
def test_a_picture_is_no_video(
    editor: User, workspace: Workspace, platform: str
) -> None:
    video_format = {"youtube": "video", "instagram": "reel", "facebook": "reel"}
    channel = make_channel(workspace, platform=platform)
    item = make_content(workspace)
    put_beside(item, picture())
    draft = make_post(channel, item, format=video_format[platform])
    with pytest.raises(Exception, match="without a video"):
        posts.approve(editor, draft)
