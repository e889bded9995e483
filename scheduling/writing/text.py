"""Generated texts: have one written for a place, make content of it, put it into an empty slot."""

from __future__ import annotations

from django.utils import timezone

from common.errors import Conflict
from common.hashtags import hashtags_of
from common.mappings import Values
from scheduling.models import ContentItem, Post
from scheduling.networks.registry import find_publisher, lacking
from scheduling.posts import transitions
from scheduling.posts.fitting import errors_of, findings
from scheduling.posts.transitions import apply
from scheduling.writing.brief import Brief, Place, limits_for, values_of
from templates_ai.answers import Draft
from templates_ai.engines.outlines import is_outline
from templates_ai.generation import Result, approval_needed, generate_metadata
from templates_ai.models import Generation
from workspaces.models import User, Workspace

NEEDS_APPROVAL = "Needs Approval"
IDEA = "Idea"
READY = "Scheduled"


class SlotTaken(Exception):
    """The slot is not empty any more."""


def write(
    workspace: Workspace,
    brief: Brief,
    place: Place,
    others: tuple[str, ...] = (),
    *,
    spare_engine: bool = False,
) -> Result:
    """A text for a place, unlike the ones called `others`.

    Raises Missing for an unknown template, TooMany when the day's budget is spent.
    """
    limits = limits_for(place.platform, place.format, brief.link)
    return generate_metadata(
        workspace,
        brief.filename,
        brief.about,
        brief.template_id,
        values=values_of(brief, place),
        limits=limits,
        others=others,
        spare_engine=spare_engine,
        outline=True,
    )


def content_from(
    workspace: Workspace,
    draft: Draft,
    generation: Generation | None,
    link: str,
    owner: User | None,
) -> ContentItem:
    """A content item, not saved, that holds a generated text and says so."""
    stage = NEEDS_APPROVAL if approval_needed(workspace) else READY
    return ContentItem(
        workspace=workspace,
        title=draft.title or "Untitled",
        caption=draft.caption,
        link=link,
        hashtags=hashtags_of(draft.hashtags),
        owner=owner.username if owner else "",
        generation=generation,
        stage=IDEA if is_outline(draft.caption) else stage,
    )


def fill(post: Post, item: ContentItem, by: User | None) -> None:
    """Put a generated text into an empty slot: a draft, or scheduled where the
    workspace lets texts go out unread.

    In the caller's transaction. Raises SlotTaken when the slot is not empty any more.
    """
    item.save()
    engine = {"engine": item.generation.engine if item.generation else ""}
    words: Values = {"content": item, "caption_override": ""}
    try:
        apply([post], transitions.WRITE, by, noted=engine, **words)
    except Conflict as error:
        raise SlotTaken from error
    if item.stage == READY:
        schedule_unread(post, by)


def schedule_unread(post: Post, by: User | None) -> bool:
    """Schedule a generated draft without anybody having read it; what cannot go out stays
    a draft.
    """
    if not may_go_out(post):
        return False
    try:
        unread = {"approval": "not needed"}
        apply([post], transitions.SCHEDULE, by, at=post.scheduled_at, noted=unread)
    except Conflict:
        return False
    return True


def may_go_out(post: Post) -> bool:
    """Whether the channel can send it, its time is still to come, and its platform takes it."""
    account = post.account
    if account.status != account.Status.ACTIVE:
        return False
    if find_publisher(account.publisher) is None or lacking(account):
        return False
    if post.scheduled_at is None or post.scheduled_at <= timezone.now():
        return False
    return not errors_of(findings(post))
