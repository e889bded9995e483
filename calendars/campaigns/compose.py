"""From what a client wishes to a calendar's rows: channels, content, posts, items. Few
queries for many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from calendars import states
from calendars.advice.clocks import channels_by_platform
from calendars.campaigns import events, follow
from calendars.campaigns.conflicts import around, conflicts_of
from calendars.campaigns.events import Told
from calendars.models import CalendarItem, ClientContent, ContentCalendar
from calendars.models.calendars import USUAL_DEADLINE
from calendars.vocabulary import format_on
from scheduling.domain import states as posting
from scheduling.events import posts_changed
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.models.media import media_of
from scheduling.posts import transitions
from scheduling.posts.groups import channels_on
from workspaces import audit
from workspaces.models import User, Workspace

MOST_ITEMS, BATCH = 1000, 500
LONGEST_TITLE, LONGEST_CAPTION, LONGEST_LINK, MOST_HASHTAGS = 200, 70_000, 1000, 100
MEDIA = "media_places__media"


@dataclass(frozen=True)
class Wish:
    """One item as a client wants it: our platform's id, an aware instant, addresses of
    callbacks by their names.
    """

    content_id: str
    platform: str
    at: datetime
    metadata: dict[str, Any] = field(default_factory=dict)
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


def make(user: User, workspace: Workspace, wanted: CalendarRequest) -> ContentCalendar:
    """Write a calendar with a post for each wish, in the caller's transaction. Raises
    IntegrityError when somebody else takes one of the times just now.
    """
    calendar = ContentCalendar(
        workspace=workspace,
        title=wanted.title,
        zone=wanted.zone,
        processing_deadline=wanted.deadline,
        callbacks=wanted.callbacks,
        idempotency_key=wanted.key,
        made_by=user,
    )
    composed = compose(calendar, wanted.wishes, user)
    told = events.first(calendar, _made(calendar, composed.items))
    calendar.save(force_insert=True)
    put_down(composed)
    said = {"title": wanted.title, "items": len(composed.items)}
    audit.record(
        user, "created", f"calendar:{calendar.pk}", workspace=workspace, after=said
    )
    events.keep(calendar, told)
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
    said = {"items": len(composed.items)}
    audit.record(
        user,
        "extended",
        f"calendar:{calendar.pk}",
        workspace=calendar.workspace,
        after=said,
    )
    events.tell(
        calendar,
        [Told("item.created", follow.item_created(item)) for item in composed.items],
    )
    posts_changed(calendar.workspace_id)
    return True


def put_down(composed: Composed) -> None:
    ContentItem.objects.bulk_create(composed.contents, batch_size=BATCH)
    # Somebody else may have named the same content just now: their name stays, our
    # posts have their content.
    ClientContent.objects.bulk_create(
        composed.names, batch_size=BATCH, ignore_conflicts=True
    )
    Post.objects.bulk_create(composed.posts, batch_size=BATCH)
    CalendarItem.objects.bulk_create(composed.items, batch_size=BATCH)


def _made(calendar: ContentCalendar, items: Sequence[CalendarItem]) -> list[Told]:
    said = {
        "schedule_id": calendar.wire_id,
        "title": calendar.title,
        "items_count": len(items),
    }
    return [
        Told("schedule.created", said),
        *(Told("item.created", follow.item_created(item)) for item in items),
    ]


def compose(
    calendar: ContentCalendar, wishes: Sequence[Wish], user: User, begin: int = 0
) -> Composed:
    """A post for each wish on the workspace's channel of its platform: scheduled, or a
    draft where something blocks.

    A channel that nothing is connected to is made where the platform has none.
    """
    workspace = calendar.workspace
    channels = channels_for(workspace, {wish.platform for wish in wishes})
    known = contents_called(workspace, {wish.content_id for wish in wishes})
    made = {
        wish.content_id: new_content(workspace, wish, user)
        for wish in reversed(wishes)
        if wish.content_id not in known
    }
    contents = known | made
    posts = [
        new_post(workspace, channels[wish.platform], contents[wish.content_id], wish)
        for wish in wishes
    ]
    leave_taken_times(posts)
    decide(workspace, posts, wishes, new=set(made))
    pairs = enumerate(zip(wishes, posts, strict=True), begin)
    items = [new_item(calendar, n, wish, post) for n, (wish, post) in pairs]
    names = [
        ClientContent(workspace=workspace, name=name, content=content)
        for name, content in made.items()
    ]
    return Composed(list(made.values()), names, posts, items)


def channels_for(
    workspace: Workspace, platforms: Iterable[str]
) -> dict[str, ChannelAccount]:
    """One channel of each platform: an active one, else an unconnected or paused one,
    by name; else a new one.
    """
    wanted = set(platforms)
    known = channels_by_platform(workspace, wanted)
    chosen = {platform: channels[0] for platform, channels in known.items()}
    for platform in sorted(wanted - chosen.keys()):
        [chosen[platform]] = channels_on(workspace, [platform])
    return chosen


def contents_called(workspace: Workspace, names: set[str]) -> dict[str, ContentItem]:
    """What clients' content ids stand for already, by those ids; ours are among them."""
    rows = ClientContent.objects.filter(
        workspace=workspace, name__in=names
    ).select_related("content")
    found = {
        row.name: row.content for row in rows.prefetch_related(f"content__{MEDIA}")
    }
    ours = {key: name for name in names - found.keys() if (key := uuid_of(name))}
    return found | {ours[item.pk]: item for item in _contents(workspace, ours)}


def _contents(
    workspace: Workspace, keys: Mapping[UUID, str]
) -> QuerySet[ContentItem] | list[ContentItem]:
    if not keys:
        return []
    rows: QuerySet[ContentItem] = ContentItem.objects.filter(
        workspace=workspace, pk__in=keys
    ).real()
    return rows.prefetch_related(MEDIA)


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def new_content(workspace: Workspace, wish: Wish, user: User) -> ContentItem:
    """Title, caption, hashtags and link from the metadata where it has them; the title
    is else the client's id.
    """
    said = wish.metadata
    return ContentItem(
        workspace=workspace,
        title=(text_of(said, "title") or wish.content_id)[:LONGEST_TITLE],
        caption=caption_of(wish)[:LONGEST_CAPTION],
        hashtags=hashtags_of(said),
        link=link_of(said),
        owner=user.username,
    )


def text_of(said: Mapping[str, Any], *names: str) -> str:
    """The first of these that is a text and not blank."""
    texts = (said.get(name) for name in names)
    return next(
        (text.strip() for text in texts if isinstance(text, str) and text.strip()), ""
    )


def caption_of(wish: Wish) -> str:
    return text_of(wish.metadata, "caption", "description", "text")


def hashtags_of(said: Mapping[str, Any]) -> list[str]:
    """A list of words, or one text of them."""
    given = said.get("hashtags") or said.get("tags") or []
    words = (
        re.split(r"[,\s]+", given)
        if isinstance(given, str)
        else given
        if isinstance(given, list)
        else []
    )
    return [
        word.lstrip("#") for word in words if isinstance(word, str) and word.strip("# ")
    ][:MOST_HASHTAGS]


def link_of(said: Mapping[str, Any]) -> str:
    link = text_of(said, "link", "url")
    return (
        link
        if link.startswith(("https://", "http://")) and len(link) <= LONGEST_LINK
        else ""
    )


def new_post(
    workspace: Workspace, account: ChannelAccount, content: ContentItem, wish: Wish
) -> Post:
    caption = caption_of(wish)
    is_own = caption != content.caption
    format_ = wish.metadata.get("format") or wish.metadata.get("content_type")
    post = Post(
        workspace=workspace,
        account=account,
        content=content,
        format=format_on(wish.platform, format_),
        caption_override=caption[:LONGEST_CAPTION] if is_own else "",
    )
    return transitions.begin(post, posting.DRAFT, wish.at)


def leave_taken_times(posts: Sequence[Post]) -> None:
    """Take the time from posts whose channel has another one then: one query."""
    accounts = {post.account_id for post in posts}
    times = [post.scheduled_at for post in posts if post.scheduled_at]
    rows = Post.objects.filter(
        account__in=accounts, scheduled_at__gte=min(times), scheduled_at__lte=max(times)
    )
    taken = set(rows.order_by().values_list("account_id", "scheduled_at"))
    for post in posts:
        place = (post.account_id, post.scheduled_at)
        if place in taken:
            transitions.begin(post, post.state, None)
        taken.add(place)


def decide(
    workspace: Workspace, posts: Sequence[Post], wishes: Sequence[Wish], new: set[str]
) -> None:
    """Schedule the posts that nothing blocks; the others stay drafts for a person to mend."""
    known = around(workspace, [wish.at for wish in wishes])
    for post, wish in zip(posts, wishes, strict=True):
        files = [] if wish.content_id in new else media_of(post.content)
        free = not any(
            conflict.blocks for conflict in conflicts_of(post, wish.at, known, files)
        )
        state = posting.SCHEDULED if free else posting.DRAFT
        transitions.begin(post, state, post.scheduled_at)


def new_item(
    calendar: ContentCalendar, position: int, wish: Wish, post: Post
) -> CalendarItem:
    return CalendarItem(
        calendar=calendar,
        post=post,
        position=position,
        content_id=wish.content_id,
        platform=wish.platform,
        asked_at=wish.at,
        metadata=wish.metadata,
        callbacks=wish.callbacks,
        state=states.FOLLOWS[post.state],
    )
