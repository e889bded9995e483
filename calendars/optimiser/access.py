"""Reading optimisations. Each selector takes the user."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from calendars.models import (
    OptimizationRun,
)
from common.errors import Missing
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import memberships_of, require_role


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
    workspaces = memberships_of(user).order_by().values("workspace_id")
    rows = OptimizationRun.objects.filter(pk=run_id, workspace__in=workspaces)
    run: OptimizationRun | None = rows.select_related("workspace", "started_by").first()
    if run is None:
        raise Missing("Optimisation not found")
    require_role(user, run.workspace, needed)
    return run
