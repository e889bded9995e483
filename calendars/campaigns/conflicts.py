"""What stands between an item and its going out, told while there is time to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from calendars.models import CalendarItem
from scheduling.closures import SHORTEST, Closures, closures
from scheduling.models import ChannelAccount, MediaFile, Post
from scheduling.networks.registry import lacking
from scheduling.posts.fitting import misfits
from scheduling.posts.may_go_out import unconnected_text
from workspaces.models import Workspace


@dataclass(frozen=True)
class Conflict:
    """One thing in the way, for programs and in a sentence. One that `blocks` keeps the
    post a draft; with another the post waits and fails in its time.
    """

    code: str
    message: str
    blocks: bool = True


@dataclass(frozen=True)
class Around:
    """What conflicts depend on besides the post: closures, the present, the workspace's
    grace for late posts.
    """

    closed: Closures
    now: datetime
    grace: timedelta


def around(workspace: Workspace, times: Sequence[datetime]) -> Around:
    """For posts of the workspace at these times: one query."""
    now = timezone.now()
    closed = closures(
        workspace.pk, min(times, default=now), max(times, default=now) + SHORTEST
    )
    return Around(closed, now, timedelta(minutes=workspace.grace_minutes))


def conflicts_of(
    post: Post,
    asked_at: datetime,
    context: Around,
    files: Sequence[MediaFile] | None = None,
) -> list[Conflict]:
    """What is in the way of the post that was asked for at that time. `files` are its
    content's, if they are known.
    """
    at = post.scheduled_at
    conflicts = [
        *channel_conflicts(post.account),
        *time_conflicts(post, asked_at, context),
    ]
    closure = context.closed.at(post.account, at, post.pk) if at else None
    if closure:
        conflicts.append(Conflict("blackout", closure.text))
    for misfit in misfits(post, files):
        if misfit.blocks:
            conflicts.append(Conflict("content_does_not_fit", misfit.message))
    return conflicts


def channel_conflicts(account: ChannelAccount) -> list[Conflict]:
    """What stands in the way of every post of a channel. One that is not connected lets
    posts be planned, one that is paused does not.
    """
    if reason := unconnected_text(account):
        return [Conflict("channel_unconnected", reason, blocks=False)]
    conflicts = []
    if missing := lacking(account):
        reason = (
            f"{account.name} is not connected: it has no {' and no '.join(missing)}."
        )
        conflicts.append(Conflict("channel_unconnected", reason, blocks=False))
    if account.status == ChannelAccount.Status.PAUSED:
        conflicts.append(Conflict("channel_paused", f"{account.name} is paused."))
    return conflicts


def time_conflicts(post: Post, asked_at: datetime, context: Around) -> list[Conflict]:
    """A time that another post of the channel has leaves the post without one."""
    if post.scheduled_at is None:
        return [
            Conflict(
                "time_taken",
                f"{post.account.name} has another post at {asked_at:%Y-%m-%d %H:%M} UTC.",
            )
        ]
    if post.scheduled_at < context.now - context.grace:
        return [
            Conflict(
                "time_passed", "The time has passed; choose a later one or post now."
            )
        ]
    return []


def conflicts_by_item(
    items: Iterable[CalendarItem], workspace: Workspace
) -> list[tuple[CalendarItem, Conflict]]:
    """What is in the way of those that are still open: one query, where posts, channels
    and media were fetched.
    """
    waiting = [(item, item.post) for item in items if item.post and item.is_open]
    times = [post.scheduled_at for _, post in waiting if post.scheduled_at]
    context = around(workspace, times)
    return [
        (item, conflict)
        for item, post in waiting
        for conflict in conflicts_of(post, item.asked_at, context)
    ]
