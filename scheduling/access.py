"""Reading channels, content and posts: each selector takes the user, and shows nothing
of other workspaces.
"""

from __future__ import annotations

from datetime import datetime
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
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import access, require_role


def channels_of(user: User, workspace: Workspace) -> QuerySet[ChannelAccount]:
    """The workspace's channels by name. Raises Missing for those who are no members."""
    require_role(user, workspace, Role.VIEWER)
    return ChannelAccount.objects.filter(workspace=workspace).order_by("name")


def channels_with_counts(user: User, workspace: Workspace) -> QuerySet[ChannelAccount]:
    """Channels with `waiting` (open posts ahead) and `failing` (failed or uncertain posts)."""
    ahead = Q(posts__state__in=states.OPEN, posts__scheduled_at__gte=timezone.now())
    trouble = Q(posts__state__in=(states.FAILED, states.UNCERTAIN))
    return channels_of(user, workspace).annotate(
        waiting=Count("posts", filter=ahead), failing=Count("posts", filter=trouble)
    )


def access_channel(
    user: User, channel_id: UUID, needed: Role = Role.VIEWER
) -> ChannelAccount:
    """Raises Missing for an unknown or foreign channel, Forbidden for a role too small."""
    rows: QuerySet[ChannelAccount] = ChannelAccount.objects.all()
    return access(rows, user, channel_id, needed, "Channel account not found")


def blackouts_of(user: User, workspace: Workspace) -> QuerySet[Blackout]:
    """The workspace's blackouts and overrides by their first begin."""
    require_role(user, workspace, Role.VIEWER)
    return Blackout.objects.filter(workspace=workspace).select_related(
        "account", "made_by"
    )


def access_blackout(
    user: User, blackout_id: UUID, needed: Role = Role.VIEWER
) -> Blackout:
    """Raises Missing for an unknown or foreign blackout, Forbidden for a role too small."""
    rows: QuerySet[Blackout] = Blackout.objects.select_related("account")
    return access(rows, user, blackout_id, needed, "Blackout not found")


def content_of(
    user: User, workspace: Workspace, search: str = "", tag: str = ""
) -> QuerySet[ContentItem]:
    """Content items without the placeholder, newest first; `tag` is a hashtag, with or
    without #.
    """
    require_role(user, workspace, Role.VIEWER)
    items = (
        ContentItem.objects.filter(workspace=workspace).real().order_by("-created_at")
    )
    if tag:
        items = items.filter(hashtags__has_tag=tag.lstrip("#＃"))
    if search:
        in_words = Q(title__found=search) | Q(caption__found=search)
        items = items.filter(in_words)
    return items


def access_content(
    user: User, item_id: UUID, needed: Role = Role.VIEWER
) -> ContentItem:
    """Raises Missing for an unknown or foreign item, Forbidden for a role too small."""
    rows: QuerySet[ContentItem] = ContentItem.objects.all()
    return access(rows, user, item_id, needed, "Content item not found")


def media_files_of(user: User, workspace: Workspace) -> QuerySet[MediaFile]:
    """The workspace's images and videos, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return MediaFile.objects.filter(workspace=workspace).order_by("-created_at", "pk")


def access_media(user: User, media_id: UUID, needed: Role = Role.VIEWER) -> MediaFile:
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


def feed_of(user: User, workspace: Workspace) -> CalendarFeed | None:
    """The person's own link for calendar programs, None where they have made none."""
    require_role(user, workspace, Role.VIEWER)
    return CalendarFeed.objects.filter(user=user, workspace=workspace).first()


def feed_in(token: str) -> CalendarFeed:
    """The feed of a signed link, noted as read. Raises Missing for one that was ended,
    or whose person has left.
    """
    feed = _working_feed(token)
    require_role(feed.user, feed.workspace, Role.VIEWER)
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=timezone.now())
    return feed


def _working_feed(token: str) -> CalendarFeed:
    feed = feed_of_token(token)
    if feed is None or not feed.user.is_active:
        raise Missing("This calendar link does not work any more.")
    return feed


def posts_of(user: User, workspace: Workspace) -> PostQuerySet:
    """The workspace's posts by time. Raises Missing for those who are no members."""
    require_role(user, workspace, Role.VIEWER)
    rows: PostQuerySet = Post.objects.filter(workspace=workspace).for_display()
    return rows


def access_post(user: User, post_id: UUID, needed: Role = Role.VIEWER) -> Post:
    """Raises Missing for an unknown or foreign post, Forbidden for a role too small."""
    rows: QuerySet[Post] = Post.objects.for_display()
    return access(rows, user, post_id, needed, "Post instance not found")


def attempts_of(user: User, post: Post) -> QuerySet[Attempt]:
    """Every try to publish the post, the latest first."""
    require_role(user, post.workspace, Role.VIEWER)
    return post.attempts.order_by("-number")


def next_posts(user: User, workspace: Workspace, limit: int = 8) -> list[Post]:
    """What goes out next: scheduled and publishing posts, soonest first."""
    waiting = posts_of(user, workspace).filter(
        state__in=(states.SCHEDULED, states.PUBLISHING)
    )
    return list(waiting.order_by("scheduled_at")[:limit])


def troubled_posts(user: User, workspace: Workspace, limit: int = 8) -> list[Post]:
    """Posts that a person should look at: failed and uncertain ones, latest first."""
    trouble = _in_trouble(user, workspace)
    return list(trouble.order_by("-updated_at")[:limit])


def unsettled_posts(user: User, workspace: Workspace) -> PostQuerySet:
    """Uncertain posts, then failed ones, latest first, each with its tries: two queries a page."""
    trouble = _in_trouble(user, workspace)
    tries = Prefetch("attempts", Attempt.objects.order_by("-number"))
    return trouble.prefetch_related(tries).order_by("-state", "-updated_at", "pk")


def _in_trouble(user: User, workspace: Workspace) -> PostQuerySet:
    posts = posts_of(user, workspace)
    return posts.filter(state__in=(states.FAILED, states.UNCERTAIN))


def state_counts(
    user: User, workspace: Workspace, start: datetime, end: datetime
) -> dict[str, int]:
    """How many posts of [start, end) are in each state; every state is a key."""
    return count_states(posts_of(user, workspace).between(start, end))


def count_states(rows: PostQuerySet) -> dict[str, int]:
    """How many of the posts are in each state; every state is a key."""
    counted = rows.order_by().values_list("state").annotate(n=Count("pk"))
    return dict.fromkeys(states.POST.states, 0) | dict(counted)


def outbox_of(user: User, workspace: Workspace) -> QuerySet[OutboxPost]:
    """What went live in the outbox, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return (
        OutboxPost.objects.filter(account__workspace=workspace)
        .select_related("account")
        .prefetch_related("media")
    )


def groups_of(user: User, workspace: Workspace) -> PostGroupQuerySet:
    """The workspace's post groups with all that is shown of them."""
    require_role(user, workspace, Role.VIEWER)
    rows: PostGroupQuerySet = PostGroup.objects.filter(
        workspace=workspace
    ).for_display()
    return rows


def access_group(user: User, group_id: int, needed: Role = Role.VIEWER) -> PostGroup:
    """Raises Missing for an unknown or foreign group, Forbidden for a role too small."""
    rows: QuerySet[PostGroup] = PostGroup.objects.for_display()
    return access(rows, user, group_id, needed, "Post not found")


def queue_settings_of(user: User, workspace: Workspace) -> QueueSettings:
    """What the workspace wants of its queue; the defaults, not saved, where it has said nothing."""
    require_role(user, workspace, Role.VIEWER)
    return QueueSettings.objects.filter(workspace=workspace).first() or QueueSettings(
        workspace=workspace
    )


def watcher_events_of(user: User, workspace: Workspace) -> QuerySet[WatcherEvent]:
    """What the watcher of the workspace's folder told, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return WatcherEvent.objects.filter(workspace=workspace).order_by("-id")


def watched_files_of(user: User, workspace: Workspace) -> QuerySet[WatchedFile]:
    """The files that the watcher knows, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return WatchedFile.objects.filter(workspace=workspace).order_by("-seen_at")


def writing_runs_of(user: User, workspace: Workspace) -> QuerySet[WritingRun]:
    """The workspace's writing runs, newest first, with `done` and `total` slots."""
    require_role(user, workspace, Role.VIEWER)
    runs = WritingRun.objects.filter(workspace=workspace).select_related("started_by")
    return _with_progress(runs.order_by("-created_at"))


def _with_progress(runs: QuerySet[WritingRun]) -> QuerySet[WritingRun]:
    """With how many slots each run has, and how many of them are done."""
    done = Count("slots", filter=~Q(slots__state=states.WAITING))
    return runs.annotate(done=done, total=Count("slots"))


def access_writing_run(
    user: User, run_id: UUID, needed: Role = Role.VIEWER
) -> WritingRun:
    """Raises Missing for an unknown or foreign run, Forbidden for a role too small."""
    rows: QuerySet[WritingRun] = WritingRun.objects.select_related("started_by")
    return access(rows, user, run_id, needed, "Writing run not found")


def imports_of(user: User, workspace: Workspace) -> QuerySet[PostImport]:
    """Newest first, without what stood in their files."""
    require_role(user, workspace, Role.VIEWER)
    return (
        PostImport.objects.filter(workspace=workspace)
        .defer("cells")
        .select_related("made_by")
    )


def access_import(user: User, run_id: UUID, needed: Role = Role.VIEWER) -> PostImport:
    """Raises Missing for an unknown or foreign import, Forbidden for a role too small."""
    rows: QuerySet[PostImport] = PostImport.objects.all()
    return access(rows, user, run_id, needed, "Import not found")


def writing_slots_of(user: User, run: WritingRun) -> QuerySet[WritingSlot]:
    """The run's slots in order of time, with what was written into them."""
    require_role(user, run.workspace, Role.VIEWER)
    return run.slots.select_related(
        "post__account", "post__content", "content__generation"
    )
