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
from workspaces.services.rows import set_fields

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

    @property
    def name(self) -> str:
        """What messages call the post: its title and its channel."""
        return f"{self.post.content.title}, {self.post.account.name}"


def add_blackout(user: User, workspace: Workspace, values: Values) -> Blackout:
    """Add a blackout or override. Managers only; raises Unprocessable for fields that cannot be.

    Posts that wait inside stay where they are; `inside` lists them, `move_out` moves them.
    """
    require_role(user, workspace, Role.MANAGER)
    _check_room(workspace)
    blackout = Blackout(
        workspace=workspace, made_by=user, **({"zone": workspace.zone} | values)
    )
    return _save(user, blackout, "created", {})


def _check_room(workspace: Workspace) -> None:
    if Blackout.objects.filter(workspace=workspace).count() >= MOST_BLACKOUTS:
        raise InvalidInput(
            f"A workspace has at most {MOST_BLACKOUTS} blackouts; delete some that are over."
        )


def change_blackout(user: User, blackout_id: UUID, values: Values) -> Blackout:
    """Change some fields. Raises as `add_blackout`."""
    blackout = access.access_blackout(user, blackout_id, Role.MANAGER)
    before = _recorded(blackout)
    set_fields(blackout, values)
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
    _check_scope(blackout)
    try:
        blackout.full_clean(exclude=["workspace", "made_by", "account", "post"])
    except ValidationError as error:
        raise Unprocessable("Not valid.", error.message_dict) from error


def _check_scope(blackout: Blackout) -> None:
    for scope in (blackout.account, blackout.post):
        if scope is not None and scope.workspace_id != blackout.workspace_id:
            raise InvalidInput("Choose a channel or post of the same workspace.")


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
    waiting = inside(user, blackout_id)
    refusals = [_moved(user, each) for each in waiting]
    problems = [text for text in refusals if text]
    return len(waiting) - len(problems), problems


def _moved(user: User, waiting: Inside) -> str:
    """Blank once the post is at the moment offered, else why it is not."""
    try:
        posts.move(user, waiting.post, waiting.offer)
    except Problem as problem:
        return f"{waiting.name}: {problem.message}"
    return ""
