"""Reading workspaces, members, tokens and the trail: each selector takes the user and
gives what that user may see.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from common.errors import Forbidden, Missing
from workspaces.models import ApiToken, AuditEntry, Membership, User, Workspace
from workspaces.roles import Role


def memberships_of(user: Any) -> QuerySet[Membership]:
    """The user's memberships; a token bound to one workspace sees only that one."""
    if not user.is_authenticated:
        return Membership.objects.none()
    rows = (
        Membership.objects.filter(user=user)
        .select_related("workspace")
        .order_by("workspace__name")
    )
    return (
        rows
        if user.bound_workspace_id is None
        else rows.filter(workspace=user.bound_workspace_id)
    )


def membership_in(user: Any, slug: str) -> Membership:
    """The user's membership in the workspace called `slug`. Raises Missing: others'
    workspaces do not show.
    """
    membership = memberships_of(user).filter(workspace__slug=slug).first()
    if membership is None:
        raise Missing(f"There is no workspace “{slug}” that you belong to.")
    return membership


def access_workspace(user: Any, slug: str, needed: Role = Role.VIEWER) -> Workspace:
    """The workspace, if the user's role there covers `needed`. Raises Missing or Forbidden."""
    membership = membership_in(user, slug)
    require(membership, needed)
    return membership.workspace


def require(membership: Membership, needed: Role) -> None:
    """Raises Forbidden when the member's role is too small."""
    if not Role(membership.role).covers(needed):
        raise Forbidden(
            f"Your role here is {membership.role}; this needs {needed.value}."
        )


def require_role(user: Any, workspace: Workspace, needed: Role) -> None:
    """As `require`, for a workspace at hand. Raises Missing when the user does not belong to it."""
    require(membership_in(user, workspace.slug), needed)


def current_membership(user: Any, chosen: str | None) -> Membership | None:
    """The membership that pages work in: the chosen workspace, else the user's default,
    else the first.
    """
    rows = list(memberships_of(user))
    by_slug = {row.workspace.slug: row for row in rows}
    by_id = {row.workspace_id: row for row in rows}
    default: int = getattr(user, "default_workspace_id", None) or 0
    return by_slug.get(chosen or "") or by_id.get(default) or next(iter(rows), None)


def members_of(user: Any, workspace: Workspace) -> QuerySet[Membership]:
    membership_in(user, workspace.slug)
    return Membership.objects.filter(workspace=workspace).select_related("user")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user).select_related("workspace")


def audit_trail(user: Any, workspace: Workspace) -> QuerySet[AuditEntry]:
    """The workspace's entries, newest first, for its managers."""
    require_role(user, workspace, Role.MANAGER)
    return AuditEntry.objects.filter(workspace=workspace).order_by("-id")
