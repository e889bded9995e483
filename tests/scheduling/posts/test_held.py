"""Posts of a channel that sends nothing for now: they wait, go out, fail, or are moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cast import fresh, make_channel, make_content, make_post
from common.errors import Forbidden
from scheduling.domain import states
from scheduling.models import ChannelAccount, OutboxPost, Post
from scheduling.posts import bulk, held
from scheduling.publishing import publish as publishing
from scheduling.publishing import publish_many
from scheduling.publishing.tasks import find_due
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def waiting(channel: ChannelAccount) -> Post:
    """Due since a minute, while its channel is paused."""
    ChannelAccount.objects.filter(pk=channel.pk).update(status="paused")
    return make_post(
        channel,
        make_content(channel.workspace),
        state=states.SCHEDULED,
        at=timezone.now() - MINUTE,
    )


def activate(channel: ChannelAccount) -> None:
    ChannelAccount.objects.filter(pk=channel.pk).update(status="active")


def test_no_worker_is_rung_for_a_held_post_and_none_takes_it(waiting: Post) -> None:
    assert publishing.due_posts() == []
    assert publishing.claim(waiting.pk, "worker") is None
    assert publish_many.claim_many([waiting.pk], "worker") == []
    assert fresh(waiting).state == states.SCHEDULED


def test_it_goes_out_when_the_channel_is_active_again_within_the_grace(
    waiting: Post, channel: ChannelAccount
) -> None:
    find_due()
    assert not OutboxPost.objects.exists()
    activate(channel)
    find_due()
    assert fresh(waiting).state == states.PUBLISHED


def test_beyond_the_grace_it_fails_with_the_reason(
    waiting: Post, time_machine: Any
) -> None:
    time_machine.move_to(timezone.now() + 58 * MINUTE)
    assert publishing.fail_held() == 0
    time_machine.move_to(timezone.now() + 3 * MINUTE)
    find_due()
    failed = fresh(waiting)
    assert failed.state == states.FAILED
    assert failed.last_error == (
        f"Held: {failed.account.name} is paused. 62 minutes late, more than the "
        "workspace's grace period."
    )


def test_a_retry_is_held_as_well(waiting: Post, time_machine: Any) -> None:
    Post.objects.filter(pk=waiting.pk).update(tries=1)
    assert publishing.due_posts() == []
    time_machine.move_to(timezone.now() + 70 * MINUTE)
    assert publishing.fail_held() == 1


def test_a_channel_without_its_secret_must_be_reconnected(workspace: Workspace) -> None:
    channel = make_channel(
        workspace,
        platform="mastodon",
        publisher="mastodon",
        endpoint="https://m.example",
    )
    content = make_content(workspace)
    post = make_post(
        channel, content, state=states.SCHEDULED, at=timezone.now() - MINUTE
    )
    assert held.is_held(fresh(post))
    assert held.cause_of(fresh(post).account) == held.RECONNECT
    assert publishing.due_posts() == []
    ChannelAccount.objects.filter(pk=channel.pk).update(credential="sealed")
    assert publishing.due_posts() == [post.pk]
    assert not held.is_held(fresh(post))


def test_an_unconnected_channel_does_not_hold_but_fails(
    waiting: Post, channel: ChannelAccount
) -> None:
    ChannelAccount.objects.filter(pk=channel.pk).update(
        status="unconnected", publisher=""
    )
    find_due()
    assert "not connected" in fresh(waiting).last_error


def test_posts_of_other_channels_go_out_past_a_thousand_held_ones(
    waiting: Post, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "RING_AT_ONCE", 1)
    other = make_channel(workspace, name="other")
    post = make_post(
        other, waiting.content, state=states.SCHEDULED, at=timezone.now() - MINUTE / 2
    )
    assert publishing.due_posts() == [post.pk]


# --- one press


def held_long(channel: ChannelAccount, at: datetime) -> Post:
    content = make_content(channel.workspace)
    reason = f"{held.HELD}{channel.name} is paused."
    return make_post(channel, content, state=states.FAILED, at=at, last_error=reason)


def test_one_press_moves_all_to_free_times(
    editor: User, waiting: Post, channel: ChannelAccount
) -> None:
    failed = held_long(channel, timezone.now() - 90 * MINUTE)
    refused = make_post(
        channel, failed.content, state=states.FAILED, at=timezone.now() - 95 * MINUTE
    )
    activate(channel)
    Post.objects.filter(pk=waiting.pk).update(due_at=timezone.now() - MINUTE)
    ChannelAccount.objects.filter(pk=channel.pk).update(status="paused")
    activate(channel)
    report = bulk.move_stuck(editor, ChannelAccount.objects.get(pk=channel.pk))
    assert (report.done, report.problems) == (1, [])
    again = fresh(failed)
    assert again.state == states.SCHEDULED
    assert (again.tries, again.last_error, again.epoch) == (0, "", 2)
    assert again.scheduled_at == again.due_at > timezone.now()
    assert fresh(refused).state == states.FAILED


def test_while_the_channel_is_paused_what_is_held_moves_and_what_failed_is_named(
    editor: User, waiting: Post, channel: ChannelAccount
) -> None:
    failed = held_long(channel, timezone.now() - 90 * MINUTE)
    report = bulk.move_stuck(editor, ChannelAccount.objects.get(pk=channel.pk))
    assert report.done == 1
    assert "is paused; make it active first" in report.problems[0]
    moved = fresh(waiting)
    assert moved.state == states.SCHEDULED
    assert moved.scheduled_at == moved.due_at > timezone.now()
    assert not held.is_held(moved)
    assert fresh(failed).state == states.FAILED


def test_viewers_may_not_press(viewer: User, waiting: Post) -> None:
    with pytest.raises(Forbidden):
        bulk.move_stuck(viewer, waiting.account)


# --- what pages say


@pytest.mark.parametrize("address", ["/schedule", "/calendar?view=day", "/posts/{pk}"])
def test_pages_say_that_it_is_held_and_why(
    browse: Any, viewer: User, waiting: Post, address: str
) -> None:
    page = browse(viewer).get(address.format(pk=waiting.pk)).content.decode()
    assert "Held: paused" in page


@pytest.mark.parametrize(
    "address", ["/schedule", "/posts/{pk}", "/channels/{channel}", "/attention"]
)
def test_the_press_is_offered_where_held_posts_are_seen(
    browse: Any, editor: User, waiting: Post, address: str
) -> None:
    channel = waiting.account
    client = browse(editor)
    place = address.format(pk=waiting.pk, channel=channel.pk)
    button = f'action="/channels/{channel.pk}/free"'
    assert button in client.get(place).content.decode()
    page = client.post(f"/channels/{channel.pk}/free", follow=True).content.decode()
    assert f"Moved 1 post of {channel.name} to free times." in page
    assert button not in client.get(place).content.decode()
