"""Whether a post fits its platform and its channel's other posts: one set of words for
API, pages, admin and worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from scheduling import states
from scheduling.closures import closure_of
from scheduling.models import ChannelAccount, MediaFile, Post
from scheduling.models.media import media_of
from scheduling.models.posts import PostQuerySet
from scheduling.platforms.catalogue import BY_NAME
from scheduling.platforms.rules import ERROR, WARNING, Draft, Finding, check, check_pace

NEAR, DAY = timedelta(hours=1), timedelta(hours=24)
# A post in one of these has gone out or is going to.
COUNTED = (states.SCHEDULED, states.PUBLISHING, states.UNCERTAIN, states.PUBLISHED)


def misfits(post: Post, files: Sequence[MediaFile] | None = None) -> list[Finding]:
    """What of the content the platform does not take; nothing for an empty slot.
    `files` are the content's, if they are known.
    """
    if post.content.is_placeholder:
        return []
    platform = BY_NAME[post.account.platform]
    media = tuple(
        file.facts for file in (media_of(post.content) if files is None else files)
    )
    draft = Draft(platform.id, post.chosen_format, post.content.title, post.text, media)
    return [_passed_on(found, post.account) for found in check(draft)]


def _passed_on(found: Finding, account: ChannelAccount) -> Finding:
    """Whoever passes posts on to a platform may add an image there: then missing ones
    are only warned of.
    """
    if found.rule != "media_minimum" or account.publisher == account.platform:
        return found
    return replace(
        found,
        level=WARNING,
        message=f"{found.message} {account.name} passes it on without one.",
    )


def findings(post: Post, at: datetime | None = None) -> list[Finding]:
    """All there is to say about publishing the post at its time, or at another: errors first."""
    if post.content.is_placeholder:
        return []
    when = at or post.scheduled_at
    others = Post.objects.filter(account=post.account_id, state__in=COUNTED).exclude(
        pk=post.pk
    )
    paced = _pace(post, others, when) if when else []
    found = [*misfits(post), *closed(post, when), *paced, *_same_content(post, others)]
    return sorted(found, key=lambda finding: not finding.blocks)


def closed(post: Post, when: datetime | None) -> list[Finding]:
    """The blackout that the time is in."""
    closure = closure_of(post, when) if when else None
    return [Finding(ERROR, "blackout", closure.text)] if closure else []


def errors_of(found: list[Finding]) -> str:
    """The sentences that block, as one text; blank when nothing does."""
    return " ".join(finding.message for finding in found if finding.blocks)


def _pace(post: Post, others: PostQuerySet, when: datetime) -> list[Finding]:
    platform = BY_NAME[post.account.platform]
    earlier = others.filter(scheduled_at__gt=when - DAY, scheduled_at__lte=when).count()
    found = check_pace(platform.id, post.chosen_format, earlier)
    if others.filter(
        scheduled_at__gt=when - NEAR, scheduled_at__lt=when + NEAR
    ).exists():
        found.append(
            Finding(
                WARNING,
                "same_hour",
                f"{post.account.name} has another post within an hour of this one.",
            )
        )
    return found


def _same_content(post: Post, others: PostQuerySet) -> list[Finding]:
    if not others.filter(content=post.content_id).exists():
        return []
    return [
        Finding(
            WARNING,
            "same_content",
            f"{post.account.name} has another post with the same content.",
        )
    ]
