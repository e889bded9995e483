"""What stands against a post's going out, said politely: channel, time, platform, state."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from common.errors import InvalidInput
from scheduling import states
from scheduling.fitting import closed, errors_of, findings
from scheduling.models import ChannelAccount, Post
from scheduling.platforms.catalogue import BY_NAME
from scheduling.publishers.registry import NOT_CONNECTED, find_publisher, lacking
from scheduling.spacing import FARTHEST


def check_connected(account: ChannelAccount) -> None:
    """Raises InvalidInput for a channel that cannot send."""
    if said := unconnected_text(account):
        raise InvalidInput(said)
    if missing := lacking(account):
        raise InvalidInput(
            f"{account.name} is not connected: it has no {' and no '.join(missing)}."
        )
    check_active(account)


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
    """Raises InvalidInput with everything that the platform does not take; warnings pass."""
    if said := errors_of(findings(post, at)):
        raise InvalidInput(said)


def check_open(post: Post, at: datetime) -> None:
    """Raises InvalidInput for a time within a blackout."""
    if said := errors_of(closed(post, at)):
        raise InvalidInput(said)


def check_format(account: ChannelAccount, wanted: str) -> str:
    """The format if the platform carries it; blank stands for the usual one. Raises
    InvalidInput.
    """
    known = BY_NAME[account.platform].formats
    if wanted and wanted not in known:
        raise InvalidInput(
            f"{account.platform_name} carries {', '.join(known)}, not “{wanted}”."
        )
    return wanted


def busy_text(post: Post) -> str:
    if post.state in states.BUSY:
        return "This post is being published right now."
    return f"This post is {post.state}; it cannot be changed any more."


def moved_text(post: Post) -> str:
    return (
        f"Somebody else moved this post meanwhile; it is {post.state} and stands "
        "where they put it."
    )


def taken_text(account: ChannelAccount) -> str:
    return f"{account.name} already has a post at that time."
