"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from common import sweep
from scheduling.channels import sign_ins, topoff
from workspaces.models import Workspace


@shared_task(name="scheduling.top_off_everywhere")
def top_off_everywhere() -> None:
    """Fill the weeks ahead of every workspace."""
    topoff.top_off_all(Workspace.objects.order_by("pk"))


@shared_task(name=sign_ins.TELL)
def tell_sign_in_refused(channel_id: str) -> None:
    """Tell the managers of a channel that it must be reconnected."""
    sign_ins.tell_managers(UUID(channel_id))


sweep.register(sign_ins.TELL, sign_ins.untold)
