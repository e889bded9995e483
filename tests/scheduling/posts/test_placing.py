"""Posts at large: many channels at once, free slots, spacing, duplicates, another try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from cast import fresh, make_channel, make_content, make_post
from common.errors import Conflict, Forbidden, InvalidInput, Missing
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post, PostGroup
from scheduling.posts import place as core
from scheduling.posts import services as posts
from scheduling.posts.free_times import free_instants
from scheduling.posts.place import Order
from scheduling.posts.placements import place, place_next_free, space_out
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def hour(n: int) -> datetime:
    """A full hour, n hours from the present one."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(
        hours=n
    )


@pytest.fixture
def channels(workspace: Workspace) -> list[ChannelAccount]:
    return [
        make_channel(workspace, name=f"c{n}", platform=name)
        for n, name in enumerate(("x", "facebook", "linkedin"))
    ]


def order(content: ContentItem, channels: list[ChannelAccount], **more) -> Order:
    return Order(
        content.pk,
        tuple(channel.pk for channel in channels),
        **{"at": hour(5), "approved": True} | more,
    )


def test_content_goes_to_many_channels_as_one_group(
    editor: User,
    workspace: Workspace,
    content: ContentItem,
    channels: list[ChannelAccount],
) -> None:
    made = place(editor, workspace, order(content, channels))
    assert [post.account for post in made.posts] == channels
    assert {(post.state, post.scheduled_at) for post in made.posts} == {
        ("scheduled", hour(5))
    }
    assert made.group.state == states.GROUP_PENDING
    assert (
        AuditEntry.objects.filter(
            thing=f"group:{made.group.pk}", action="placed"
        ).count()
        == 1
    )


def test_one_refusal_refuses_all_and_tells_of_each(
    editor: User,
    workspace: Workspace,
    content: ContentItem,
    channels: list[ChannelAccount],
) -> None:
    make_post(channels[1], content, at=hour(5))
    with pytest.raises(Conflict, match="c1 already has a post at that time") as refused:
        place(editor, workspace, order(content, channels))
    assert [bool(row["problem"]) for row in refused.value.detail["channels"]] == [
        False,
        True,
        False,
    ]
    assert (Post.objects.count(), PostGroup.objects.count()) == (1, 0)


def test_a_partial_order_keeps_what_could_be_placed(
    editor: User,
    workspace: Workspace,
    content: ContentItem,
    channels: list[ChannelAccount],
) -> None:
    ChannelAccount.objects.filter(pk=channels[0].pk).update(status="paused")
    made = place(editor, workspace, order(content, channels, partial=True))
    assert [bool(one.post) for one in made.placed] == [False, True, True]
    assert "paused" in made.placed[0].problem
    assert Post.objects.count() == 2


def test_a_channel_that_nothing_is_connected_to_is_taken_only_when_asked(
    editor: User, workspace: Workspace, content: ContentItem
) -> None:
    loose = make_channel(workspace, status="unconnected", publisher="")
    with pytest.raises(InvalidInput, match="not connected"):
        place(editor, workspace, order(content, [loose]))
    made = place(editor, workspace, order(content, [loose], unconnected=True))
    assert made.posts[0].state == "scheduled"
    assert (
        made.warnings[0] == "H2O on Facebook is not connected: no publisher configured."
    )


def test_the_same_content_twice_warns(
    editor: User,
    workspace: Workspace,
    content: ContentItem,
    channels: list[ChannelAccount],
) -> None:
    place(editor, workspace, order(content, channels[:1]))
    again = place(
        editor,
        workspace,
        order(content, channels[:1], at=hour(5) + timedelta(minutes=30)),
    )
    assert any("another post within an hour" in text for text in again.warnings)
    assert any("same content" in text for text in again.warnings)


def test_foreign_channels_and_content_do_not_exist(
    editor: User,
    stranger: User,
    workspace: Workspace,
    content: ContentItem,
    channel: ChannelAccount,
) -> None:
    dry = Workspace.objects.get(slug="dry")
    with pytest.raises(Missing):
        place(editor, workspace, Order(content.pk, (channel.pk, make_channel(dry).pk)))
    with pytest.raises(Missing):
        place(editor, workspace, Order(make_content(dry).pk, (channel.pk,)))
    with pytest.raises(Missing):
        place(editor, dry, Order(content.pk, (channel.pk,)))
    assert not Post.objects.exists()


def test_viewers_and_empty_orders_are_refused(
    viewer: User,
    editor: User,
    workspace: Workspace,
    content: ContentItem,
    channel: ChannelAccount,
) -> None:
    with pytest.raises(Forbidden):
        place(viewer, workspace, Order(content.pk, (channel.pk,)))
    with pytest.raises(InvalidInput, match="1 to 200 channels"):
        place(editor, workspace, Order(content.pk, ()))


def test_the_next_free_slot_is_free_on_every_channel(
    channels: list[ChannelAccount], content: ContentItem
) -> None:
    make_post(channels[0], content, at=hour(2), state=states.SCHEDULED)
    make_post(
        channels[1], content, at=hour(3) + timedelta(minutes=20), state=states.SCHEDULED
    )
    assert free_instants(channels, hour(2), 1, "UTC") == [hour(5)]
    assert free_instants(channels[:1], hour(2), 1, "UTC") == [hour(3)]


def test_empty_slots_take_their_instant_only_and_canceled_posts_keep_no_distance(
    channel: ChannelAccount, content: ContentItem
) -> None:
    make_post(channel, at=hour(2))
    make_post(
        channel, content, at=hour(3) + timedelta(minutes=30), state=states.CANCELED
    )
    assert free_instants([channel], hour(2), 1, "UTC", 2) == [hour(3), hour(4)]


def test_hours_are_those_of_the_workspaces_clock(channel: ChannelAccount) -> None:
    base = datetime(2130, 1, 1, 10, 40, tzinfo=UTC)
    with pytest.raises(Conflict, match="no free slot"):
        free_instants([channel], base, 1, "Asia/Kolkata")
    soon = timezone.now() + timedelta(days=3)
    [found] = free_instants([channel], soon, 1, "Asia/Kolkata")
    assert found.minute == 0
    assert found.astimezone(UTC).minute == 30


def test_a_slot_lost_to_somebody_faster_is_looked_for_again(
    editor: User,
    workspace: Workspace,
    content: ContentItem,
    channel: ChannelAccount,
    monkeypatch,
) -> None:
    real, raced = core.put, []

    def beaten(actor, workspace, accounts, item, wanted):
        if not raced:
            raced.append(make_post(channel, content, at=wanted.at))
        return real(actor, workspace, accounts, item, wanted)

    monkeypatch.setattr(core, "put", beaten)
    made = place_next_free(
        editor, workspace, Order(content.pk, (channel.pk,)), hour(2), 1
    )
    assert made.posts[0].scheduled_at == hour(3)


def test_many_are_spaced_from_a_start(
    editor: User,
    workspace: Workspace,
    content: ContentItem,
    channels: list[ChannelAccount],
) -> None:
    make_post(channels[2], content, at=hour(14), state=states.SCHEDULED)
    made = space_out(
        editor, workspace, [order(content, channels, at=None)] * 4, 6, hour(3)
    )
    times = [placement.posts[0].scheduled_at for placement in made]
    assert times == [hour(3), hour(21), hour(27), hour(33)]
    assert {len(placement.posts) for placement in made} == {3}


def test_spacing_refuses_absurd_numbers(
    editor: User, workspace: Workspace, content: ContentItem
) -> None:
    with pytest.raises(InvalidInput, match="1 to 672 hours"):
        space_out(editor, workspace, [Order(content.pk, ())], 0, hour(1))
    with pytest.raises(InvalidInput, match="1 to 100 posts"):
        space_out(editor, workspace, [], 1, hour(1))


def test_a_duplicate_is_a_draft_of_its_own(editor: User, due: Post, slot: Post) -> None:
    Post.objects.filter(pk=due.pk).update(caption_override="Own words")
    copy = posts.duplicate(editor, fresh(due))
    assert (copy.state, copy.content, copy.text, copy.scheduled_at) == (
        "draft",
        due.content,
        "Own words",
        None,
    )
    with pytest.raises(InvalidInput, match="nothing to duplicate"):
        posts.duplicate(editor, slot)


def test_only_failed_posts_are_tried_again(editor: User, draft: Post) -> None:
    with pytest.raises(Conflict, match="only failed posts"):
        posts.retry(editor, draft)
    Post.objects.update(
        state=states.FAILED, tries=3, scheduled_at=timezone.now() - timedelta(days=1)
    )
    again = posts.retry(editor, fresh(draft))
    assert (again.state, again.tries, again.epoch) == ("scheduled", 0, 2)
    assert again.due_at <= timezone.now()


@pytest.mark.parametrize(
    ("posts", "group"),
    [
        (["draft", "scheduled"], "pending"),
        (["scheduled", "publishing"], "processing"),
        (["uncertain", "published"], "processing"),
        (["published", "scheduled"], "processing"),
        (["published", "failed"], "completed"),
        (["published", "canceled"], "completed"),
        (["failed", "canceled"], "failed"),
        (["canceled"], "canceled"),
        ([], "canceled"),
    ],
)
def test_a_groups_state_is_what_its_posts_come_to(posts: list[str], group: str) -> None:
    assert states.group_state(posts) == group
