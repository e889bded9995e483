"""What people do with posts, and what they are politely refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cast import fresh, make_channel, make_content, make_post
from common.errors import Conflict, Forbidden, InvalidInput, Missing
from scheduling.access import access_content, access_post
from scheduling.content import services as content_service
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, OutboxPost, Post
from scheduling.posts import services as posts
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def in_hours(n: float):
    return timezone.now() + timedelta(hours=n)


def test_a_filled_slot_becomes_a_draft(
    editor: User, slot: Post, content: ContentItem
) -> None:
    filled = posts.fill(editor, slot, content, "Own words")
    assert (filled.state, filled.content, filled.text) == (
        "draft",
        content,
        "Own words",
    )


def test_a_slot_is_filled_once(editor: User, slot: Post, content: ContentItem) -> None:
    posts.fill(editor, slot, content)
    with pytest.raises(Conflict, match="This post is draft"):
        posts.fill(editor, slot, content)


def test_an_empty_slot_cannot_be_scheduled(editor: User, slot: Post) -> None:
    with pytest.raises(InvalidInput, match="Fill the slot with content first"):
        posts.approve(editor, slot)
    with pytest.raises(InvalidInput, match="Fill the slot with content first"):
        posts.post_now(editor, slot)


def test_a_scheduled_post_is_due_at_its_time(editor: User, draft: Post) -> None:
    scheduled = posts.approve(editor, draft)
    assert (scheduled.state, scheduled.due_at) == ("scheduled", scheduled.scheduled_at)


def test_a_channel_without_a_publisher_refuses_at_scheduling_time(
    editor: User, draft: Post
) -> None:
    ChannelAccount.objects.update(publisher="")
    with pytest.raises(InvalidInput, match="not connected: no publisher configured"):
        posts.approve(editor, fresh(draft))


def test_a_paused_channel_refuses(editor: User, draft: Post) -> None:
    ChannelAccount.objects.update(status="paused")
    with pytest.raises(InvalidInput, match="paused"):
        posts.approve(editor, fresh(draft))


@pytest.mark.parametrize(
    ("hours", "said"), [(-2, "has passed"), (24 * 800, "two years")]
)
def test_absurd_times_are_refused(
    editor: User, draft: Post, hours: int, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        posts.move(editor, draft, in_hours(hours))


def test_two_posts_of_a_channel_never_share_a_minute(
    editor: User, draft: Post, channel: ChannelAccount, content: ContentItem
) -> None:
    other = make_post(channel, content, at=in_hours(5))
    with pytest.raises(Conflict, match="already has a post at that time"):
        posts.move(editor, other, draft.scheduled_at)
    with pytest.raises(Conflict, match="already has a post at that time"):
        posts.create(editor, content, channel, at=draft.scheduled_at)


def test_moving_a_scheduled_post_moves_when_it_is_due(
    editor: User, draft: Post
) -> None:
    posts.approve(editor, draft)
    moved = posts.move(editor, draft, in_hours(9))
    assert moved.due_at == moved.scheduled_at


@pytest.mark.parametrize("state", [states.PUBLISHING, states.UNCERTAIN])
def test_a_busy_post_may_not_be_touched(
    editor: User, draft: Post, content: ContentItem, state: str
) -> None:
    Post.objects.update(state=state)
    for attempt in (
        lambda: posts.move(editor, draft, in_hours(3)),
        lambda: posts.cancel(editor, fresh(draft)),
        lambda: posts.cancel(editor, draft),
        lambda: posts.edit(editor, draft, caption="x"),
        lambda: posts.approve(editor, draft),
        lambda: posts.post_now(editor, draft),
        lambda: posts.unschedule(editor, draft),
        lambda: posts.empty(editor, draft),
    ):
        with pytest.raises(Conflict):
            attempt()
    draft.refresh_from_db()
    assert (draft.state, draft.caption_override) == (state, "")


def test_a_canceled_post_stays_canceled(editor: User, draft: Post) -> None:
    posts.cancel(editor, draft)
    with pytest.raises(Conflict):
        posts.approve(editor, draft)


def test_a_failed_post_can_be_scheduled_again_as_a_new_publication(
    editor: User, draft: Post
) -> None:
    Post.objects.update(state=states.FAILED, tries=3, last_error="refused")
    again = posts.approve(editor, fresh(draft), in_hours(2))
    assert (again.state, again.tries, again.last_error, again.epoch) == (
        "scheduled",
        0,
        "",
        2,
    )


def test_holding_and_emptying_lead_back(editor: User, draft: Post) -> None:
    posts.approve(editor, draft)
    held = posts.unschedule(editor, draft)
    assert (held.state, held.due_at) == ("draft", None)
    assert posts.empty(editor, draft).is_empty


def test_posting_now_publishes_on_commit(
    editor: User, draft: Post, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        posts.post_now(editor, draft)
        assert not OutboxPost.objects.exists()
    draft.refresh_from_db()
    assert draft.state == "published"


def test_several_changes_happen_together_or_not_at_all(
    editor: User, slot: Post, content: ContentItem
) -> None:
    wanted = posts.Changes(content, "Own words", in_hours(-5), states.SCHEDULED)
    with pytest.raises(InvalidInput):
        posts.change(editor, slot, wanted)
    slot.refresh_from_db()
    assert (slot.state, slot.caption_override) == ("planned", "")
    done = posts.change(
        editor,
        slot,
        posts.Changes(content, "Own words", in_hours(5), states.SCHEDULED),
    )
    assert (done.state, done.text) == ("scheduled", "Own words")


def test_viewers_may_not_write_and_strangers_see_nothing(
    viewer: User, stranger: User, draft: Post
) -> None:
    with pytest.raises(Forbidden):
        posts.approve(viewer, draft)
    with pytest.raises(Missing):
        posts.approve(stranger, draft)
    with pytest.raises(Missing):
        access_post(stranger, draft.pk)
    with pytest.raises(Missing):
        access_post(viewer, uuid4())


def test_content_of_another_workspace_cannot_be_used(
    editor: User, stranger: User, slot: Post
) -> None:
    foreign = make_content(Workspace.objects.get(slug="dry"))
    with pytest.raises(Missing):
        access_content(editor, foreign.pk)
    with pytest.raises(InvalidInput, match="same workspace"):
        posts.fill(editor, slot, foreign)
    with pytest.raises(InvalidInput, match="same workspace"):
        posts.create(editor, foreign, slot.account)


def test_a_channel_of_another_workspace_cannot_be_used(
    editor: User, stranger: User, content: ContentItem
) -> None:
    foreign = make_channel(Workspace.objects.get(slug="dry"))
    with pytest.raises(Missing):
        posts.create(editor, content, foreign)


def test_content_in_use_cannot_be_deleted(
    editor: User, draft: Post, content: ContentItem
) -> None:
    with pytest.raises(Conflict, match="Posts use this content"):
        content_service.remove_content(editor, content.pk)


def test_the_placeholder_cannot_be_changed(editor: User, slot: Post) -> None:
    with pytest.raises(Conflict, match="placeholder"):
        content_service.change_content(editor, slot.content_id, {"title": "Mine now"})
