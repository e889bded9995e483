"""Post groups, as clients of the queue know posts: made, moved, sent, canceled and
tried again as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from common.edits import Expected
from common.errors import Conflict, InvalidInput
from common.mappings import JsonObject, Values
from scheduling import events
from scheduling.access import access_group, queue_settings_of
from scheduling.content.services import prepared
from scheduling.domain import states
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.models import (
    ChannelAccount,
    ContentItem,
    ContentMedia,
    MediaFile,
    Post,
    PostGroup,
)
from scheduling.posts import placements, transitions
from scheduling.posts.may_go_out import check_fits, check_moving, check_scheduling
from scheduling.posts.place import Order, Placement, check_placed, place_all
from scheduling.posts.transitions import apply
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import allow, require_role
from workspaces.services.rows import lock, settled, values_of

WORDS = ("title", "caption", "hashtags")


@dataclass(frozen=True)
class QueuedVideo:
    """A video to be queued: `video_path` is what the client calls it, `metadata` are
    fields of a content item, `at` None takes the next free slot.
    """

    video_path: str
    media: MediaFile
    metadata: JsonObject
    platforms: Sequence[str]
    at: datetime | None = None


@transaction.atomic
def queue_video(user: User, workspace: Workspace, video: QueuedVideo) -> Placement:
    """Plan new content for the workspace's channels of these platforms, all at one
    time. Editors.

    A platform without a channel gets one that is not connected: its posts wait and fail
    in their time, with the reason. Raises InvalidInput, and Conflict when a channel
    refuses.
    """
    require_role(user, workspace, Role.EDITOR)
    accounts = channels_on(workspace, video.platforms)
    content = prepared(user, workspace, video.metadata)
    content.save()
    ContentMedia.objects.create(
        content=content, media=video.media, position=0, alt=video.media.alt
    )
    ids = tuple(account.pk for account in accounts)
    order = Order(
        content.pk,
        ids,
        video.at,
        approved=True,
        unconnected=True,
        video_path=video.video_path,
    )
    placement = place_by_settings(user, workspace, order)
    audit.record(
        user,
        "created",
        f"content:{content.pk}",
        workspace=workspace,
        after=video.metadata,
    )
    return placement


def place_by_settings(user: User, workspace: Workspace, order: Order) -> Placement:
    """At the order's time, else at the next free slot by the workspace's spacing and offset."""
    if order.at is not None:
        return placements.place(user, workspace, order)
    queue_settings = queue_settings_of(user, workspace)
    base = timezone.now() + timedelta(
        hours=max(queue_settings.spacing_hours, queue_settings.offset_hours)
    )
    return placements.place_next_free(
        user, workspace, order, base, queue_settings.spacing_hours
    )


def channels_on(workspace: Workspace, platforms: Iterable[str]) -> list[ChannelAccount]:
    """The channels of each platform: the active ones, else those not connected, else a
    new one that is not.

    Raises InvalidInput for a platform whose channels are all paused.
    """
    platform_ids = dict.fromkeys(BY_NAME[name].id for name in platforms)
    return [
        account
        for platform in platform_ids
        for account in _channels_on(workspace, platform)
    ]


def _channels_on(workspace: Workspace, platform: str) -> list[ChannelAccount]:
    rows = ChannelAccount.objects.filter(workspace=workspace, platform=platform)
    accounts = list(rows.order_by("name"))
    for status in (ChannelAccount.Status.ACTIVE, ChannelAccount.Status.UNCONNECTED):
        if chosen := [account for account in accounts if account.status == status]:
            return chosen
    name = BY_NAME[platform].name
    if accounts:
        raise InvalidInput(f"Every {name} channel is paused; make one active first.")
    facts = {
        "status": ChannelAccount.Status.UNCONNECTED,
        "posts_per_week": 0,
        "zone": workspace.zone,
    }
    placeholder, _ = ChannelAccount.objects.get_or_create(
        workspace=workspace,
        platform=platform,
        name=f"{name} (not connected)",
        defaults=facts,
    )
    events.channels_changed(workspace.pk)
    return [placeholder]


def force(user: User, group: PostGroup) -> PostGroup:
    """Send every waiting post of a pending group now. Raises Conflict for other groups
    and for one that waits for approval, InvalidInput for what would keep any single post
    from being sent now.
    """
    posts = _pending(user, group, states.SCHEDULED, states.DRAFT)
    if group.needs_approval:
        raise Conflict("This post waits for approval; approve it first.")
    now = timezone.now()
    for post in posts:
        check_scheduling(post, now)
    apply(posts, transitions.SEND_NOW, user, at=now)
    return access_group(user, group.pk)


@transaction.atomic
def approve(user: User, group: PostGroup) -> PostGroup:
    """Schedule the drafts of a pending group, each for its own time: all of them or, when
    one is refused, none. Raises Conflict where none waits for approval, InvalidInput for
    what keeps any of them from going out.
    """
    for post in _pending(user, group, states.DRAFT):
        check_scheduling(post, post.scheduled_at)
        apply([post], transitions.SCHEDULE, user, at=post.scheduled_at)
    return access_group(user, group.pk)


def cancel(user: User, group: PostGroup) -> PostGroup:
    """Take a pending group's posts out of the calendar."""
    posts = _pending(user, group, *states.OPEN)
    apply(posts, transitions.CANCEL, user)
    return access_group(user, group.pk)


def stored(group: PostGroup) -> Values:
    """What of a group can be changed: its words, and of each of its posts by channel
    when it goes out and whether.
    """
    posts = sorted(group.posts.all(), key=lambda post: str(post.account_id))
    return {
        **values_of(group.content, WORDS),
        "scheduled_at": [[post.account_id, post.scheduled_at] for post in posts],
        "state": [post.state for post in posts],
    }


def _expect(user: User, group: PostGroup, expected: Expected | None) -> PostGroup:
    """The group, changed by nobody else through here until the caller's transaction
    ends. Raises Overtaken where it is not what the caller expects.
    """
    lock(group)
    if expected is None:
        return group
    now = access_group(user, group.pk)
    things = [f"content:{now.content_id}"]
    things += [f"post:{post.pk}" for post in now.posts.all()]
    settled(expected, things, stored(now), {})
    return now


@transaction.atomic
def move(
    user: User, group: PostGroup, at: datetime, expected: Expected | None = None
) -> PostGroup:
    """Give a pending group another time. Raises InvalidInput for one that any of its
    posts may not have, Conflict when it is taken, and Overtaken where the group is not
    what the caller expects.
    """
    group = _expect(user, group, expected)
    posts = _pending(user, group, *states.OPEN)
    for post in posts:
        check_moving(post, at)
    apply(posts, transitions.MOVE, user, at=at)
    return access_group(user, group.pk)


def retry(user: User, group: PostGroup) -> PostGroup:
    """Send the group's failed posts again, and none that went out. Raises Conflict when
    none has failed, InvalidInput for what would keep any of them from being sent now.
    """
    allow(user, group, Role.EDITOR)
    posts = _posts_in(group, states.FAILED)
    if not posts or group.state == states.GROUP_PROCESSING:
        message = f"This post is {group.state}; only failed posts can be tried again."
        raise Conflict(message, {"state": group.state})
    now = timezone.now()
    for post in posts:
        check_scheduling(post, now)
    apply(posts, transitions.SEND_NOW, user, at=now)
    return access_group(user, group.pk)


@transaction.atomic
def change(
    user: User,
    group: PostGroup,
    metadata: JsonObject | None = None,
    platforms: Sequence[str] | None = None,
    expected: Expected | None = None,
) -> PostGroup:
    """Change a pending group's words or platforms: all of it or, when one is refused, nothing.

    Content that other posts use is copied first, so that only this group changes. Raises
    Overtaken where the group is not what the caller expects.
    """
    group = _expect(user, group, expected)
    posts = _pending(user, group, *states.OPEN)
    if platforms is not None:
        _change_platforms(user, group, posts, platforms)
    if metadata:
        content = _own_content(group)
        for name, value in metadata.items():
            setattr(content, name, value)
        prepared(user, group.workspace, metadata, content).save()
        audit.record(
            user,
            "changed",
            f"content:{content.pk}",
            workspace=group.workspace,
            after=metadata,
        )
    changed = access_group(user, group.pk)
    for post in changed.posts.all():
        if post.state == states.SCHEDULED:
            check_fits(post)
    return changed


def _change_platforms(
    user: User, group: PostGroup, posts: list[Post], platforms: Sequence[str]
) -> None:
    accounts = channels_on(group.workspace, platforms)
    old_ids = {post.account_id for post in posts}
    new_ids = {account.pk for account in accounts}
    dropped = [post for post in posts if post.account_id not in new_ids]
    added = [account for account in accounts if account.pk not in old_ids]
    at = next((post.scheduled_at for post in posts if post.scheduled_at), None)
    order = Order(group.content_id, (), at, approved=True, unconnected=True)
    placed = place_all(group, added, order)
    check_placed(placed, order)
    apply(dropped, transitions.CANCEL, user)


def _own_content(group: PostGroup) -> ContentItem:
    """The group's content, or a copy of it when somebody else uses it too."""
    content = group.content
    elsewhere = (
        content.posts.exclude(group=group).exists()
        or content.groups.exclude(pk=group.pk).exists()
    )
    if not elsewhere:
        return content
    places = list(content.media_places.all())
    content.pk = ContentItem._meta.pk.get_default()
    content._state.adding = True
    content.save()
    for place in places:
        place.pk = None
        place.content = content
        place.save()
    PostGroup.objects.filter(pk=group.pk).update(content=content)
    group.posts.update(content=content)
    return content


def _pending(user: User, group: PostGroup, *post_states: str) -> list[Post]:
    """The group's posts in these states. Raises Conflict unless the group is pending and
    has some.
    """
    allow(user, group, Role.EDITOR)
    posts = _posts_in(group, *post_states)
    if group.state != states.GROUP_PENDING:
        message = f"This post is {group.state}; only pending posts can be changed."
        raise Conflict(message, {"state": group.state})
    if not posts:
        awaited = {states.DRAFT: "approval", states.PLANNED: "content"}
        wants = awaited.get(post_states[0], "its time")
        raise Conflict(f"This post does not wait for {wants}.", {"state": group.state})
    return posts


def _posts_in(group: PostGroup, *post_states: str) -> list[Post]:
    posts = [post for post in group.posts.all() if post.state in post_states]
    for post in posts:
        post.workspace = group.workspace
        if post.content_id == group.content_id:
            post.content = group.content
    return sorted(posts, key=lambda post: post.pk)
