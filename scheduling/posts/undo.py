"""Taking back what was just done to posts, where nobody has touched them since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.errors import Conflict
from scheduling.domain import states
from scheduling.models import Post
from scheduling.posts import services as posts
from scheduling.posts.bulk import Changed, Report, each
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import reached

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
    steps = []
    for change in changed:
        before = change.before
        after = change.after
        if before.state == after.state and before.scheduled_at is not None:
            steps.append(Step(after.pk, after.updated_at, before.scheduled_at))
        elif (before.state, after.state) == (states.DRAFT, states.SCHEDULED):
            steps.append(Step(after.pk, after.updated_at, None))
    return steps


def take_back(user: User, workspace: Workspace, steps: Sequence[Step]) -> Report:
    """Undo the steps of one act, the last first; each post goes back or is reported.
    Posts that are gone are left out.

    Raises Forbidden for those who may not edit.
    """
    by_post = {step.post_id: step for step in steps}
    rows = Post.objects.for_display().filter(workspace=workspace, pk__in=by_post)
    reachable = {post.pk: post for post in reached(rows, user, workspace, Role.EDITOR)}
    last_first = [reachable[key] for key in reversed(by_post) if key in reachable]
    return each(last_first, lambda post: _taken_back(user, post, by_post[post.pk]))


def _taken_back(user: User, post: Post, step: Step) -> Post:
    """Within a transaction: the row is ours from the comparison on. Raises Conflict for
    a post that was changed.
    """
    same = Post.objects.filter(pk=post.pk, updated_at=step.version)
    if not same.select_for_update(no_key=True).exists():
        raise Conflict(TOUCHED)
    if step.before is None:
        return posts.unschedule(user, post)
    return posts.move(user, post, step.before)
