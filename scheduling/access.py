"""Reading channels, content and posts: each selector takes the user, and shows nothing
of other workspaces.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from common.errors import Missing
from scheduling.domain import states
from scheduling.models import (
    Attempt,
    Blackout,
    ChannelAccount,
    ContentItem,
    MediaFile,
    OutboxPost,
    Post,
    PostGroup,
    PostImport,
    QueueSettings,
    WatchedFile,
    WatcherEvent,
)
from scheduling.models.feeds import CalendarFeed, feed_of_token
from scheduling.models.groups import PostGroupQuerySet
from scheduling.models.media import media_of_link
from scheduling.models.posts import PostQuerySet
from scheduling.models.writing import WritingRun, WritingSlot
from workspaces.models import Workspace
from workspaces.roles import Role
from workspaces.selectors import access, require_role


def channels_of(user: Any, workspace: Workspace) -> QuerySet[ChannelAccount]:
    require_role(user, workspace, Role.VIEWER)
    return ChannelAccount.objects.filter(workspace=workspace).order_by("name")


def channels_with_counts(user: Any, workspace: Workspace) -> QuerySet[ChannelAccount]:
    """Channels with `waiting` (open posts ahead) and `failing` (failed or uncertain posts)."""
    ahead = Q(posts__state__in=states.OPEN, posts__scheduled_at__gte=timezone.now())
    trouble = Q(posts__state__in=(states.FAILED, states.UNCERTAIN))
    return channels_of(user, workspace).annotate(
        waiting=Count("posts", filter=ahead), failing=Count("posts", filter=trouble)
    )


def access_channel(
    user: Any, channel_id: UUID, needed: Role = Role.VIEWER
) -> ChannelAccount:
    """Raises Missing for an unknown or foreign channel, Forbidden for a role too small."""
    rows: QuerySet[ChannelAccount] = ChannelAccount.objects.all()
    return access(rows, user, channel_id, needed, "Channel account not found")


def blackouts_of(user: Any, workspace: Workspace) -> QuerySet[Blackout]:
    """The workspace's blackouts and overrides by their first begin."""
    require_role(user, workspace, Role.VIEWER)
    return Blackout.objects.filter(workspace=workspace).select_related(
        "account", "made_by"
    )


def access_blackout(
    user: Any, blackout_id: UUID, needed: Role = Role.VIEWER
) -> Blackout:
    """Raises Missing for an unknown or foreign blackout, Forbidden for a role too small."""
    rows: QuerySet[Blackout] = Blackout.objects.select_related("account")
    return access(rows, user, blackout_id, needed, "Blackout not found")


def content_of(
    user: Any, workspace: Workspace, search: str = "", tag: str = ""
) -> QuerySet[ContentItem]:
    """Content items without the placeholder, newest first; `tag` is a hashtag, with or
    without #.
    """
    require_role(user, workspace, Role.VIEWER)
    items = (
        ContentItem.objects.filter(workspace=workspace).real().order_by("-created_at")
    )
    if tag:
        # SQLite has no look-up of an element, and keeps letters beyond ASCII escaped,
        # which PostgreSQL does not.
        kept = (
            json.dumps(tag.lstrip("#"), ensure_ascii=ascii_only)
            for ascii_only in (True, False)
        )
        items = items.filter(
            reduce(or_, (Q(hashtags__icontains=text) for text in kept))
        )
    return (
        items.filter(Q(title__icontains=search) | Q(caption__icontains=search))
        if search
        else items
    )


def access_content(user: Any, item_id: UUID, needed: Role = Role.VIEWER) -> ContentItem:
    """Raises Missing for an unknown or foreign item, Forbidden for a role too small."""
    rows: QuerySet[ContentItem] = ContentItem.objects.all()
    return access(rows, user, item_id, needed, "Content item not found")


def media_files_of(user: Any, workspace: Workspace) -> QuerySet[MediaFile]:
    """The workspace's images and videos, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return MediaFile.objects.filter(workspace=workspace).order_by("-created_at", "pk")


def access_media(user: Any, media_id: UUID, needed: Role = Role.VIEWER) -> MediaFile:
    """Raises Missing for an unknown or foreign file, Forbidden for a role too small."""
    rows: QuerySet[MediaFile] = MediaFile.objects.all()
    return access(rows, user, media_id, needed, "Media not found")


def linked_media(token: str) -> MediaFile:
    """The file that a signed link is for; whoever has the link may read. Raises Missing."""
    key = media_of_link(token)
    media = MediaFile.objects.filter(pk=key).first() if key else None
    if media is None:
        raise Missing("Media not found")
    return media


def feed_of(user: Any, workspace: Workspace) -> CalendarFeed | None:
    """The person's own link for calendar programs, None where they have made none."""
    require_role(user, workspace, Role.VIEWER)
    return CalendarFeed.objects.filter(user=user, workspace=workspace).first()


def feed_in(token: str) -> CalendarFeed:
    """The feed of a signed link, noted as read. Raises Missing for one that was ended,
    or whose person has left.
    """
    feed = feed_of_token(token)
    if feed is None or not feed.user.is_active:
        raise Missing("This calendar link does not work any more.")
    require_role(feed.user, feed.workspace, Role.VIEWER)
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=timezone.now())
    return feed


def posts_of(user: Any, workspace: Workspace) -> PostQuerySet:
    require_role(user, workspace, Role.VIEWER)
    rows: PostQuerySet = Post.objects.filter(workspace=workspace).shown()
    return rows


def access_post(user: Any, post_id: UUID, needed: Role = Role.VIEWER) -> Post:
    """Raises Missing for an unknown or foreign post, Forbidden for a role too small."""
    rows: QuerySet[Post] = Post.objects.shown()
    return access(rows, user, post_id, needed, "Post instance not found")


def attempts_of(user: Any, post: Post) -> QuerySet[Attempt]:
    require_role(user, post.workspace, Role.VIEWER)
    return post.attempts.order_by("-number")


def next_posts(user: Any, workspace: Workspace, limit: int = 8) -> list[Post]:
    """What goes out next: scheduled and publishing posts, soonest first."""
    waiting = posts_of(user, workspace).filter(
        state__in=(states.SCHEDULED, states.PUBLISHING)
    )
    return list(waiting.order_by("scheduled_at")[:limit])


def troubled_posts(user: Any, workspace: Workspace, limit: int = 8) -> list[Post]:
    """Posts that a person should look at: failed and uncertain ones, latest first."""
    trouble = posts_of(user, workspace).filter(
        state__in=(states.FAILED, states.UNCERTAIN)
    )
    return list(trouble.order_by("-updated_at")[:limit])


def unsettled_posts(user: Any, workspace: Workspace) -> PostQuerySet:
    """Uncertain posts, then failed ones, latest first, each with its tries: two queries a page."""
    trouble = posts_of(user, workspace).filter(
        state__in=(states.FAILED, states.UNCERTAIN)
    )
    tries = Prefetch("attempts", Attempt.objects.order_by("-number"))
    return trouble.prefetch_related(tries).order_by("-state", "-updated_at", "pk")


def state_counts(
    user: Any, workspace: Workspace, start: datetime, end: datetime
) -> dict[str, int]:
    """How many posts of [start, end) are in each state; every state is a key."""
    return count_states(posts_of(user, workspace).between(start, end))


def count_states(rows: PostQuerySet) -> dict[str, int]:
    """How many of the posts are in each state; every state is a key."""
    counted = rows.order_by().values_list("state").annotate(n=Count("pk"))
    return dict.fromkeys(states.POST.states, 0) | dict(counted)


def outbox_of(user: Any, workspace: Workspace) -> QuerySet[OutboxPost]:
    """What went live in the outbox, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return (
        OutboxPost.objects.filter(account__workspace=workspace)
        .select_related("account")
        .prefetch_related("media")
    )


def groups_of(user: Any, workspace: Workspace) -> PostGroupQuerySet:
    """The workspace's post groups with all that is shown of them."""
    require_role(user, workspace, Role.VIEWER)
    rows: PostGroupQuerySet = PostGroup.objects.filter(workspace=workspace).shown()
    return rows


def access_group(user: Any, group_id: int, needed: Role = Role.VIEWER) -> PostGroup:
    """Raises Missing for an unknown or foreign group, Forbidden for a role too small."""
    rows: QuerySet[PostGroup] = PostGroup.objects.shown()
    return access(rows, user, group_id, needed, "Post not found")


def queue_settings_of(user: Any, workspace: Workspace) -> QueueSettings:
    """What the workspace wants of its queue; the defaults, not saved, where it has said nothing."""
    require_role(user, workspace, Role.VIEWER)
    return QueueSettings.objects.filter(workspace=workspace).first() or QueueSettings(
        workspace=workspace
    )


def watcher_events_of(user: Any, workspace: Workspace) -> QuerySet[WatcherEvent]:
    """What the watcher of the workspace's folder told, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return WatcherEvent.objects.filter(workspace=workspace).order_by("-id")


def watched_files_of(user: Any, workspace: Workspace) -> QuerySet[WatchedFile]:
    """The files that the watcher knows, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return WatchedFile.objects.filter(workspace=workspace).order_by("-seen_at")


def writing_runs_of(user: Any, workspace: Workspace) -> QuerySet[WritingRun]:
    """The workspace's writing runs, newest first, with `done` and `total` slots."""
    require_role(user, workspace, Role.VIEWER)
    done = Count("slots", filter=~Q(slots__state=states.WAITING))
    rows = WritingRun.objects.filter(workspace=workspace).annotate(
        done=done, total=Count("slots")
    )
    found: QuerySet[WritingRun] = rows.select_related("started_by").order_by(
        "-created_at"
    )
    return found


def access_writing_run(
    user: Any, run_id: UUID, needed: Role = Role.VIEWER
) -> WritingRun:
    """Raises Missing for an unknown or foreign run, Forbidden for a role too small."""
    rows: QuerySet[WritingRun] = WritingRun.objects.select_related("started_by")
    return access(rows, user, run_id, needed, "Writing run not found")


def imports_of(user: Any, workspace: Workspace) -> QuerySet[PostImport]:
    """Newest first, without what stood in their files."""
    require_role(user, workspace, Role.VIEWER)
    return (
        PostImport.objects.filter(workspace=workspace)
        .defer("cells")
        .select_related("made_by")
    )


def access_import(user: Any, run_id: UUID, needed: Role = Role.VIEWER) -> PostImport:
    """Raises Missing for an unknown or foreign import, Forbidden for a role too small."""
    rows: QuerySet[PostImport] = PostImport.objects.all()
    return access(rows, user, run_id, needed, "Import not found")


def writing_slots_of(user: Any, run: WritingRun) -> QuerySet[WritingSlot]:
    """The run's slots in order of time, with what was written into them."""
    require_role(user, run.workspace, Role.VIEWER)
    return run.slots.select_related(
        "post__account", "post__content", "content__generation"
    )
