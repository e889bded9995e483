"""What a workspace wants of its posting queue, and the history of its watch folder."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from common.edits import Expected
from common.errors import Unprocessable
from common.mappings import Values
from scheduling.access import queue_settings_of
from scheduling.models import QueueSettings, WatcherEvent
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role
from workspaces.services.rows import lock, set_fields, settled, values_of

FIELDS = (
    "auto_plan",
    "spacing_hours",
    "offset_hours",
    "platforms",
    "watching",
)


def stored(queue_settings: QueueSettings) -> Values:
    """What of the settings can be changed."""
    return values_of(queue_settings, FIELDS)


def change_settings(
    user: User,
    workspace: Workspace,
    values: Values,
    expected: Expected | None = None,
) -> QueueSettings:
    """Change some of the queue's settings. Managers; raises Unprocessable for values
    out of range, and Overtaken where somebody else has changed what the caller expects.
    """
    require_role(user, workspace, Role.MANAGER)
    thing = f"workspace:{workspace.pk}"
    with transaction.atomic():
        # Two may make the first settings at once: the workspace lets one pass.
        lock(workspace)
        queue_settings = queue_settings_of(user, workspace)
        changes = settled(expected, thing, stored(queue_settings), values)
        before = set_fields(queue_settings, changes)
        _check(queue_settings)
        queue_settings.save()
        audit.record(
            user,
            "changed queue",
            thing,
            workspace=workspace,
            before=before,
            after=changes,
        )
    return queue_settings


def _check(queue_settings: QueueSettings) -> None:
    try:
        queue_settings.clean_fields(exclude=["workspace"])
    except ValidationError as error:
        raise Unprocessable("Some fields are not valid.", error.message_dict) from error


def clear_history(user: User, workspace: Workspace) -> int:
    """Forget what the watcher told. Editors; returns how many events there were."""
    require_role(user, workspace, Role.EDITOR)
    with transaction.atomic():
        count, _ = WatcherEvent.objects.filter(workspace=workspace).delete()
        facts = {"events": count}
        audit.record(
            user,
            "cleared watcher history",
            f"workspace:{workspace.pk}",
            workspace=workspace,
            after=facts,
        )
    return count
