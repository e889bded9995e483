"""Blackouts: a manager's work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from common.errors import InvalidInput, Problem, Unprocessable
from common.mappings import Values
from scheduling import access, events
from scheduling.closures import posts_inside
from scheduling.models import Blackout, Post
from scheduling.posts import services as posts
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

FIELDS = (
    "kind",
    "reason",
    "platform",
    "account",
    "post",
    "begins_local",
    "ends_local",
    "zone",
    "rule",
)
MOST_BLACKOUTS = 500


@dataclass(frozen=True)
class Inside:
    """A waiting post in a blackout, and the first free moment after it (aware)."""

    post: Post
    offer: datetime


def add_blackout(user: User, workspace: Workspace, values: Values) -> Blackout:
    """Add a blackout or override. Managers only; raises Unprocessable for fields that cannot be.

    Posts that wait inside stay where they are; `inside` lists them, `move_out` moves them.
    """
    require_role(user, workspace, Role.MANAGER)
    if Blackout.objects.filter(workspace=workspace).count() >= MOST_BLACKOUTS:
        raise InvalidInput(
            f"A workspace has at most {MOST_BLACKOUTS} blackouts; delete some that are over."
        )
    blackout = Blackout(
        workspace=workspace, made_by=user, **({"zone": workspace.zone} | values)
    )
    return _save(user, blackout, "created", {})


def change_blackout(user: User, blackout_id: UUID, values: Values) -> Blackout:
    """Change some fields. Raises as `add_blackout`."""
    blackout = access.access_blackout(user, blackout_id, Role.MANAGER)
    before = _recorded(blackout)
    for name, value in values.items():
        setattr(blackout, name, value)
    return _save(user, blackout, "changed", before)


def _save(
    user: User, blackout: Blackout, action: str, before: dict[str, str]
) -> Blackout:
    _check(blackout)
    with transaction.atomic():
        blackout.save()
        target = f"blackout:{blackout.pk}"
        audit.record(
            user,
            action,
            target,
            workspace=blackout.workspace,
            before=before,
            after=_recorded(blackout),
        )
        events.blackouts_changed(blackout.workspace_id)
    return blackout


def _check(blackout: Blackout) -> None:
    for scope in (blackout.account, blackout.post):
        if scope is not None and scope.workspace_id != blackout.workspace_id:
            raise InvalidInput("Choose a channel or post of the same workspace.")
    try:
        blackout.full_clean(exclude=["workspace", "made_by", "account", "post"])
    except ValidationError as error:
        raise Unprocessable("Not valid.", error.message_dict) from error


def _recorded(blackout: Blackout) -> dict[str, str]:
    """What the trail says of the blackout."""
    return {name: str(getattr(blackout, name) or "") for name in FIELDS}


def remove_blackout(user: User, blackout_id: UUID) -> None:
    """Delete a blackout; what it held back stays as it is. Managers."""
    blackout = access.access_blackout(user, blackout_id, Role.MANAGER)
    with transaction.atomic():
        target = f"blackout:{blackout.pk}"
        audit.record(
            user,
            "deleted",
            target,
            workspace=blackout.workspace,
            before=_recorded(blackout),
        )
        blackout.delete()
        events.blackouts_changed(blackout.workspace_id)


def inside(user: User, blackout_id: UUID) -> list[Inside]:
    """Posts that wait in the blackout, each with the first free moment after it."""
    blackout = access.access_blackout(user, blackout_id)
    if blackout.is_override:
        return []
    return [
        Inside(post, offer) for post, _, offer in posts_inside(blackout, timezone.now())
    ]


def move_out(user: User, blackout_id: UUID) -> tuple[int, list[str]]:
    """Move every post inside to the moment offered. How many were moved, and why others
    were not.
    """
    access.access_blackout(user, blackout_id, Role.EDITOR)
    moved = 0
    problems = []
    for waiting in inside(user, blackout_id):
        try:
            posts.move(user, waiting.post, waiting.offer)
            moved += 1
        except Problem as problem:
            problems.append(
                f"{waiting.post.content.title}, {waiting.post.account.name}: {problem.message}"
            )
    return moved, problems
