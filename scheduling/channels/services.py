"""Channel accounts and their slots: a manager's work."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from common.errors import Conflict, InvalidInput, Unprocessable
from common.mappings import Values
from scheduling import events
from scheduling.access import access_channel
from scheduling.channels import topoff
from scheduling.channels.topoff import LONGEST_HORIZON_DAYS, TopOff
from scheduling.models import ChannelAccount
from scheduling.networks.registry import PUBLISHERS
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

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
    _save(user, channel, "created", before={})
    return channel


def change_channel(user: User, channel_id: UUID, values: Values) -> ChannelAccount:
    """Change some fields. Managers only; existing posts stay as they are."""
    channel = access_channel(user, channel_id, Role.MANAGER)
    before = {name: getattr(channel, name) for name in values}
    for name, value in values.items():
        setattr(channel, name, value)
    _save(user, channel, "changed", before=before, changed=values)
    return channel


def _save(
    user: User,
    channel: ChannelAccount,
    action: str,
    *,
    before: Values,
    changed: Values | None = None,
) -> None:
    check_channel(channel)
    after = changed
    if after is None:
        after = {name: getattr(channel, name) for name in FIELDS}
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


def check_channel(channel: ChannelAccount) -> None:
    """Raises Unprocessable for fields that no channel may have."""
    try:
        channel.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise Unprocessable("Some fields are not valid.", error.message_dict) from error
    if channel.publisher and channel.publisher not in PUBLISHERS:
        names = ", ".join(PUBLISHERS)
        problem = f"There is no publisher “{channel.publisher}”; known: {names}."
        raise Unprocessable("Not valid.", {"publisher": [problem]})


def remove_channel(user: User, channel_id: UUID) -> None:
    """Delete a channel with its posts. Managers only; refused while one of its posts is
    being published.
    """
    channel = access_channel(user, channel_id, Role.MANAGER)
    with transaction.atomic():
        if channel.posts.filter(state="publishing").exists():
            raise Conflict(
                "A post of this channel is being published right now; try again in a minute."
            )
        before = {name: getattr(channel, name) for name in FIELDS}
        audit.record(
            user,
            "deleted",
            f"channel:{channel.pk}",
            workspace=channel.workspace,
            before=before,
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
