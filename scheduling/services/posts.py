"""What people do with posts; each is one transaction that the state table allows or
politely refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.doorbell import ring
from common.errors import Conflict, InvalidInput
from common.states import advance
from scheduling import events, states
from scheduling.allowing import (
    busy_text,
    check_connected,
    check_fits,
    check_format,
    check_open,
    check_time,
    moved_text,
    taken_text,
)
from scheduling.models import Post
from scheduling.selectors import access_channel, access_content, access_post
from scheduling.tasks import publish_post
from scheduling.topoff import placeholder_of
from workspaces import audit
from workspaces.models import User
from workspaces.roles import Role

# Only workers bring a publishing or uncertain post back to scheduled: a person doing so
# could post twice.
BY_PEOPLE = (states.DRAFT, states.FAILED)


def fill(user: User, post_id: UUID, content_id: UUID, caption: str = "") -> Post:
    """Put content into an empty slot; it becomes a draft. Raises Conflict for a post
    that is not empty.
    """
    post = access_post(user, post_id, Role.EDITOR)
    content = _content_for(user, post, content_id)
    _move(
        user,
        post,
        "filled",
        states.DRAFT,
        source=states.PLANNED,
        content=content,
        caption_override=caption,
    )
    return access_post(user, post_id)


def edit(
    user: User,
    post_id: UUID,
    content_id: UUID | None = None,
    caption: str | None = None,
    format_: str | None = None,
) -> Post:
    """Change content, caption or format of a draft or scheduled post. Raises Conflict
    in other states, InvalidInput when a scheduled post would no longer fit its
    platform.
    """
    post = access_post(user, post_id, Role.EDITOR)
    changes: dict[str, Any] = {} if caption is None else {"caption_override": caption}
    if format_ is not None:
        changes["format"] = check_format(post.account, format_)
    if content_id is not None:
        changes["content"] = _content_for(user, post, content_id)
    with transaction.atomic():
        rows = Post.objects.filter(
            pk=post.pk, state__in=(states.DRAFT, states.SCHEDULED)
        )
        if not rows.update(**changes, updated_at=timezone.now()):
            raise Conflict(busy_text(post))
        _note(user, post, "edited", changes)
        edited = access_post(user, post_id)
        if edited.state == states.SCHEDULED:
            check_fits(edited)
    return edited


def create_post(
    user: User,
    content_id: UUID,
    account_id: UUID,
    *,
    at: datetime | None = None,
    caption: str = "",
    format_: str = "",
    approved: bool = False,
) -> Post:
    """A new draft for a channel, at a time or at none; scheduled at once if wanted.

    Raises Conflict when the channel has a post at that time, and what `approve` raises.
    """
    account = access_channel(user, account_id, Role.EDITOR)
    post = Post(
        workspace=account.workspace,
        account=account,
        state=states.DRAFT,
        scheduled_at=at,
        caption_override=caption,
        format=check_format(account, format_),
    )
    post.content = _content_for(user, post, content_id)
    if at is not None:
        check_time(at)
        check_open(post, at)
    try:
        with transaction.atomic():
            post.save()
            _note(
                user,
                post,
                "created",
                {"scheduled_at": at, "content": post.content},
                is_new=True,
            )
            return approve(user, post.pk) if approved else post
    except IntegrityError as error:
        raise Conflict(taken_text(account)) from error


@dataclass(frozen=True)
class Changes:
    """Several changes of one post at once; None leaves a thing as it is."""

    content_id: UUID | None = None
    caption: str | None = None
    at: datetime | None = None
    target: str | None = None
    format: str | None = None


@transaction.atomic
def change(user: User, post_id: UUID, wanted: Changes) -> Post:
    """Fill or edit, move, then schedule, empty or cancel: all of it or, when one is
    refused, nothing.
    """
    post = access_post(user, post_id, Role.EDITOR)
    if post.is_empty and wanted.content_id is not None:
        fill(user, post_id, wanted.content_id, wanted.caption or "")
        if wanted.format is not None:
            edit(user, post_id, format_=wanted.format)
    elif (wanted.content_id, wanted.caption, wanted.format) != (None, None, None):
        edit(user, post_id, wanted.content_id, wanted.caption, wanted.format)
    if wanted.at is not None and wanted.at != post.scheduled_at:
        move(user, post_id, wanted.at)
    _reach(user, access_post(user, post_id), wanted.target)
    return access_post(user, post_id)


def _reach(user: User, post: Post, target: str | None) -> None:
    """Bring the post to the state asked for, if it is not there yet."""
    if target is None or post.state == target:
        return
    if target == states.SCHEDULED:
        approve(user, post.pk)
    elif target == states.CANCELED:
        cancel(user, post.pk)
    elif post.state == states.SCHEDULED:
        hold(user, post.pk)
    else:
        raise Conflict(
            f"This post is {post.state}; it cannot become {target}.",
            {"state": post.state},
        )


def approve(user: User, post_id: UUID, at: datetime | None = None) -> Post:
    """Schedule a draft, or a failed post again, for its own time or another. It must
    have content and a publisher. Raises InvalidInput for a time in the past or no time,
    Conflict in other states.
    """
    post = access_post(user, post_id, Role.EDITOR)
    when = at or post.scheduled_at
    if post.content.is_placeholder:
        raise InvalidInput("Fill the slot with content first.")
    if when is None:
        raise InvalidInput("Choose a time for the post.")
    check_connected(post.account)
    check_time(when)
    check_fits(post, when)
    _move(
        user, post, "scheduled", states.SCHEDULED, source=BY_PEOPLE, **going(post, when)
    )
    return access_post(user, post_id)


def post_now(user: User, post_id: UUID) -> Post:
    """Send a draft, a scheduled or a failed post at once; its place in the calendar becomes now."""
    post = access_post(user, post_id, Role.EDITOR)
    if post.content.is_placeholder:
        raise InvalidInput("Fill the slot with content first.")
    check_connected(post.account)
    now = timezone.now()
    check_fits(post, now)
    with transaction.atomic():
        if post.state == states.SCHEDULED:
            _update_time(user, post, now, "sent now")
        else:
            _move(
                user,
                post,
                "sent now",
                states.SCHEDULED,
                source=BY_PEOPLE,
                **going(post, now),
            )
        ring(publish_post, str(post.pk))
    return access_post(user, post_id)


def move(
    user: User, post_id: UUID, at: datetime, *, seen: datetime | None = None
) -> Post:
    """Give an open post another time. Raises InvalidInput for a time in a blackout,
    Conflict while it is being published or after it has been, and when somebody moved
    it away from the time `seen`.
    """
    post = access_post(user, post_id, Role.EDITOR)
    if seen is not None and post.scheduled_at != seen:
        raise Conflict(moved_text(post))
    check_time(at)
    check_open(post, at)
    if post.state == states.SCHEDULED:
        check_fits(post, at)
    _update_time(user, post, at, "moved", seen)
    return access_post(user, post_id)


def cancel(user: User, post_id: UUID) -> Post:
    """Take an open post out of the calendar; its slot stays used up."""
    post = access_post(user, post_id, Role.EDITOR)
    _move(user, post, "canceled", states.CANCELED, due_at=None)
    return access_post(user, post_id)


def hold(user: User, post_id: UUID) -> Post:
    """Make a scheduled post a draft again, so that it does not go out."""
    post = access_post(user, post_id, Role.EDITOR)
    _move(user, post, "held", states.DRAFT, source=states.SCHEDULED, due_at=None)
    return access_post(user, post_id)


def empty(user: User, post_id: UUID) -> Post:
    """Make a draft an empty slot again."""
    post = access_post(user, post_id, Role.EDITOR)
    placeholder = placeholder_of(post.workspace)
    _move(
        user,
        post,
        "emptied",
        states.PLANNED,
        source=states.DRAFT,
        content=placeholder,
        caption_override="",
    )
    return access_post(user, post_id)


def going(post: Post, when: datetime) -> dict[str, Any]:
    """What scheduling sets; a failed post that is sent again is a new publication, with
    its tries anew.
    """
    again = post.state == states.FAILED
    epoch = post.epoch + 1 if again else post.epoch
    return {
        "scheduled_at": when,
        "due_at": when,
        "tries": 0,
        "last_error": "",
        "epoch": epoch,
        "rung_at": None,
    }


def _move(
    user: User,
    post: Post,
    action: str,
    target: str,
    *,
    source: str | tuple[str, ...] | None = None,
    **changes: Any,
) -> None:
    try:
        with transaction.atomic():
            advance(
                Post.objects.filter(pk=post.pk),
                states.POST,
                target,
                source=source,
                updated_at=timezone.now(),
                **changes,
            )
            _note(user, post, action, changes | {"state": target})
    except IntegrityError as error:
        raise Conflict(taken_text(post.account)) from error


def _update_time(
    user: User, post: Post, at: datetime, action: str, seen: datetime | None = None
) -> None:
    try:
        with transaction.atomic():
            rows = Post.objects.filter(pk=post.pk, state__in=states.OPEN)
            rows = rows.filter(scheduled_at=seen) if seen else rows
            due = (
                {"due_at": at, "rung_at": None}
                if post.state == states.SCHEDULED
                else {}
            )
            if not rows.filter(state=post.state).update(
                scheduled_at=at, updated_at=timezone.now(), **due
            ):
                raise Conflict(busy_text(post))
            _note(user, post, action, {"scheduled_at": at})
    except IntegrityError as error:
        raise Conflict(taken_text(post.account)) from error


def _note(
    user: User,
    post: Post,
    action: str,
    changes: dict[str, Any],
    *,
    is_new: bool = False,
) -> None:
    """The audit entry and the live event of a change."""
    said = {name: _plain(value) for name, value in changes.items()}
    before = {} if is_new else {name: _plain(getattr(post, name)) for name in said}
    audit.record(
        user,
        action,
        f"post:{post.pk}",
        workspace=post.workspace,
        before=before,
        after=said,
    )
    events.post_changed(post)


def _plain(value: Any) -> Any:
    return str(value.pk) if hasattr(value, "pk") else value


def _content_for(user: User, post: Post, content_id: UUID) -> Any:
    """The content item, which must belong to the post's workspace and be a real one."""
    content = access_content(user, content_id)
    if content.workspace_id != post.workspace_id or content.is_placeholder:
        raise InvalidInput("Choose content of the same workspace.")
    return content
