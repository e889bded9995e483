"""Deleting what has served its time."""

from __future__ import annotations

from django.utils import timezone

from common.idempotency import KEPT
from workspaces.models import StoredReply


def forget_old_replies() -> int:
    """Delete kept answers older than a day and say how many."""
    deleted, _ = StoredReply.objects.filter(
        created_at__lt=timezone.now() - KEPT
    ).delete()
    return deleted
