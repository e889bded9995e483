"""Held posts: scheduled and due, but their channel sends nothing for now.

A channel holds its posts while it is paused, while its connection lacks something that
its publisher needs, and while its platform does not accept its sign-in. They stay
scheduled and no worker is rung for them. Within the workspace's grace they go out when
the cause ends; beyond it they fail with that reason; one press moves them all to free
times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from scheduling.domain import states
from scheduling.models import ChannelAccount, Post
from scheduling.models.posts import PostQuerySet
from scheduling.networks.registry import NEEDS, lacking
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

PAUSED = "paused"
RECONNECT = "reconnect"
# How the reason of a post begins that was held for too long.
HELD = "Held: "


def cause_of(account: ChannelAccount) -> str:
    """Why the channel sends nothing for now: paused, reconnect, or blank."""
    if account.status == ChannelAccount.Status.PAUSED:
        return PAUSED
    is_active = account.status == ChannelAccount.Status.ACTIVE
    is_cut_off = bool(lacking(account) or account.sign_in_error)
    return RECONNECT if is_active and is_cut_off else ""


def cause_text(account: ChannelAccount) -> str:
    """A sentence about the cause; blank for a channel that sends."""
    match cause_of(account):
        case "paused":
            return f"{account.name} is paused."
        case "reconnect":
            return f"{account.name} must be reconnected: {_what_is_wrong(account)}"
    return ""


def _what_is_wrong(account: ChannelAccount) -> str:
    if missing := lacking(account):
        return f"it has no {' and no '.join(missing)}."
    return str(account.sign_in_error)


def holding() -> Q:
    """Posts of channels that send nothing for now."""
    active = Q(account__status=ChannelAccount.Status.ACTIVE)
    cause = Q(account__status=ChannelAccount.Status.PAUSED)
    cause |= active & ~Q(account__sign_in_error="")
    for publisher, needs in NEEDS.items():
        for name in needs:
            blank = {"account__publisher": publisher, f"account__{name}": ""}
            cause |= active & Q(**blank)
    return cause


def is_held(post: Post, now: datetime | None = None) -> bool:
    """Whether the post is due and its channel holds it."""
    is_due = post.due_at is not None and post.due_at <= (now or timezone.now())
    return post.state == states.SCHEDULED and is_due and cause_of(post.account) != ""


def held_posts(now: datetime) -> PostQuerySet:
    """The longest waiting first."""
    rows: PostQuerySet = Post.objects.due(now).filter(holding())
    return rows


def stuck(now: datetime) -> Q:
    """Posts that are held, and those that failed because they were held for too long."""
    waiting = Q(state=states.SCHEDULED, due_at__lte=now) & holding()
    return waiting | Q(state=states.FAILED, last_error__startswith=HELD)


@dataclass(frozen=True)
class StuckChannel:
    """A channel with posts that are stuck, and what it still says of itself."""

    channel: ChannelAccount
    count: int
    cause: str

    @property
    def title(self) -> str:
        """How many of its posts are stuck, as a heading."""
        posts = "1 post" if self.count == 1 else f"{self.count} posts"
        return (
            f"{posts} of {self.channel.name} {'is' if self.count == 1 else 'are'} stuck"
        )


def stuck_channels(
    user: User, workspace: Workspace, **narrowed: Any
) -> list[StuckChannel]:
    """The workspace's channels with stuck posts, by name: one query, or two where there
    are any. `narrowed` are further conditions on the posts.
    """
    require_role(user, workspace, Role.VIEWER)
    rows = Post.objects.filter(stuck(timezone.now()), workspace=workspace, **narrowed)
    counts = dict(rows.order_by().values_list("account").annotate(Count("pk")))
    if not counts:
        return []
    channels = ChannelAccount.objects.filter(pk__in=counts).select_related("workspace")
    return [
        StuckChannel(channel, counts[channel.pk], cause_text(channel))
        for channel in channels.order_by("name")
    ]


def too_long_text(post: Post, waited: timedelta) -> str:
    """Why a post failed that was held for longer than the workspace's grace."""
    minutes = int(waited.total_seconds() // 60)
    grace = "more than the workspace's grace period"
    return f"{HELD}{cause_text(post.account)} {minutes} minutes late, {grace}."
