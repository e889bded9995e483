"""Workspaces and their members."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from common.edits import Expected
from common.errors import Conflict, InvalidInput, Missing
from common.mappings import Values
from workspaces import audit
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role
from workspaces.selectors import membership_in, require_role
from workspaces.services.rows import (
    check_fields,
    lock,
    set_fields,
    settled,
    values_of,
)

SETTINGS = ("name", "zone", "grace_minutes")


def create_workspace(user: User, *, slug: str, name: str, zone: str) -> Workspace:
    """Make a workspace with its maker as manager. Raises Unprocessable or Conflict (slug taken)."""
    workspace = Workspace(slug=slug, name=name, zone=zone)
    check_fields(workspace)
    try:
        with transaction.atomic():
            workspace.save()
            Membership.objects.create(user=user, workspace=workspace, role=Role.MANAGER)
            audit.record(
                user,
                "created",
                f"workspace:{workspace.pk}",
                workspace=workspace,
                after={"slug": slug, "zone": zone},
            )
    except IntegrityError as error:
        raise Conflict(f"The short name “{slug}” is taken.") from error
    return workspace


def stored(workspace: Workspace) -> Values:
    """What of a workspace can be changed."""
    return values_of(workspace, SETTINGS)


def change_workspace(
    user: User, slug: str, values: Values, expected: Expected | None = None
) -> Workspace:
    """Change name, zone or grace period. Managers only. Raises Overtaken where somebody
    else has changed what the caller expects.
    """
    workspace = membership_in(user, slug).workspace
    require_role(user, workspace, Role.MANAGER)
    thing = f"workspace:{workspace.pk}"
    with transaction.atomic():
        lock(workspace)
        changes = settled(expected, thing, stored(workspace), values)
        before = set_fields(workspace, changes)
        check_fields(workspace)
        workspace.save(update_fields=list(changes))
        audit.record(
            user,
            "changed",
            thing,
            workspace=workspace,
            before=before,
            after=changes,
        )
    return workspace


def add_member(user: User, workspace: Workspace, login: str, role: Role) -> Membership:
    """Take an existing person in. Managers only; raises Missing for an unknown person,
    Conflict for a member.
    """
    require_role(user, workspace, Role.MANAGER)
    person = User.objects.by_login(login)
    if person is None:
        raise Missing(f"Nobody here is called “{login}”. They need an account first.")
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                user=person, workspace=workspace, role=role
            )
            audit.record(
                user,
                "added member",
                f"user:{person.pk}",
                workspace=workspace,
                after={"role": role},
            )
    except IntegrityError as error:
        raise Conflict(f"{person.username} is already a member.") from error
    return membership


def change_role(
    user: User,
    workspace: Workspace,
    member_id: int,
    role: Role,
    expected: Expected | None = None,
) -> Membership:
    """Give a member another role. Managers only; the last manager stays one. Raises
    Overtaken where somebody else has changed what the caller expects.
    """
    with transaction.atomic():
        membership = _other_member(
            user, workspace, member_id, keeps_manager=role is not Role.MANAGER
        )
        before = membership.role
        thing = f"user:{membership.user_id}"
        settled(expected, thing, {"role": before}, {"role": role})
        membership.role = role
        membership.save(update_fields=["role"])
        audit.record(
            user,
            "changed role",
            thing,
            workspace=workspace,
            before={"role": before},
            after={"role": role},
        )
    return membership


def remove_member(user: User, workspace: Workspace, member_id: int) -> None:
    """Take a member out. Managers only; the last manager stays."""
    with transaction.atomic():
        membership = _other_member(user, workspace, member_id, keeps_manager=True)
        audit.record(
            user,
            "removed member",
            f"user:{membership.user_id}",
            workspace=workspace,
            before={"role": membership.role},
        )
        membership.delete()


def _other_member(
    user: User, workspace: Workspace, member_id: int, *, keeps_manager: bool
) -> Membership:
    require_role(user, workspace, Role.MANAGER)
    members = list(Membership.objects.select_for_update().filter(workspace=workspace))
    membership = next((row for row in members if row.pk == member_id), None)
    if membership is None:
        raise Missing("There is no such member here.")
    managers = [row for row in members if row.role == Role.MANAGER]
    if keeps_manager and managers == [membership]:
        raise InvalidInput("A workspace needs a manager; make somebody else one first.")
    return membership


def choose_workspace(user: User, slug: str) -> Workspace:
    """Make this the workspace that the user's pages open in. Raises Missing."""
    workspace = membership_in(user, slug).workspace
    User.objects.filter(pk=user.pk).update(default_workspace=workspace)
    return workspace
