from __future__ import annotations

from celery import shared_task

from workspaces.housekeeping import forget_old_replies, forget_old_sessions


@shared_task(name="workspaces.forget_old_replies")
def forget_replies() -> None:
    """Delete kept answers that are older than a day, and sessions that are over."""
    forget_old_replies()
    forget_old_sessions()
