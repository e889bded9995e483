"""Changing a channel's cadence with its calendar: look first, then do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from scheduling.access import access_channel
from scheduling.channels import replan as replanning
from scheduling.channels.replan import Replan
from scheduling.channels.services import change_channel, check_channel
from scheduling.models import ChannelAccount
from workspaces import audit
from workspaces.models import User
from workspaces.roles import Role

CADENCE = ("posts_per_week", "zone", "local_times")


@dataclass(frozen=True)
class Replanned:
    """How many empty slots went and how many came."""

    removed: int
    added: int

    @property
    def message(self) -> str:
        return f"Re-planned: {self.removed} empty slots removed, {self.added} added."


def preview(
    user: User, channel_id: UUID, values: dict[str, Any] | None = None
) -> Replan:
    """What re-planning would do if the channel had these values. Managers; nothing is changed.

    Raises Unprocessable for values that no channel may have.
    """
    return replanning.compare(_with(user, channel_id, values))


@transaction.atomic
def replan(
    user: User, channel_id: UUID, values: dict[str, Any] | None = None
) -> Replanned:
    """Fit the channel's empty slots to these values and save them, in one transaction. Managers."""
    channel = _with(user, channel_id, values)
    # Posts before the audit trail, as everywhere: the other way round two changes could
    # wait for each other.
    done = Replanned(*replanning.apply(channel))
    if values:
        change_channel(user, channel_id, values)
    counts = {"removed": done.removed, "added": done.added}
    audit.record(
        user,
        "re-planned",
        f"channel:{channel.pk}",
        workspace=channel.workspace,
        after=counts,
    )
    return done


def _with(
    user: User, channel_id: UUID, values: dict[str, Any] | None
) -> ChannelAccount:
    """The channel as it would be, not saved."""
    channel = access_channel(user, channel_id, Role.MANAGER)
    for name, value in (values or {}).items():
        setattr(channel, name, value)
    check_channel(channel)
    return channel
