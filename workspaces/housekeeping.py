"""Deleting what has served its time."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.utils import timezone

from common.idempotency import KEPT
from workspaces.models import StoredReply


def forget_old_replies() -> int:
    """Delete kept answers older than a day and say how many."""
    deleted, _ = StoredReply.objects.filter(
        created_at__lt=timezone.now() - KEPT
    ).delete()
    return deleted


def forget_old_sessions() -> int:
    """Delete sessions that are over, with what was kept in them, and say how many."""
    deleted, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return deleted
