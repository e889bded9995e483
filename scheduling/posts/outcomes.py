"""What people decide about posts whose fate nobody else can tell, and about those that
were posted by hand.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from common import outgoing
from common.doorbell import ring
from common.errors import Conflict, InvalidInput
from common.mappings import Values
from common.transitions import try_advance
from scheduling.domain import states
from scheduling.models import Attempt, Post
from scheduling.posts import transitions
from scheduling.posts.transitions import apply
from workspaces import audit
from workspaces.models import User
from workspaces.roles import Role
from workspaces.selectors import allow

LONGEST_URL = 1000
LONGEST_REASON = 2000
RESOLVE_POST = "scheduling.resolve_post"


def ask_again(user: User, post: Post) -> Post:
    """Have a worker ask the platform now what became of an uncertain post. Raises
    Conflict for other posts.
    """
    allow(user, post, Role.EDITOR)
    if post.state != states.UNCERTAIN:
        message = f"This post is {post.state}; nothing about it is unclear."
        raise Conflict(message, {"state": post.state})
    with transaction.atomic():
        audit.record(user, "asked about", f"post:{post.pk}", workspace=post.workspace)
        ring(RESOLVE_POST, str(post.pk))
    return post


def mark_published(
    user: User, post: Post, url: str = "", at: datetime | None = None
) -> Post:
    """Note that the post is live: somebody has looked, or has posted it by hand. `at` is
    now unless told.

    Raises Conflict while it is being published and for empty slots, InvalidInput for an
    address that is none.
    """
    allow(user, post, Role.EDITOR)
    now = timezone.now()
    if post.content.is_placeholder:
        raise InvalidInput("Fill the slot with content first.")
    if at is not None and at > now:
        raise InvalidInput("It cannot have been published in the future.")
    facts: Values = {
        "published_at": at or now,
        "published_by_hand": True,
        "url": _checked(url) or post.url,
    }
    with transaction.atomic():
        apply([post], transitions.MARK_PUBLISHED, user, **facts)
        _close_attempt(post, states.ATTEMPT_PUBLISHED)
    return post


def mark_failed(user: User, post: Post, reason: str = "") -> Post:
    """Note that the post did not go out; it can be scheduled again then. Raises Conflict
    in states without doubt.
    """
    allow(user, post, Role.EDITOR)
    usual = f"{user.username} found that it did not go out."
    with transaction.atomic():
        reason = reason.strip()[:LONGEST_REASON] or usual
        apply([post], transitions.MARK_FAILED, user, reason=reason)
        _close_attempt(post, states.ATTEMPT_REFUSED)
    return post


def _close_attempt(post: Post, end: str) -> None:
    """An attempt that nobody could tell about, so that a late answer changes nothing."""
    unclear = Attempt.objects.filter(post=post, state=states.ATTEMPT_UNCERTAIN)
    try_advance(unclear, states.ATTEMPT, end, next_question_at=None)


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
