"""Which channels of a platform are posted to, and on whose clock their hours are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.grouping import grouped
from scheduling.models import ChannelAccount
from workspaces.models import Workspace

BEST_FIRST = (
    ChannelAccount.Status.ACTIVE,
    ChannelAccount.Status.UNCONNECTED,
    ChannelAccount.Status.PAUSED,
)


@dataclass(frozen=True)
class Clock:
    """A platform's channels in one zone, by name; none where the platform has no channel yet."""

    platform: str
    zone: str
    channels: tuple[ChannelAccount, ...] = ()

    @classmethod
    def of(cls, channel: ChannelAccount) -> Clock:
        """The clock of one channel."""
        return cls(channel.platform, channel.zone, (channel,))


def channels_by_platform(
    workspace: Workspace, platforms: Iterable[str]
) -> dict[str, list[ChannelAccount]]:
    """The channels of those platforms that have any, the first to be posted to first:
    active ones, then those not connected, then paused ones, each by name. One query.
    """
    rows = ChannelAccount.objects.filter(
        workspace=workspace, platform__in=set(platforms)
    )
    by_rank = sorted(rows.order_by("name"), key=_rank)
    return grouped((channel.platform, channel) for channel in by_rank)


def _rank(channel: ChannelAccount) -> int:
    """Less for channels that rather are posted to."""
    return BEST_FIRST.index(ChannelAccount.Status(channel.status))


def clocks_of(workspace: Workspace, platforms: Sequence[str]) -> list[Clock]:
    """The clocks of each platform's active channels, or of its others where none is
    active. One query.

    A platform without a channel is on the workspace's clock, as the channel is that is
    made with its first post.
    """
    by_platform = channels_by_platform(workspace, platforms)
    clocks = []
    for platform in platforms:
        channels = _like_the_first(by_platform.get(platform, []))
        by_zone = grouped((channel.zone, channel) for channel in channels)
        clocks += [
            Clock(platform, zone, tuple(in_zone)) for zone, in_zone in by_zone.items()
        ]
        if not channels:
            clocks.append(Clock(platform, workspace.zone))
    return clocks


def _like_the_first(channels: Sequence[ChannelAccount]) -> list[ChannelAccount]:
    """Those that have the status of the first."""
    return [channel for channel in channels if channel.status == channels[0].status]


def first_clocks(workspace: Workspace, platforms: Sequence[str]) -> list[Clock]:
    """For each platform the clock of the channel that a post goes to when only its
    platform is named. One query.
    """
    by_platform = channels_by_platform(workspace, platforms)
    return [
        Clock.of(by_platform[platform][0])
        if platform in by_platform
        else Clock(platform, workspace.zone)
        for platform in platforms
    ]
