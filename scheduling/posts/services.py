"""What people do with posts; each is one transaction that the state table allows or
politely refuses. Whoever calls has the post from `access_post`.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.edits import Expected
from common.errors import Conflict, InvalidInput
from common.mappings import Values
from scheduling import events
from scheduling.content.services import placeholder_of
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post
from scheduling.posts import transitions
from scheduling.posts.may_go_out import (
    check_fits,
    check_format,
    check_moving,
    check_open,
    check_scheduling,
    check_time,
    moved_text,
)
from scheduling.posts.transitions import apply, busy_text, taken_text
from workspaces import audit
from workspaces.models import User
from workspaces.roles import Role
from workspaces.selectors import allow
from workspaces.services.rows import lock, settled

# The trail's names for what is changed of a post.
RECORDED = {
    "caption": "caption_override",
    "at": "scheduled_at",
    "target": "state",
}


def fill(
    user: User,
    post: Post,
    content: ContentItem,
    caption: str = "",
    format_: str | None = None,
) -> Post:
    """Put content into an empty slot; it becomes a draft. Raises Conflict for a post that
    is not empty.
    """
    allow(user, post, Role.EDITOR)
    check_content(post, content)
    words: Values = {"content": content, "caption_override": caption}
    if format_ is not None:
        words["format"] = check_format(post.account, format_)
    apply([post], transitions.FILL, user, **words)
    return post


def edit(
    user: User,
    post: Post,
    content: ContentItem | None = None,
    caption: str | None = None,
    format_: str | None = None,
) -> Post:
    """Change content, caption or format of a draft or scheduled post. Raises Conflict in
    other states, InvalidInput when a scheduled post would no longer fit its platform.
    """
    allow(user, post, Role.EDITOR)
    transitions.check(post, transitions.EDIT)
    changes: Values = {}
    if caption is not None:
        changes["caption_override"] = caption
    if format_ is not None:
        changes["format"] = check_format(post.account, format_)
    if content is not None:
        check_content(post, content)
        changes["content"] = content
    if post.state == states.SCHEDULED:
        edited = copy(post)
        for name, value in changes.items():
            setattr(edited, name, value)
        check_fits(edited)
    apply([post], transitions.EDIT, user, **changes)
    return post


def create(
    user: User,
    content: ContentItem,
    account: ChannelAccount,
    *,
    at: datetime | None = None,
    caption: str = "",
    format_: str = "",
    approved: bool = False,
) -> Post:
    """A new draft for a channel, at a time or at none; scheduled at once if wanted.

    Raises Conflict when the channel has a post at that time, and what `approve` raises.
    """
    allow(user, account, Role.EDITOR)
    post = Post(
        workspace=account.workspace,
        account=account,
        content=content,
        caption_override=caption,
        format=check_format(account, format_),
    )
    check_content(post, content)
    if approved:
        check_scheduling(post, at)
    elif at is not None:
        check_time(at)
        check_open(post, at)
    transitions.begin(post, states.SCHEDULED if approved else states.DRAFT, at)
    try:
        with transaction.atomic():
            post.save(force_insert=True)
            facts = {
                "scheduled_at": at,
                "content": str(content.pk),
                "state": post.state,
            }
            thing = f"post:{post.pk}"
            audit.record(user, "created", thing, workspace=post.workspace, after=facts)
            events.post_changed(post)
    except IntegrityError as error:
        raise Conflict(taken_text(account)) from error
    return post


@dataclass(frozen=True)
class Changes:
    """Several changes of one post at once; None leaves a thing as it is."""

    content: ContentItem | None = None
    caption: str | None = None
    at: datetime | None = None
    target: str | None = None
    format: str | None = None


def stored(post: Post) -> Values:
    """What of a post can be changed, by the names of `Changes`."""
    return {
        "content": None if post.content.is_placeholder else post.content,
        "caption": post.caption_override,
        "format": post.format,
        "at": post.scheduled_at,
        "target": post.state,
    }


def change(
    user: User, post: Post, changes: Changes, expected: Expected | None = None
) -> Post:
    """Fill or edit, move, then schedule, empty or cancel: all of it or, when one is
    refused, nothing: then `post` says what it said before.

    Raises Overtaken where somebody else has changed what the caller expects.
    """
    allow(user, post, Role.EDITOR)
    changed = copy(post)
    with transaction.atomic():
        changes = _settled(changed, changes, expected)
        _change_words(user, changed, changes)
        at = changes.at if changes.at != changed.scheduled_at else None
        if at is not None and not _is_scheduled_by(changes, changed):
            move(user, changed, at)
        _reach(user, changed, changes.target, at)
    return changed


def _settled(post: Post, changes: Changes, expected: Expected | None) -> Changes:
    """The changes without what only others have made of the post, which is locked and
    read anew.
    """
    if expected is None:
        return changes
    lock(post)
    words = {
        "content": changes.content,
        "caption": changes.caption,
        "format": changes.format,
        "at": changes.at,
    }
    mine = {name: value for name, value in words.items() if value is not None}
    thing = f"post:{post.pk}"
    kept = settled(expected, thing, stored(post), mine, recorded=RECORDED)
    nothing = dict.fromkeys(words)
    return replace(changes, **(nothing | kept))


def _is_scheduled_by(changes: Changes, post: Post) -> bool:
    """Then the new time comes with it."""
    starts = transitions.SCHEDULE.sources
    return changes.target == states.SCHEDULED and post.state in starts


def _change_words(user: User, post: Post, changes: Changes) -> None:
    words = (changes.content, changes.caption, changes.format)
    if post.is_empty and changes.content is not None:
        fill(user, post, changes.content, changes.caption or "", changes.format)
    elif words != (None, None, None):
        edit(user, post, *words)


def _reach(user: User, post: Post, target: str | None, at: datetime | None) -> None:
    """Bring the post to the state asked for, if it is not there yet."""
    if target is None or post.state == target:
        return
    if target == states.SCHEDULED:
        approve(user, post, at)
    elif target == states.CANCELED:
        cancel(user, post)
    elif post.state == states.SCHEDULED:
        unschedule(user, post)
    else:
        message = f"This post is {post.state}; it cannot become {target}."
        raise Conflict(message, {"state": post.state})


def approve(user: User, post: Post, at: datetime | None = None) -> Post:
    """Schedule a draft, or a failed post again, for its own time or another. It must have
    content and a publisher. Raises InvalidInput for a time in the past or no time,
    Conflict in other states.
    """
    allow(user, post, Role.EDITOR)
    when = at or post.scheduled_at
    check_scheduling(post, when)
    apply([post], transitions.SCHEDULE, user, at=when)
    return post


def post_now(user: User, post: Post) -> Post:
    """Send a draft, a scheduled or a failed post at once; its place in the calendar
    becomes now.
    """
    allow(user, post, Role.EDITOR)
    now = timezone.now()
    check_scheduling(post, now)
    apply([post], transitions.SEND_NOW, user, at=now)
    return post


def move(user: User, post: Post, at: datetime, *, seen: datetime | None = None) -> Post:
    """Give an open post another time. Raises InvalidInput for a time in a blackout,
    Conflict while it is being published or after it has been, and when somebody moved it
    away from the time `seen`.
    """
    allow(user, post, Role.EDITOR)
    if seen is not None and post.scheduled_at != seen:
        raise Conflict(moved_text(post))
    check_moving(post, at)
    apply([post], transitions.MOVE, user, at=at)
    return post


def cancel(user: User, post: Post) -> Post:
    """Take an open post out of the calendar; its slot stays used up."""
    allow(user, post, Role.EDITOR)
    apply([post], transitions.CANCEL, user)
    return post


def unschedule(user: User, post: Post) -> Post:
    """Make a scheduled post a draft again, so that it does not go out."""
    allow(user, post, Role.EDITOR)
    apply([post], transitions.UNSCHEDULE, user)
    return post


def empty(user: User, post: Post) -> Post:
    """Make a draft an empty slot again."""
    allow(user, post, Role.EDITOR)
    placeholder = placeholder_of(post.workspace)
    apply([post], transitions.EMPTY, user, content=placeholder, caption_override="")
    return post


def retry(user: User, post: Post) -> Post:
    """Send a failed post again: at its own time when that is ahead, else now. Raises
    Conflict in other states.
    """
    allow(user, post, Role.EDITOR)
    if post.state != states.FAILED:
        message = f"This post is {post.state}; only failed posts can be tried again."
        raise Conflict(message, {"state": post.state})
    if post.scheduled_at and post.scheduled_at > timezone.now():
        return approve(user, post)
    return post_now(user, post)


def duplicate(
    user: User,
    post: Post,
    account: ChannelAccount | None = None,
    at: datetime | None = None,
) -> Post:
    """A new draft with the same content and words, for the same channel or another, at a
    time or at none.

    Raises InvalidInput for an empty slot, which has nothing to duplicate.
    """
    allow(user, post, Role.EDITOR)
    if post.content.is_placeholder:
        raise InvalidInput("An empty slot has nothing to duplicate.")
    channel = account or post.account
    return create(user, post.content, channel, at=at, caption=post.caption_override)


@transaction.atomic
def remove(user: User, post: Post) -> None:
    """Delete a post with its tries. Raises Conflict while it is being published or
    nobody knows whether it was.
    """
    allow(user, post, Role.EDITOR)
    # Writing to the row keeps every worker from it until the end of the transaction.
    rows = Post.objects.filter(pk=post.pk).exclude(state__in=states.BUSY)
    if not rows.update(updated_at=timezone.now()):
        post.refresh_from_db(fields=["state"])
        raise Conflict(busy_text(post))
    rows.delete()
    facts = {
        "content": str(post.content_id),
        "state": post.state,
        "at": post.scheduled_at,
    }
    audit.record(
        user, "deleted", f"post:{post.pk}", workspace=post.workspace, before=facts
    )
    events.post_changed(post)


def check_content(post: Post, content: ContentItem) -> None:
    """Raises InvalidInput unless it is real content of the post's workspace."""
    if content.workspace_id != post.workspace_id or content.is_placeholder:
        raise InvalidInput("Choose content of the same workspace.")
