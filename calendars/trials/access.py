"""Reading trials. Each selector takes the user."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from calendars.models import (
    Trial,
)
from common.errors import Missing
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import memberships_of, require_role


def trials_of(user: User, workspace: Workspace) -> QuerySet[Trial]:
    """The workspace's trials, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return Trial.objects.filter(workspace=workspace).order_by("-created_at")


def access_trial(user: User, trial_id: UUID, needed: Role = Role.VIEWER) -> Trial:
    """Raises Missing for an unknown or foreign trial, Forbidden for a role too small."""
    workspaces = memberships_of(user).order_by().values("workspace_id")
    trial: Trial | None = (
        Trial.objects.filter(pk=trial_id, workspace__in=workspaces)
        .select_related("workspace")
        .first()
    )
    if trial is None:
        raise Missing("Trial not found")
    require_role(user, trial.workspace, needed)
    return trial
