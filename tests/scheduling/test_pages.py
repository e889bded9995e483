"""The posting pages without scripts: everything can be done with links and forms."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from media_files import upload

from cast import make_channel, make_content, make_post
from scheduling.channels.topoff import top_off
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.publishing.publish import publish
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db


def test_the_whole_job_by_forms(
    browse, manager: User, workspace: Workspace, django_capture_on_commit_callbacks
) -> None:
    client = browse(manager)
    form = {
        "name": "Ours",
        "platform": "facebook",
        "posts_per_week": 3,
        "local_times": "09:00, 17:00",
        "zone": "Europe/Berlin",
        "publisher": "outbox",
        "status": "active",
    }
    assert client.post("/channels/new", form)["Location"] == "/channels"
    client.post(
        "/content/new", {"title": "Hello", "caption": "World", "hashtags": "#one two"}
    )
    assert (
        b"Created 12 new slots"
        in client.post("/calendar/top-off", {"days": 28}, follow=True).content
    )
    slot = Post.objects.earliest("scheduled_at")
    fill = {
        "content": str(ContentItem.objects.real().get().pk),
        "caption": "",
        "schedule": "1",
    }
    assert (
        client.post(f"/posts/{slot.pk}/fill", fill)["Location"] == f"/posts/{slot.pk}"
    )
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/posts/{slot.pk}/now")
    assert b"#one #two" in client.get("/outbox").content
    assert "Published" in client.get(f"/posts/{slot.pk}").content.decode()


def test_the_month_shows_an_empty_slot_as_planned(
    browse, viewer: User, channel: ChannelAccount
) -> None:
    post = make_post(channel, at=timezone.now() + timedelta(minutes=1))
    page = browse(viewer).get("/calendar").content.decode()
    assert f'id="slot-{post.pk}"' in page
    assert "slot-planned" in page


def test_a_piece_of_the_page_is_the_same_piece(
    browse, viewer: User, slot: Post
) -> None:
    whole = browse(viewer).get(f"/posts/{slot.pk}").content.decode()
    piece = (
        browse(viewer)
        .get(f"/posts/{slot.pk}", headers={"hx-request": "true"})
        .content.decode()
    )
    assert "<html" in whole
    assert "<html" not in piece
    assert "Not tried yet" in piece
    assert "Not tried yet" in whole


def test_nothing_typed_is_lost_on_an_error(browse, manager: User) -> None:
    form = {
        "name": "Ours",
        "platform": "instagram",
        "posts_per_week": 99,
        "local_times": "9 o'clock",
        "zone": "Europe/Berlin",
        "status": "active",
    }
    answer = browse(manager).post("/channels/new", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Ours"' in page
    assert "is not a time of day" in page
    assert 'value="99"' in page
    assert not ChannelAccount.objects.exists()


def test_what_a_service_refuses_stands_on_the_form(
    browse, editor: User, channel: ChannelAccount, content: ContentItem, draft: Post
) -> None:
    at = draft.scheduled_at.astimezone(ZoneInfo(channel.workspace.zone))
    form = {
        "channels": [str(channel.pk)],
        "content": str(content.pk),
        "caption": "Kept",
        "date": f"{at:%Y-%m-%d}",
        "time": f"{at:%H:%M:%S.%f}",
    }
    answer = browse(editor).post("/posts/new", form)
    assert answer.status_code == 422
    assert "already has a post at that time" in answer.content.decode()
    assert "Kept" in answer.content.decode()


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("soon", "“soon” is not a number of days"),
        ("91", "1 to 90 days"),
        ("0", "1 to 90 days"),
    ],
)
def test_a_horizon_that_is_none_is_explained_and_plans_nothing(
    browse, editor: User, channel: ChannelAccount, days: str, said: str
) -> None:
    page = browse(editor).post("/calendar/top-off", {"days": days}, follow=True)
    assert said in page.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize("month", ["2026-13", "soon", "0001-01"])
def test_a_month_that_is_none_is_explained(browse, viewer: User, month: str) -> None:
    answer = browse(viewer).get(f"/calendar?month={month}")
    assert answer.status_code == 400
    assert b"That did not work" in answer.content


def test_empty_pages_say_what_to_do_next(browse, manager: User) -> None:
    client = browse(manager)
    assert b"Add a channel" in client.get("/calendar").content
    assert b"Add a channel" in client.get("/channels").content
    assert b"New content" in client.get("/content").content
    assert b"Nothing has gone out yet" in client.get("/outbox").content


def test_search_finds_channels_and_content(
    browse, viewer: User, channel: ChannelAccount, content: ContentItem
) -> None:
    client = browse(viewer)
    assert b"H2O on Facebook" in client.get("/search?q=facebook").content
    assert b"Five signs" in client.get("/search?q=rumble").content
    assert b"Nothing is called" in client.get("/search?q=xq").content


PAGES = (
    "/",
    "/calendar",
    "/schedule",
    "/schedule?show=empty",
    "/channels",
    "/content",
    "/outbox",
    "/analytics",
)


@pytest.mark.parametrize("address", PAGES)
def test_pages_ask_the_database_no_more_for_more_rows(
    browse,
    viewer: User,
    workspace: Workspace,
    address: str,
    django_assert_max_num_queries,
) -> None:
    for n in range(12):
        channel = make_channel(workspace, name=f"channel {n}")
        item = make_content(workspace, title=f"content {n}")
        make_post(
            channel, item, state="scheduled", at=timezone.now() - timedelta(minutes=n)
        )
        make_post(
            channel,
            item,
            state="failed",
            at=timezone.now() - timedelta(days=1, minutes=n),
        )
    for post in Post.objects.filter(state="scheduled")[:6]:
        publish(post.pk, "test")
    top_off(workspace)
    client = browse(viewer)
    with django_assert_max_num_queries(18):
        assert client.get(address).status_code == 200


def test_the_cadence_is_shown_while_it_is_typed(
    browse, manager: User, editor: User, channel: ChannelAccount
) -> None:
    typed = {
        "posts_per_week": "7",
        "local_times": "09:00, 17:30",
        "zone": "Europe/Berlin",
    }
    client = browse(manager)
    page = client.post("/channels/cadence", typed).content.decode()
    assert page.count('class="cadence-slot"') in (13, 14)
    assert page.count("<li") == 14
    assert (
        "once cadence, times and zone are right"
        in client.post(
            "/channels/cadence", typed | {"local_times": "soon"}
        ).content.decode()
    )
    for address in ("/channels/new", f"/channels/{channel.pk}"):
        assert 'class="cadence-slot"' in client.get(address).content.decode()
    assert browse(editor).post("/channels/cadence", typed).status_code == 403


@pytest.mark.services
def test_content_is_a_grid_with_pictures_found_by_text_or_tag(
    browse, editor: User, workspace: Workspace
) -> None:
    make_content(workspace, title="Frost", hashtags=["winter", "tips"])
    pictured = make_content(workspace, title="Sun", hashtags=["summer"])
    browse(editor).post(f"/content/{pictured.pk}/media", {"files": upload()})
    page = browse(editor).get("/content").content.decode()
    assert page.count('class="content-card"') == 2
    assert page.count("/thumbnail") == 1
    assert "#winter" in page
    page = browse(editor).get("/content?tag=winter").content.decode()
    assert page.count('class="content-card"') == 1
    assert "Frost" in page
    make_content(workspace, title="Kälte", hashtags=["kälte"])
    assert "Kälte" in browse(editor).get("/content?tag=%23K%C3%A4lte").content.decode()


def test_who_may_change_a_post_reads_what_it_says(
    browse, editor: User, channel: ChannelAccount
) -> None:
    item = make_content(channel.workspace, caption="Drain the tap before the frost.")
    post, empty = (
        make_post(channel, item, state=states.SCHEDULED),
        make_post(make_channel(channel.workspace, name="B")),
    )
    page = browse(editor).get(f"/posts/{post.pk}").content.decode()
    assert "Drain the tap before the frost." in page
    assert 'id="fill-title"' in page
    assert (
        "What it says" not in browse(editor).get(f"/posts/{empty.pk}").content.decode()
    )
