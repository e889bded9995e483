"""From what a client wishes to a calendar's rows: channels, content, posts, items. Few
queries for many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from calendars import states
from calendars.advice.clocks import channels_by_platform
from calendars.campaigns import events, follow
from calendars.campaigns.conflicts import around, conflicts_of
from calendars.campaigns.events import Frame
from calendars.models import CalendarItem, ClientContent, ContentCalendar
from calendars.models.calendars import USUAL_DEADLINE
from calendars.vocabulary import format_on, uuid_of
from common.hashtags import hashtags_of
from common.mappings import JsonObject, Record
from scheduling.domain import states as posting
from scheduling.events import posts_changed
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.models.media import media_of
from scheduling.posts import transitions
from scheduling.posts.groups import channels_on
from workspaces import audit
from workspaces.models import User, Workspace

MOST_ITEMS = 1000
BATCH = 500
LONGEST_TITLE = 200
LONGEST_CAPTION = 70_000
LONGEST_LINK = 1000
MOST_HASHTAGS = 100
MEDIA = "media_places__media"


@dataclass(frozen=True)
class Wish:
    """One item as a client wants it: our platform's id, an aware instant, addresses of
    callbacks by their names.
    """

    content_id: str
    platform: str
    at: datetime
    metadata: JsonObject = field(default_factory=dict)
    callbacks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CalendarRequest:
    """A calendar to be made. `callbacks` are addresses by the names of events."""

    title: str
    wishes: Sequence[Wish]
    zone: str = "UTC"
    deadline: timedelta = USUAL_DEADLINE
    callbacks: dict[str, str] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class Composed:
    """Rows to be written, in this order."""

    contents: list[ContentItem]
    names: list[ClientContent]
    posts: list[Post]
    items: list[CalendarItem]


def make(user: User, workspace: Workspace, request: CalendarRequest) -> ContentCalendar:
    """Write a calendar with a post for each wish, in the caller's transaction. Raises
    IntegrityError when somebody else takes one of the times just now.
    """
    calendar = ContentCalendar(
        workspace=workspace,
        title=request.title,
        zone=request.zone,
        processing_deadline=request.deadline,
        callbacks=request.callbacks,
        idempotency_key=request.key,
        made_by=user,
    )
    composed = compose(calendar, request.wishes, user)
    first_events = events.first(calendar, _first_frames(calendar, composed.items))
    calendar.save(force_insert=True)
    put_down(composed)
    changes = {"title": request.title, "items": len(composed.items)}
    audit.record(
        user, "created", f"calendar:{calendar.pk}", workspace=workspace, after=changes
    )
    events.keep(calendar, first_events)
    posts_changed(workspace.pk)
    return calendar


def add_items(calendar: ContentCalendar, wishes: Sequence[Wish], user: User) -> bool:
    """Add a post for each wish to a calendar that is under way, in the caller's
    transaction; whether it still is, and has room. Raises as `make`.
    """
    rows = ContentCalendar.objects.select_for_update().filter(
        pk=calendar.pk, state__in=states.CANCELABLE
    )
    count = CalendarItem.objects.filter(calendar=calendar).count()
    if not rows.exists() or count + len(wishes) > MOST_ITEMS:
        return False
    composed = compose(calendar, wishes, user, begin=count)
    put_down(composed)
    changes = {"items": len(composed.items)}
    audit.record(
        user,
        "extended",
        f"calendar:{calendar.pk}",
        workspace=calendar.workspace,
        after=changes,
    )
    events.tell(calendar, _item_frames(composed.items))
    posts_changed(calendar.workspace_id)
    return True


def put_down(composed: Composed) -> None:
    """Store all of it, in the caller's transaction."""
    ContentItem.objects.bulk_create(composed.contents, batch_size=BATCH)
    # Somebody else may have named the same content just now: their name stays, our
    # posts have their content.
    ClientContent.objects.bulk_create(
        composed.names, batch_size=BATCH, ignore_conflicts=True
    )
    Post.objects.bulk_create(composed.posts, batch_size=BATCH)
    CalendarItem.objects.bulk_create(composed.items, batch_size=BATCH)


def _first_frames(
    calendar: ContentCalendar, items: Sequence[CalendarItem]
) -> list[Frame]:
    """What is told of a calendar that was just made."""
    data = {
        "schedule_id": calendar.wire_id,
        "title": calendar.title,
        "items_count": len(items),
    }
    return [Frame("schedule.created", data), *_item_frames(items)]


def _item_frames(items: Sequence[CalendarItem]) -> list[Frame]:
    """What is told of items that were just added."""
    return [Frame("item.created", follow.item_created(item)) for item in items]


def compose(
    calendar: ContentCalendar, wishes: Sequence[Wish], user: User, begin: int = 0
) -> Composed:
    """A post for each wish on the workspace's channel of its platform: scheduled, or a
    draft where something blocks.

    A channel that nothing is connected to is made where the platform has none.
    """
    workspace = calendar.workspace
    channels = channels_for(workspace, {wish.platform for wish in wishes})
    existing = contents_called(workspace, {wish.content_id for wish in wishes})
    created = {
        wish.content_id: new_content(workspace, wish, user)
        for wish in reversed(wishes)
        if wish.content_id not in existing
    }
    contents = existing | created
    posts = [
        new_post(workspace, channels[wish.platform], contents[wish.content_id], wish)
        for wish in wishes
    ]
    leave_taken_times(posts)
    decide(workspace, posts, wishes, new=set(created))
    pairs = enumerate(zip(wishes, posts, strict=True), begin)
    items = [new_item(calendar, n, wish, post) for n, (wish, post) in pairs]
    names = [
        ClientContent(workspace=workspace, name=name, content=content)
        for name, content in created.items()
    ]
    return Composed(list(created.values()), names, posts, items)


def channels_for(
    workspace: Workspace, platforms: Iterable[str]
) -> dict[str, ChannelAccount]:
    """One channel of each platform: an active one, else an unconnected or paused one,
    by name; else a new one.
    """
    needed = set(platforms)
    existing = channels_by_platform(workspace, needed)
    chosen = {platform: channels[0] for platform, channels in existing.items()}
    for platform in sorted(needed - chosen.keys()):
        [chosen[platform]] = channels_on(workspace, [platform])
    return chosen


def contents_called(workspace: Workspace, names: set[str]) -> dict[str, ContentItem]:
    """What clients' content ids stand for already, by those ids; ours are among them."""
    named = _contents_named(workspace, names)
    return named | _contents_with_ids(workspace, names - named.keys())


def _contents_named(workspace: Workspace, names: set[str]) -> dict[str, ContentItem]:
    """What clients called so before."""
    rows = (
        ClientContent.objects.filter(workspace=workspace, name__in=names)
        .select_related("content")
        .prefetch_related(f"content__{MEDIA}")
    )
    return {row.name: row.content for row in rows}


def _contents_with_ids(workspace: Workspace, ids: set[str]) -> dict[str, ContentItem]:
    """What has one of these texts as our own id; no query where none is an id."""
    texts_by_key = {key: text for text in ids if (key := uuid_of(text))}
    rows = ContentItem.objects.filter(workspace=workspace, pk__in=texts_by_key).real()
    return {texts_by_key[row.pk]: row for row in rows.prefetch_related(MEDIA)}


def new_content(workspace: Workspace, wish: Wish, user: User) -> ContentItem:
    """Title, caption, hashtags and link from the metadata where it has them; the title
    is else the client's id.
    """
    metadata = wish.metadata
    return ContentItem(
        workspace=workspace,
        title=(text_of(metadata, "title") or wish.content_id)[:LONGEST_TITLE],
        caption=caption_of(wish)[:LONGEST_CAPTION],
        hashtags=_hashtags(metadata),
        link=link_of(metadata),
        owner=user.username,
    )


def text_of(metadata: Record, *names: str) -> str:
    """The first of these that is a text and not blank."""
    for name in names:
        text = metadata.get(name)
        if isinstance(text, str) and text.strip():
            return text.strip()
    return ""


def caption_of(wish: Wish) -> str:
    """The text that a wish brings along, blank for none."""
    return text_of(wish.metadata, "caption", "description", "text")


def _hashtags(metadata: Record) -> list[str]:
    """From a list of words, or one text of them."""
    tags = metadata.get("hashtags") or metadata.get("tags") or []
    return hashtags_of(tags)[:MOST_HASHTAGS]


def link_of(metadata: Record) -> str:
    """The address that comes along; blank for none, or for what no address field holds."""
    link = text_of(metadata, "link", "url")
    is_address = link.startswith(("https://", "http://"))
    return link if is_address and len(link) <= LONGEST_LINK else ""


def new_post(
    workspace: Workspace, account: ChannelAccount, content: ContentItem, wish: Wish
) -> Post:
    """A draft at the wished time, with a caption of its own where the wish's differs
    from the content's. Not stored.
    """
    post = Post(
        workspace=workspace,
        account=account,
        content=content,
        format=format_of(wish),
        caption_override=own_caption(wish, content),
    )
    return transitions.begin(post, posting.DRAFT, wish.at)


def format_of(wish: Wish) -> str:
    """The format that a wish brings along; blank for one that its platform lacks."""
    metadata = wish.metadata
    return format_on(
        wish.platform, metadata.get("format") or metadata.get("content_type")
    )


def own_caption(wish: Wish, content: ContentItem) -> str:
    """The wish's caption where it differs from the content's; blank where not."""
    caption = caption_of(wish)
    return "" if caption == content.caption else caption[:LONGEST_CAPTION]


def leave_taken_times(posts: Sequence[Post]) -> None:
    """Take the time from posts whose channel has another one then: one query."""
    accounts = {post.account_id for post in posts}
    times = [post.scheduled_at for post in posts if post.scheduled_at]
    rows = Post.objects.filter(
        account__in=accounts, scheduled_at__gte=min(times), scheduled_at__lte=max(times)
    )
    occupied = set(rows.order_by().values_list("account_id", "scheduled_at"))
    for post in posts:
        place = (post.account_id, post.scheduled_at)
        if place in occupied:
            transitions.begin(post, post.state, None)
        occupied.add(place)


def decide(
    workspace: Workspace, posts: Sequence[Post], wishes: Sequence[Wish], new: set[str]
) -> None:
    """Schedule the posts that nothing blocks; the others stay drafts for a person to mend."""
    context = around(workspace, [wish.at for wish in wishes])
    for post, wish in zip(posts, wishes, strict=True):
        is_new = wish.content_id in new
        files = [] if is_new else media_of(post.content)
        conflicts = conflicts_of(post, wish.at, context, files)
        is_blocked = any(conflict.blocks for conflict in conflicts)
        state = posting.DRAFT if is_blocked else posting.SCHEDULED
        transitions.begin(post, state, post.scheduled_at)


def new_item(
    calendar: ContentCalendar, position: int, wish: Wish, post: Post
) -> CalendarItem:
    """The calendar's line for a post. Not stored."""
    return CalendarItem(
        calendar=calendar,
        post=post,
        position=position,
        content_id=wish.content_id,
        platform=wish.platform,
        asked_at=wish.at,
        announced_at=post.scheduled_at,
        metadata=wish.metadata,
        callbacks=wish.callbacks,
        state=states.FOLLOWS[post.state],
    )
