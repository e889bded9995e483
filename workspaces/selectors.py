"""Reading workspaces, members, tokens and the trail: each selector takes the user and
gives what that user may see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeVar, cast

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Model, QuerySet

from common.errors import Forbidden, Missing
from common.mappings import Values
from workspaces.models import ApiToken, AuditEntry, Membership, User, Workspace
from workspaces.roles import Role

Row = TypeVar("Row", bound=Model)


def memberships_of(user: User | AnonymousUser) -> QuerySet[Membership]:
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


def membership_in(user: User, slug: str) -> Membership:
    """The user's membership in the workspace called `slug`. Raises Missing: others'
    workspaces do not show.
    """
    membership = memberships_of(user).filter(workspace__slug=slug).first()
    if membership is None:
        raise Missing(f"There is no workspace “{slug}” that you belong to.")
    return membership


def access_workspace(user: User, slug: str, needed: Role = Role.VIEWER) -> Workspace:
    """The workspace, if the user's role there covers `needed`. Raises Missing or Forbidden."""
    membership = membership_in(user, slug)
    require(membership, needed)
    return membership.workspace


def require(membership: Membership, needed: Role) -> None:
    """Raises Forbidden when the member's role is too small."""
    _require(membership.role, needed)


def _require(role: str, needed: Role) -> None:
    if not Role(role).covers(needed):
        raise Forbidden(f"Your role here is {role}; this needs {needed.value}.")


def require_role(user: User, workspace: Workspace, needed: Role) -> None:
    """As `require`, for a workspace at hand. Raises Missing when the user does not belong to it."""
    require(membership_in(user, workspace.slug), needed)


def access(
    rows: QuerySet[Row], user: User, key: Any, needed: Role, missing: str
) -> Row:
    """The one of the rows with this key, with its workspace, in one query.

    `rows` are of a model with a `workspace`. Raises Missing with the text `missing` for
    an unknown row and for one of others' workspaces, Forbidden for a role too small.
    """
    if not user.is_authenticated:
        raise Missing(missing)
    reach: Values = {"workspace__memberships__user": user}
    if user.bound_workspace_id is not None:
        reach["workspace"] = user.bound_workspace_id
    own_role = F("workspace__memberships__role")
    reachable = rows.filter(pk=key, **reach).annotate(own_role=own_role)
    row: Any = reachable.select_related("workspace").first()
    if row is None:
        raise Missing(missing)
    row.reached_by = user.pk
    _require(row.own_role, needed)
    return cast(Row, row)


def allow(user: User, row: Any, needed: Role) -> None:
    """Raises what `access` does; no query for a row that it gave to this user."""
    if row.__dict__.get("reached_by") == user.pk:
        _require(row.own_role, needed)
    else:
        require_role(user, row.workspace, needed)


def reached(
    rows: Iterable[Row], user: User, workspace: Workspace, needed: Role
) -> list[Row]:
    """Rows of the workspace, each as if `access` had given it to the user. Raises what
    `require_role` does.
    """
    membership = membership_in(user, workspace.slug)
    require(membership, needed)
    of_workspace: list[Any] = list(rows)
    for row in of_workspace:
        row.reached_by = user.pk
        row.own_role = membership.role
        row.workspace = workspace
    return of_workspace


def current_membership(
    user: User | AnonymousUser, chosen: str | None
) -> Membership | None:
    """The membership that pages work in: the chosen workspace, else the user's default,
    else the first.
    """
    rows = list(memberships_of(user))
    default: int | None = getattr(user, "default_workspace_id", None)
    for row in rows:
        if chosen and row.workspace.slug == chosen:
            return row
    for row in rows:
        if default and row.workspace_id == default:
            return row
    return rows[0] if rows else None


def members_of(user: User, workspace: Workspace) -> QuerySet[Membership]:
    """Who belongs to a workspace. Raises Missing for those who do not."""
    membership_in(user, workspace.slug)
    return Membership.objects.filter(workspace=workspace).select_related("user")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The person's own, each with the workspace that it reaches."""
    tokens: QuerySet[ApiToken] = ApiToken.objects.filter(user=user)
    return tokens.select_related("workspace")


MOST_ENTRIES_SEARCHED = 50


def last_change(things: Collection[str], names: Collection[str]) -> AuditEntry | None:
    """The latest entry that tells of one of these values of the things; None where none
    does. Whoever asks may see them.

    A name with a point stands for a part of the value that is called as before it.
    """
    whole = {name.partition(".")[0] for name in names}
    entries = AuditEntry.objects.filter(thing__in=things).select_related("actor")
    latest = entries.order_by("-id")[:MOST_ENTRIES_SEARCHED]
    told = (entry for entry in latest if whole & {*entry.before, *entry.after})
    return next(told, None)


def audit_trail(user: User, workspace: Workspace) -> QuerySet[AuditEntry]:
    """The workspace's entries, newest first, for its managers."""
    require_role(user, workspace, Role.MANAGER)
    return AuditEntry.objects.filter(workspace=workspace).order_by("-id")
