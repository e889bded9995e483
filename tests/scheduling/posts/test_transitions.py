"""What a move through the one table leaves behind, and that every door refuses alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cast import fresh, make_channel, make_content, make_post
from common.errors import Conflict, InvalidInput
from scheduling.access import access_group
from scheduling.domain import states
from scheduling.models import Blackout, ChannelAccount, Post, PostGroup
from scheduling.posts import bulk, groups, transitions
from scheduling.posts import services as posts
from scheduling.publishing import publish as publishing
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db]

HOUR = timedelta(hours=1)


@pytest.fixture
def retried(channel: ChannelAccount) -> Post:
    """A scheduled post whose first try failed, to be tried again."""
    return make_post(
        channel,
        make_content(channel.workspace),
        state=states.SCHEDULED,
        tries=1,
        last_error="The platform asks to wait (429).",
        due_at=timezone.now() + HOUR,
    )


@pytest.fixture
def group(channel: ChannelAccount) -> PostGroup:
    """A scheduled post and a draft on two channels, at one time."""
    content = make_content(channel.workspace)
    group = PostGroup.objects.create(workspace=channel.workspace, content=content)
    at = timezone.now() + HOUR
    other = make_channel(channel.workspace, name="other")
    make_post(channel, content, state=states.SCHEDULED, at=at, group=group)
    make_post(other, content, at=at, group=group)
    return group


def close(workspace: Workspace, around: Any) -> Blackout:
    """Nobody posts for two hours around that time."""
    return Blackout.objects.create(
        workspace=workspace,
        reason="Stocktaking",
        begins_local=f"{around - HOUR:%Y-%m-%dT%H:%M}",
        ends_local=f"{around + HOUR:%Y-%m-%dT%H:%M}",
        zone="UTC",
    )


# --- afresh


def test_a_retried_post_that_is_moved_begins_afresh(
    editor: User, retried: Post
) -> None:
    at = timezone.now() + 3 * HOUR
    moved = posts.move(editor, retried, at)
    assert (moved.tries, moved.last_error, moved.due_at) == (0, "", at)
    assert (fresh(moved).tries, fresh(moved).last_error) == (0, "")


def test_a_moved_post_is_missed_when_the_workers_were_down(
    editor: User, retried: Post, time_machine: Any
) -> None:
    at = timezone.now() + 3 * HOUR
    posts.move(editor, retried, at)
    time_machine.move_to(at + 9 * HOUR)
    assert publishing.publish(retried.pk, "worker") is None
    missed = fresh(retried)
    assert missed.state == states.FAILED
    assert missed.last_error.startswith("Missed: 5")


def test_a_retry_is_missed_too_when_nobody_makes_it_in_time(
    retried: Post, time_machine: Any
) -> None:
    time_machine.move_to(retried.due_at + 9 * HOUR)
    assert publishing.publish(retried.pk, "worker") is None
    assert fresh(retried).last_error.startswith("Missed: 5")


def test_a_retried_post_that_is_sent_now_begins_afresh(
    editor: User, retried: Post
) -> None:
    sent = posts.post_now(editor, retried)
    assert (sent.tries, sent.last_error, sent.epoch) == (0, "", 1)


# --- every door refuses alike


def test_a_group_on_a_paused_channel_is_not_sent(
    editor: User, group: PostGroup, channel: ChannelAccount
) -> None:
    groups.approve(editor, access_group(editor, group.pk))
    AuditEntry.objects.all().delete()
    ChannelAccount.objects.filter(pk=channel.pk).update(status="paused")
    with pytest.raises(InvalidInput, match="is paused; make it active first"):
        groups.force(editor, access_group(editor, group.pk))
    assert fresh(group.posts.get(account=channel)).state == states.SCHEDULED
    assert not AuditEntry.objects.exists()


def test_a_group_is_not_sent_in_a_blackout(
    editor: User, group: PostGroup, workspace: Workspace
) -> None:
    groups.approve(editor, access_group(editor, group.pk))
    close(workspace, timezone.now())
    with pytest.raises(InvalidInput, match="Stocktaking"):
        groups.force(editor, access_group(editor, group.pk))
    assert not group.posts.filter(scheduled_at__lt=timezone.now()).exists()


def test_no_post_of_a_group_goes_into_a_blackout(
    editor: User, group: PostGroup, workspace: Workspace
) -> None:
    at = timezone.now() + 12 * HOUR
    blackout = close(workspace, at)
    blackout.account = group.posts.get(state=states.DRAFT).account
    blackout.save()
    before = set(group.posts.values_list("scheduled_at", flat=True))
    with pytest.raises(InvalidInput, match="Stocktaking"):
        groups.move(editor, access_group(editor, group.pk), at)
    assert set(group.posts.values_list("scheduled_at", flat=True)) == before


# --- one or many


def test_of_many_that_move_all_do_or_none(
    editor: User, channel: ChannelAccount
) -> None:
    content = make_content(channel.workspace)
    start = timezone.now() + HOUR
    row = [make_post(channel, content, at=start + n * HOUR) for n in range(3)]
    taken = make_post(channel, content, at=start + 9 * HOUR)
    times = {post.pk: start + (n + 7) * HOUR for n, post in enumerate(row)}
    with pytest.raises(Conflict, match="already has a post at that time"):
        transitions.apply(row, transitions.MOVE, editor, at=times)
    assert [fresh(post).scheduled_at for post in row] == [
        start + n * HOUR for n in range(3)
    ]
    posts.cancel(editor, fresh(taken))
    assert not AuditEntry.objects.filter(action="moved").exists()


def test_posts_that_move_onto_each_others_times_are_noted_one_by_one(
    editor: User, channel: ChannelAccount
) -> None:
    content = make_content(channel.workspace)
    start = timezone.now() + HOUR
    row = [make_post(channel, content, at=start + n * 24 * HOUR) for n in range(3)]
    keys = [post.pk for post in row]
    report = bulk.shift_all(editor, channel.workspace, keys, 1, 0, "UTC")
    assert (report.done, report.problems) == (3, [])
    entries = AuditEntry.objects.filter(action="moved")
    assert {entry.thing for entry in entries} == {f"post:{key}" for key in keys}
    assert {tuple(entry.after) for entry in entries} == {("scheduled_at",)}


def test_a_move_that_somebody_else_made_meanwhile_is_not_undone(
    editor: User, draft: Post
) -> None:
    read = fresh(draft)
    theirs = timezone.now() + 5 * HOUR
    posts.move(editor, fresh(draft), theirs)
    with pytest.raises(Conflict, match="Somebody else changed this post"):
        posts.move(editor, read, timezone.now() + 6 * HOUR)
    assert fresh(draft).scheduled_at == theirs


def test_the_table_allows_what_the_state_table_allows() -> None:
    rows = [
        row
        for row in vars(transitions).values()
        if isinstance(row, transitions.Transition)
    ]
    assert len(rows) > 15
    for row in rows:
        for source in row.sources:
            target = row.target or source
            assert target == source or states.POST.allows(source, target), row
