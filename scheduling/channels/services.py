"""Channel accounts and their slots: a manager's work."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from common.edits import Expected
from common.errors import Conflict, InvalidInput, Unprocessable
from common.mappings import Values
from scheduling import events
from scheduling.access import access_channel
from scheduling.channels import topoff
from scheduling.channels.topoff import LONGEST_HORIZON_DAYS, TopOff
from scheduling.models import ChannelAccount
from scheduling.networks.registry import PUBLISHERS, unknown_text
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role
from workspaces.services.rows import (
    check_fields,
    lock,
    set_fields,
    settled,
    values_of,
)

FIELDS = (
    "platform",
    "name",
    "status",
    "publisher",
    "external_id",
    "profile_url",
    "login_email",
    "notes",
    "posts_per_week",
    "zone",
    "local_times",
)


def create_channel(user: User, workspace: Workspace, values: Values) -> ChannelAccount:
    """Add a channel account. Managers only; raises Unprocessable for bad fields,
    Conflict for a taken name.
    """
    require_role(user, workspace, Role.MANAGER)
    channel = ChannelAccount(
        workspace=workspace, **({"publisher": settings.DEFAULT_PUBLISHER} | values)
    )
    return _save(user, channel, "created")


@transaction.atomic
def change_channel(
    user: User, channel_id: UUID, values: Values, expected: Expected | None = None
) -> ChannelAccount:
    """Change some fields. Managers only; existing posts stay as they are. Raises
    Overtaken where somebody else has changed what the caller expects.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    lock(channel)
    changes = settled(expected, f"channel:{channel.pk}", stored(channel), values)
    before = set_fields(channel, changes)
    return _save(user, channel, "changed", before=before, changed=changes)


def _save(
    user: User,
    channel: ChannelAccount,
    action: str,
    *,
    before: Values | None = None,
    changed: Values | None = None,
) -> ChannelAccount:
    """Written, with the trail saying what was changed, or all of a new one."""
    check_channel(channel)
    after = stored(channel) if changed is None else changed
    try:
        with transaction.atomic():
            channel.save()
            audit.record(
                user,
                action,
                f"channel:{channel.pk}",
                workspace=channel.workspace,
                before=before,
                after=after,
            )
            events.channels_changed(channel.workspace_id)
    except IntegrityError as error:
        raise Conflict(
            f"There is already a {channel.platform_name} channel called “{channel.name}”."
        ) from error
    return channel


def stored(channel: ChannelAccount) -> Values:
    """What of a channel can be changed, and what the trail says of it."""
    return values_of(channel, FIELDS)


def check_channel(channel: ChannelAccount) -> None:
    """Raises Unprocessable for fields that no channel may have."""
    check_fields(channel)
    if channel.publisher and channel.publisher not in PUBLISHERS:
        problem = unknown_text(channel.publisher)
        raise Unprocessable("Not valid.", {"publisher": [problem]})


@transaction.atomic
def remove_channel(user: User, channel_id: UUID) -> None:
    """Delete a channel with its posts. Managers only; refused while one of its posts is
    being published.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    if channel.posts.filter(state="publishing").exists():
        raise Conflict(
            "A post of this channel is being published right now; try again in a minute."
        )
    _delete(user, channel)


def _delete(user: User, channel: ChannelAccount) -> None:
    audit.record(
        user,
        "deleted",
        f"channel:{channel.pk}",
        workspace=channel.workspace,
        before=stored(channel),
    )
    channel.delete()
    events.channels_changed(channel.workspace_id)


def top_off(user: User, workspace: Workspace, days: int) -> TopOff:
    """Add the missing slots of the next 1..90 days. Editors; raises InvalidInput for
    other numbers of days.
    """
    require_role(user, workspace, Role.EDITOR)
    if not 1 <= days <= LONGEST_HORIZON_DAYS:
        raise InvalidInput(f"Top off 1 to {LONGEST_HORIZON_DAYS} days, not {days}.")
    report = topoff.top_off(workspace, days)
    audit.record(
        user,
        "topped off",
        f"workspace:{workspace.pk}",
        workspace=workspace,
        after={"days": days, "created": report.created, "skipped": report.skipped},
    )
    return report
