"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from celery import shared_task

from scheduling.channels import topoff
from workspaces.models import Workspace


@shared_task(name="scheduling.top_off_everywhere")
def top_off_everywhere() -> None:
    """Fill the weeks ahead of every workspace."""
    topoff.top_off_all(Workspace.objects.order_by("pk"))
