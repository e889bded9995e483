"""Posts that do not fit are refused in the same words everywhere; warnings let them pass."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from media_files import film, put_beside

from cast import make_channel, make_content, make_post
from common.errors import InvalidInput
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, OutboxPost, Post
from scheduling.posts import services as posts
from scheduling.posts.fitting import findings
from scheduling.publishing import publish as publishing
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db]

LONG = "a" * 501
SAID = "Mastodon takes 500 characters as Mastodon counts them of text; this has 501."


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="mastodon", name="H2O on Mastodon")


@pytest.fixture
def content(workspace: Workspace) -> ContentItem:
    return make_content(workspace, caption="Short", hashtags=[])


def test_an_error_blocks_scheduling_and_sending(
    editor: User, channel: ChannelAccount, content: ContentItem
) -> None:
    draft = make_post(channel, content, caption_override=LONG)
    for attempt in (posts.approve, posts.post_now):
        with pytest.raises(InvalidInput) as refused:
            attempt(editor, draft)
        assert refused.value.message == SAID
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_page_api_and_admin_say_the_same(
    editor: User,
    manager: User,
    channel: ChannelAccount,
    content: ContentItem,
    browse,
    api,
    admin_client,
) -> None:
    draft = make_post(channel, content, caption_override=LONG)
    answer = api(editor).patch(
        f"/api/v1/marketing/post-instances/{draft.pk}",
        {"status": "Scheduled"},
        format="json",
    )
    assert (answer.status_code, answer.json()["detail"]) == (400, SAID)
    assert SAID in browse(editor).get(f"/posts/{draft.pk}").content.decode()
    assert (
        SAID
        in admin_client.get(
            f"/admin/scheduling/post/{draft.pk}/change/"
        ).content.decode()
    )


def test_a_scheduled_post_cannot_be_edited_out_of_shape(
    editor: User, draft: Post
) -> None:
    posts.approve(editor, draft)
    with pytest.raises(InvalidInput, match="Mastodon takes 500"):
        posts.edit(editor, draft, caption=LONG)
    draft.refresh_from_db()
    assert (draft.state, draft.caption_override) == ("scheduled", "")


def test_the_worker_refuses_what_has_grown_since(
    due: Post, content: ContentItem
) -> None:
    ContentItem.objects.filter(pk=content.pk).update(caption=LONG)
    publishing.publish(due.pk, "worker")
    due.refresh_from_db()
    assert (due.state, due.last_error, OutboxPost.objects.count()) == (
        "failed",
        SAID,
        0,
    )


def test_same_content_and_same_hour_only_warn(
    editor: User, channel: ChannelAccount, content: ContentItem
) -> None:
    now = timezone.now()
    make_post(channel, content, state=states.SCHEDULED, at=now + timedelta(hours=3))
    draft = make_post(channel, content, at=now + timedelta(hours=3, minutes=59))
    assert [(found.level, found.rule) for found in findings(draft)] == [
        ("warning", "same_hour"),
        ("warning", "same_content"),
    ]
    assert posts.approve(editor, draft).state == "scheduled"


def test_other_channels_other_hours_and_canceled_posts_do_not_warn(
    workspace: Workspace, channel: ChannelAccount, content: ContentItem
) -> None:
    at = timezone.now() + timedelta(hours=3)
    make_post(
        make_channel(workspace, name="Another"), content, state=states.SCHEDULED, at=at
    )
    make_post(channel, content, state=states.CANCELED, at=at - timedelta(minutes=5))
    make_post(
        channel,
        make_content(workspace),
        state=states.SCHEDULED,
        at=at + timedelta(hours=1),
    )
    assert findings(make_post(channel, content, at=at)) == []


def test_more_than_a_platform_takes_in_a_day_is_refused(
    editor: User, workspace: Workspace
) -> None:
    channel, at = (
        make_channel(workspace, platform="tiktok"),
        timezone.now() + timedelta(days=2),
    )
    for n in range(15):
        make_post(
            channel,
            make_content(workspace),
            state=states.SCHEDULED,
            at=at - timedelta(hours=n + 1),
        )
    item = make_content(workspace)
    put_beside(item, film())
    draft = make_post(channel, item, at=at)
    with pytest.raises(
        InvalidInput, match="takes 15 posts in 24 hours; this would be number 16"
    ):
        posts.approve(editor, draft)
    assert posts.approve(editor, draft, at + timedelta(days=1)).state == "scheduled"


def test_an_empty_slot_has_nothing_to_say(slot: Post) -> None:
    assert findings(slot) == []
