from __future__ import annotations

from celery import shared_task

from workspaces.housekeeping import forget_old_replies


@shared_task(name="workspaces.forget_old_replies")
def forget_replies() -> None:
    """Delete kept answers that are older than a day."""
    forget_old_replies()
