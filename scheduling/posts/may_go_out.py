"""What stands against a post's going out, said politely: channel, time, platform, state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from common.errors import InvalidInput
from scheduling.domain import states
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.models import ChannelAccount, Post
from scheduling.networks.registry import NOT_CONNECTED, find_publisher, lacking
from scheduling.posts.fitting import closed, errors_of, refusals, refusals_together
from scheduling.posts.free_times import FARTHEST


def check_connected(account: ChannelAccount) -> None:
    """Raises InvalidInput for a channel that cannot send."""
    if message := unconnected_text(account):
        raise InvalidInput(message)
    if missing := lacking(account):
        raise InvalidInput(
            f"{account.name} is not connected: it has no {' and no '.join(missing)}."
        )
    check_active(account)


def check_may_send(account: ChannelAccount, *, unconnected: bool = False) -> None:
    """Raises InvalidInput for a channel that cannot send.

    unconnected: lets one pass that nothing is connected to: its posts wait and fail in
        their time.
    """
    if unconnected and unconnected_text(account):
        check_active(account)
    else:
        check_connected(account)


def check_active(account: ChannelAccount) -> None:
    """Raises InvalidInput for a paused channel."""
    if account.status == ChannelAccount.Status.PAUSED:
        raise InvalidInput(f"{account.name} is paused; make it active first.")


def unconnected_text(account: ChannelAccount) -> str:
    """The sentence about a channel that nothing is connected to; blank for others."""
    unconnected = (
        find_publisher(account.publisher) is None
        or account.status == ChannelAccount.Status.UNCONNECTED
    )
    return f"{account.name} is {NOT_CONNECTED}." if unconnected else ""


def check_time(at: datetime) -> None:
    """Raises InvalidInput for a time that has passed or is more than two years away."""
    now = timezone.now()
    if at < now - timedelta(minutes=1):
        raise InvalidInput("That time has passed; choose a later one or post now.")
    if at > now + FARTHEST:
        raise InvalidInput("That time is more than two years away.")


def check_fits(post: Post, at: datetime | None = None) -> None:
    """Raises InvalidInput with everything that keeps the post from going out then;
    warnings pass.
    """
    if message := errors_of(refusals(post, at)):
        raise InvalidInput(message)


def check_open(post: Post, at: datetime) -> None:
    """Raises InvalidInput for a time within a blackout."""
    if message := errors_of(closed(post, at)):
        raise InvalidInput(message)


def check_format(account: ChannelAccount, format_: str) -> str:
    """The format if the platform carries it; blank stands for the usual one. Raises
    InvalidInput.
    """
    formats = BY_NAME[account.platform].formats
    if format_ and format_ not in formats:
        raise InvalidInput(
            f"{account.platform_name} carries {', '.join(formats)}, not “{format_}”."
        )
    return format_


def moved_text(post: Post) -> str:
    """What to say to somebody whose page is older than the post."""
    return (
        f"Somebody else moved this post meanwhile; it is {post.state} and stands "
        "where they put it."
    )


def check_scheduling(post: Post, at: datetime | None) -> None:
    """Raises InvalidInput for what keeps the post from being scheduled for that time."""
    if post.content.is_placeholder:
        raise InvalidInput("Fill the slot with content first.")
    if at is None:
        raise InvalidInput("Choose a time for the post.")
    check_connected(post.account)
    check_time(at)
    check_fits(post, at)


def check_moving(post: Post, at: datetime) -> None:
    """Raises InvalidInput for what keeps the post from having that time."""
    check_time(at)
    if post.state == states.SCHEDULED:
        check_fits(post, at)
    else:
        check_open(post, at)


def check_moving_together(
    posts: Sequence[Post], times: Mapping[UUID, datetime]
) -> None:
    """As `check_moving` for posts of one workspace, as if all of them had moved."""
    for at in times.values():
        check_time(at)
    if message := errors_of(refusals_together(posts, times)):
        raise InvalidInput(message)
