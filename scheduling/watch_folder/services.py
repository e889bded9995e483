"""What a workspace wants of its posting queue, and the history of its watch folder."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from common.errors import Unprocessable
from common.mappings import Values
from scheduling.access import queue_settings_of
from scheduling.models import QueueSettings, WatcherEvent
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role
from workspaces.services.rows import set_fields

KEYS = {"id", "workspace"}


def change_settings(user: User, workspace: Workspace, changes: Values) -> QueueSettings:
    """Change some of the queue's settings. Managers; raises Unprocessable for values
    out of range.
    """
    require_role(user, workspace, Role.MANAGER)
    queue_settings = queue_settings_of(user, workspace)
    before = set_fields(queue_settings, changes)
    try:
        queue_settings.clean_fields(exclude=["workspace"])
    except ValidationError as error:
        raise Unprocessable("Some fields are not valid.", error.message_dict) from error
    names = {field.name for field in queue_settings._meta.fields} - KEYS
    values = {name: getattr(queue_settings, name) for name in names}
    with transaction.atomic():
        saved, _ = QueueSettings.objects.update_or_create(
            workspace=workspace, defaults=values
        )
        audit.record(
            user,
            "changed queue",
            f"workspace:{workspace.pk}",
            workspace=workspace,
            before=before,
            after=changes,
        )
    return saved


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
