"""Reading optimisations. Each selector takes the user."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from calendars.models import (
    OptimizationRun,
)
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import access, require_role


def optimizations_of(user: User, workspace: Workspace) -> QuerySet[OptimizationRun]:
    """The workspace's runs of the optimiser, newest first."""
    require_role(user, workspace, Role.VIEWER)
    rows: QuerySet[OptimizationRun] = OptimizationRun.objects.filter(
        workspace=workspace
    ).select_related("started_by")
    return rows.order_by("-created_at")


def access_optimization(
    user: User, run_id: UUID, needed: Role = Role.VIEWER
) -> OptimizationRun:
    """Raises Missing for an unknown or foreign run, Forbidden for a role too small."""
    rows = OptimizationRun.objects.select_related("started_by")
    return access(rows, user, run_id, needed, "Optimisation not found")
