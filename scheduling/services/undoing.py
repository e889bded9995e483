"""Taking back what was just done to posts, where nobody has touched them since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from common.errors import Conflict
from scheduling import states
from scheduling.models import Post
from scheduling.selectors import posts_of
from scheduling.services import posts
from scheduling.services.shifting import Changed, Report, each
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

TOUCHED = "Somebody or something changed it since."


@dataclass(frozen=True)
class Step:
    """A post's version after it was changed, and what leads back: its old time, or None
    for being a draft again.
    """

    post_id: UUID
    version: datetime
    before: datetime | None


def steps_of(changed: Iterable[Changed]) -> list[Step]:
    """What can be taken back: moves, and scheduling of what was a draft. Nothing leads
    back from other states.
    """
    return [
        Step(
            one.after.pk,
            one.after.updated_at,
            one.before.scheduled_at if _is_move(one) else None,
        )
        for one in changed
        if _is_move(one)
        or (one.before.state, one.after.state) == (states.DRAFT, states.SCHEDULED)
    ]


def _is_move(one: Changed) -> bool:
    return one.before.state == one.after.state and one.before.scheduled_at is not None


def take_back(user: User, workspace: Workspace, steps: Sequence[Step]) -> Report:
    """Undo the steps of one act, the last first; each post goes back or is reported.
    Posts that are gone are left out.

    Raises Forbidden for those who may not edit.
    """
    require_role(user, workspace, Role.EDITOR)
    by_post = {step.post_id: step for step in steps}
    found = posts_of(user, workspace).in_bulk(by_post)
    return each(
        [found[key] for key in reversed(by_post) if key in found],
        lambda post: _taken_back(user, by_post[post.pk]),
    )


def _taken_back(user: User, step: Step) -> Post:
    """Within a transaction: the row is ours from the comparison on. Raises Conflict for
    a post that was changed.
    """
    same = Post.objects.filter(pk=step.post_id, updated_at=step.version)
    if not same.update(rung_at=F("rung_at")):
        raise Conflict(TOUCHED)
    return (
        posts.move(user, step.post_id, step.before)
        if step.before
        else posts.hold(user, step.post_id)
    )
