"""Whether a post fits its platform and its channel's other posts: one set of words for
API, pages, admin and worker.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from scheduling.closures import SHORTEST, closure_of, closures
from scheduling.domain import states
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.domain.platforms.rules import (
    ERROR,
    WARNING,
    Draft,
    Finding,
    check,
    check_pace,
    day_limits,
)
from scheduling.models import MediaFile, Post
from scheduling.models.media import media_of
from scheduling.models.posts import PostQuerySet
from templates_ai.engines.outlines import is_outline

NEAR = timedelta(hours=1)
DAY = timedelta(hours=24)
# A post in one of these has gone out or is going to.
COUNTED = (states.SCHEDULED, states.PUBLISHING, states.UNCERTAIN, states.PUBLISHED)


def misfits(post: Post, files: Sequence[MediaFile] | None = None) -> list[Finding]:
    """What of the content the platform does not take; nothing for an empty slot.
    `files` are the content's, if they are known.
    """
    if post.content.is_placeholder:
        return []
    platform = BY_NAME[post.account.platform]
    if files is None:
        files = media_of(post.content)
    media = tuple(file.facts for file in files)
    draft = Draft(
        platform.id,
        post.chosen_format,
        post.content.title,
        post.text,
        media,
        post.account.server_limits,
    )
    return check(draft)


def unwritten(post: Post) -> list[Finding]:
    """Whether the post's text is still an outline."""
    message = "This is an outline. Write the text, then schedule it."
    return [Finding(ERROR, "outline", message)] if is_outline(post.text) else []


def refusals(post: Post, at: datetime | None = None) -> list[Finding]:
    """What keeps the post from going out at its time, or at another."""
    if post.content.is_placeholder:
        return []
    when = at or post.scheduled_at
    all_findings = [
        *unwritten(post),
        *misfits(post),
        *closed(post, when),
        *_day_pace(post, when),
    ]
    return [finding for finding in all_findings if finding.blocks]


def findings(post: Post, at: datetime | None = None) -> list[Finding]:
    """All there is to say about publishing the post at its time, or at another: errors
    first.
    """
    if post.content.is_placeholder:
        return []
    when = at or post.scheduled_at
    all_findings = [
        *unwritten(post),
        *misfits(post),
        *closed(post, when),
        *_day_pace(post, when),
        *_hour_pace(post, when),
        *_same_content(post),
    ]
    return sorted(all_findings, key=lambda finding: not finding.blocks)


def refusals_together(
    posts: Sequence[Post], times: Mapping[UUID, datetime]
) -> list[Finding]:
    """What keeps any of the posts from having its new time, as if all had theirs: two
    queries. They are of one workspace, and their media are fetched.
    """
    first = min(times.values())
    last = max(times.values())
    all_findings = _closed_together(posts, times)
    going = [post for post in posts if post.state == states.SCHEDULED]
    channel_times = _times_around(going, times, first - DAY, last)
    for post in going:
        all_findings += misfits(post)
        all_findings += _pace_among(
            post, times[post.pk], channel_times[post.account_id]
        )
    return [finding for finding in all_findings if finding.blocks]


def _closed_together(
    posts: Sequence[Post], times: Mapping[UUID, datetime]
) -> list[Finding]:
    """The blackouts that the posts' new times are in: one query."""
    first = min(times.values())
    last = max(times.values())
    closed_times = closures(posts[0].workspace_id, first, last + SHORTEST)
    by_post = [closed_times.at(post.account, times[post.pk], post.pk) for post in posts]
    return [Finding(ERROR, "blackout", closure.text) for closure in by_post if closure]


def _pace_among(
    post: Post, at: datetime, channel_times: Sequence[datetime]
) -> list[Finding]:
    """As `_day_pace`, where it is known when the channel sends, this post among it."""
    day = [when for when in channel_times if at - DAY < when <= at]
    return check_pace(post.account.platform, post.chosen_format, len(day) - 1)


def _times_around(
    going: Sequence[Post],
    times: Mapping[UUID, datetime],
    after: datetime,
    until: datetime,
) -> dict[UUID, list[datetime]]:
    """When the posts' channels send, by channel: the posts at their new times, and the
    others within (after, until] of platforms that count posts a day.
    """
    channel_times: dict[UUID, list[datetime]] = defaultdict(list)
    counting = set()
    for post in going:
        channel_times[post.account_id].append(times[post.pk])
        if day_limits(post.account.platform, post.chosen_format):
            counting.add(post.account_id)
    if not counting:
        return channel_times
    keys = [post.pk for post in going]
    others = Post.objects.filter(account__in=counting, state__in=COUNTED)
    near = others.filter(scheduled_at__gt=after, scheduled_at__lte=until)
    rows = near.exclude(pk__in=keys).order_by()
    for account_id, at in rows.values_list("account_id", "scheduled_at"):
        if at is not None:
            channel_times[account_id].append(at)
    return channel_times


def closed(post: Post, when: datetime | None) -> list[Finding]:
    """The blackout that the time is in."""
    closure = closure_of(post, when) if when else None
    return [Finding(ERROR, "blackout", closure.text)] if closure else []


def errors_of(all_findings: list[Finding]) -> str:
    """The sentences that block, as one text; blank when nothing does."""
    return " ".join(finding.message for finding in all_findings if finding.blocks)


def _others(post: Post) -> PostQuerySet:
    """The channel's other posts that have gone out or are going to."""
    counted = Post.objects.filter(account=post.account_id, state__in=COUNTED)
    others: PostQuerySet = counted.exclude(pk=post.pk)
    return others


def _day_pace(post: Post, when: datetime | None) -> list[Finding]:
    """Whether its channel has as many posts as it may in the day before; no query where
    the platform does not mind.
    """
    platform = post.account.platform
    limits = day_limits(platform, post.chosen_format)
    if when is None or not limits:
        return []
    earlier = _others(post).filter(scheduled_at__gt=when - DAY, scheduled_at__lte=when)
    return check_pace(platform, post.chosen_format, earlier.count())


def _hour_pace(post: Post, when: datetime | None) -> list[Finding]:
    if when is None:
        return []
    near = {"scheduled_at__gt": when - NEAR, "scheduled_at__lt": when + NEAR}
    if not _others(post).filter(**near).exists():
        return []
    message = f"{post.account.name} has another post within an hour of this one."
    return [Finding(WARNING, "same_hour", message)]


def _same_content(post: Post) -> list[Finding]:
    if not _others(post).filter(content=post.content_id).exists():
        return []
    message = f"{post.account.name} has another post with the same content."
    return [Finding(WARNING, "same_content", message)]
