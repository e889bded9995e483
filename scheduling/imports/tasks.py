"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import Task, shared_task

from common import sweep
from common.doorbell import ring_now
from scheduling.imports import worker as importing


@shared_task(bind=True, name="scheduling.import_posts")
def import_posts(self: Task[Any, Any], run_id: str) -> None:
    """Import the next part of a file, and ring again while there is more."""
    if importing.run(UUID(run_id), worker=self.request.hostname or "in-process"):
        ring_now(import_posts, run_id)


sweep.register("scheduling.import_posts", importing.WORK.unfinished)
