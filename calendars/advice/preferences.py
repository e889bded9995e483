"""Preferences: a person's own, or the workspace's, which is a manager's work."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from calendars.models import Preferences
from common.edits import Expected
from common.errors import Missing, Unprocessable
from common.mappings import Values
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role
from workspaces.services.rows import lock, set_fields, settled, values_of

WISHES = (
    "zone",
    "per_day_most",
    "per_week_least",
    "per_week_most",
    "gap_hours",
    "weekdays_off",
    "hours_off",
    "quality_threshold",
)


def stored(row: Preferences) -> Values:
    """What a row wishes."""
    return values_of(row, WISHES)


def prefer(
    user: User,
    workspace: Workspace,
    values: Values,
    *,
    platform: str = "",
    format_: str = "",
    own: bool = True,
    expected: Expected | None = None,
) -> Preferences:
    """Keep the wishes for a platform and format, or all; what is not named stays.
    Raises Unprocessable, and Overtaken where somebody else has changed what the caller
    expects.
    """
    require_role(user, workspace, Role.VIEWER if own else Role.MANAGER)
    scope = {
        "workspace": workspace,
        "user": user if own else None,
        "platform": platform,
        "format": format_,
    }
    with transaction.atomic():
        # Two may make the first row at once: the workspace lets one pass.
        lock(workspace)
        row = Preferences.objects.filter(**scope).first() or Preferences(**scope)
        changes = settled(expected, f"preferences:{row.pk}", stored(row), values)
        before = set_fields(row, changes)
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
            after=changes,
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
