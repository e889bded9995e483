"""What people decide about posts whose fate nobody else can tell, and about those that
were posted by hand.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common import outgoing
from common.doorbell import ring
from common.errors import Conflict, InvalidInput
from common.states import advance, try_advance
from scheduling import events, states
from scheduling.models import Attempt, Post
from scheduling.selectors import access_post
from scheduling.tasks import resolve_post
from workspaces import audit
from workspaces.models import User
from workspaces.roles import Role

LONGEST_URL = 1000


def ask_again(user: User, post_id: UUID) -> Post:
    """Have a worker ask the platform now what became of an uncertain post. Raises
    Conflict for other posts.
    """
    post = access_post(user, post_id, Role.EDITOR)
    if post.state != states.UNCERTAIN:
        raise Conflict(
            f"This post is {post.state}; nothing about it is unclear.",
            {"state": post.state},
        )
    with transaction.atomic():
        audit.record(user, "asked about", f"post:{post.pk}", workspace=post.workspace)
        ring(resolve_post, str(post.pk))
    return post


def mark_published(
    user: User, post_id: UUID, url: str = "", at: datetime | None = None
) -> Post:
    """Note that the post is live: somebody has looked, or has posted it by hand. `at`
    is now unless told.

    Raises Conflict while it is being published and for empty slots, InvalidInput for an
    address that is none.
    """
    post = access_post(user, post_id, Role.EDITOR)
    now = timezone.now()
    if post.content.is_placeholder:
        raise InvalidInput("Fill the slot with content first.")
    if at is not None and at > now:
        raise InvalidInput("It cannot have been published in the future.")
    changes = {
        "published_at": at or now,
        "published_by_hand": True,
        "url": _checked(url) or post.url,
        "last_error": "",
    }
    return _settle(
        user,
        post,
        states.PUBLISHED,
        states.ATTEMPT_PUBLISHED,
        "marked as published",
        changes,
    )


def mark_failed(user: User, post_id: UUID, reason: str = "") -> Post:
    """Note that the post did not go out; it can be scheduled again then. Raises
    Conflict in states without doubt.
    """
    post = access_post(user, post_id, Role.EDITOR)
    said = reason.strip()[:2000] or f"{user.username} found that it did not go out."
    return _settle(
        user,
        post,
        states.FAILED,
        states.ATTEMPT_REFUSED,
        "marked as failed",
        {"last_error": said},
    )


def _settle(
    user: User, post: Post, target: str, end: str, action: str, changes: dict[str, Any]
) -> Post:
    """Move the post; an attempt that nobody could tell about is closed too, so that a
    late answer changes nothing.
    """
    before = {"state": post.state, "url": post.url, "last_error": post.last_error}
    sources = tuple(states.POST.sources(target) - {states.PUBLISHING})
    with transaction.atomic():
        rows = Post.objects.filter(pk=post.pk)
        advance(
            rows,
            states.POST,
            target,
            source=sources,
            due_at=None,
            updated_at=timezone.now(),
            **changes,
        )
        unclear = Attempt.objects.filter(post=post, state=states.ATTEMPT_UNCERTAIN)
        try_advance(unclear, states.ATTEMPT, end, next_question_at=None)
        said = {
            "state": target,
            "url": changes.get("url", post.url),
            "last_error": changes["last_error"],
        }
        audit.record(
            user,
            action,
            f"post:{post.pk}",
            workspace=post.workspace,
            before=before,
            after=said,
        )
        events.post_changed(post)
    return access_post(user, post.pk)


def _checked(url: str) -> str:
    """The address, if it is one that a page may link to."""
    if not url:
        return ""
    try:
        outgoing.check_url(url)
    except outgoing.Refused as error:
        raise InvalidInput(str(error)) from error
    if len(url) > LONGEST_URL:
        raise InvalidInput(f"An address may have {LONGEST_URL} characters.")
    return url
