"""Making and ending the links by which calendar programs read posts."""

from __future__ import annotations

from django.db import transaction

from scheduling.models.feeds import CalendarFeed, new_nonce
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role


def make_feed(user: User, workspace: Workspace) -> CalendarFeed:
    """The person's own link to the workspace's posts. Where there is one, a new one
    takes its place at once.
    """
    require_role(user, workspace, Role.VIEWER)
    with transaction.atomic():
        feed, _ = CalendarFeed.objects.update_or_create(
            user=user,
            workspace=workspace,
            defaults={"nonce": new_nonce(), "read_at": None},
        )
        audit.record(user, "made calendar link", f"feed:{feed.pk}", workspace=workspace)
    return feed


def end_feed(user: User, workspace: Workspace) -> None:
    """Make the person's link worthless; without one nothing happens."""
    require_role(user, workspace, Role.VIEWER)
    with transaction.atomic():
        for feed in CalendarFeed.objects.filter(user=user, workspace=workspace):
            audit.record(
                user, "ended calendar link", f"feed:{feed.pk}", workspace=workspace
            )
            feed.delete()
