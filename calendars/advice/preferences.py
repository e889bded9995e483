"""Preferences: a person's own, or the workspace's, which is a manager's work."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from calendars.models import Preferences
from common.errors import Missing, Unprocessable
from common.mappings import Values
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role


def prefer(
    user: User,
    workspace: Workspace,
    values: Values,
    *,
    platform: str = "",
    format_: str = "",
    own: bool = True,
) -> Preferences:
    """Keep the wishes for a platform and format, or all; what is not named stays.
    Raises Unprocessable.
    """
    require_role(user, workspace, Role.VIEWER if own else Role.MANAGER)
    scope = {
        "workspace": workspace,
        "user": user if own else None,
        "platform": platform,
        "format": format_,
    }
    with transaction.atomic():
        row = Preferences.objects.select_for_update().filter(
            **scope
        ).first() or Preferences(**scope)
        before = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        try:
            row.full_clean()
        except ValidationError as error:
            raise Unprocessable("Not valid.", error.message_dict) from error
        row.save()
        audit.record(
            user,
            "preferred",
            f"preferences:{row.pk}",
            workspace=workspace,
            before=before,
            after=values,
        )
    return row


def forget(user: User, workspace: Workspace, preferences_id: int) -> None:
    """Delete a row of wishes: one's own, or, as a manager, the workspace's. Raises
    Missing for others.
    """
    row = Preferences.objects.filter(
        pk=preferences_id, workspace=workspace, user__in=[user]
    ).first()
    row = (
        row
        or Preferences.objects.filter(
            pk=preferences_id, workspace=workspace, user=None
        ).first()
    )
    if row is None:
        raise Missing("Preferences not found")
    require_role(user, workspace, Role.VIEWER if row.user_id else Role.MANAGER)
    with transaction.atomic():
        audit.record(
            user,
            "deleted",
            f"preferences:{row.pk}",
            workspace=workspace,
            before={"scope": str(row)},
        )
        row.delete()
