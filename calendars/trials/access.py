"""Reading trials. Each selector takes the user."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, QuerySet

from calendars.models import RecommendedScheduleSlot, Trial
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import access, require_role


def trials_of(user: User, workspace: Workspace) -> QuerySet[Trial]:
    """The workspace's trials, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return Trial.objects.filter(workspace=workspace).order_by("-created_at")


def access_trial(user: User, trial_id: UUID, needed: Role = Role.VIEWER) -> Trial:
    """Raises Missing for an unknown or foreign trial, Forbidden for a role too small."""
    return access(Trial.objects.all(), user, trial_id, needed, "Trial not found")


def recommended_slots_of(
    user: User, workspace: Workspace
) -> QuerySet[RecommendedScheduleSlot]:
    """The times that trials recommended for posts instead of their own, with those posts
    and their channels.
    """
    require_role(user, workspace, Role.VIEWER)
    rows = RecommendedScheduleSlot.objects.filter(
        trial__workspace=workspace, time_after__isnull=False
    )
    others = rows.exclude(time_after=F("time_before"))
    return others.select_related("trial", "post__account")
