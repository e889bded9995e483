"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import Task, shared_task

from common import sweep
from common.doorbell import ring_now
from scheduling.writing import worker as writing


@shared_task(bind=True, name="scheduling.write_texts")
def write_texts(self: Task[Any, Any], run_id: str) -> None:
    """Write the next part of a run's texts, and ring again while there is more."""
    if writing.run(UUID(run_id), worker=self.request.hostname or "in-process"):
        ring_now(write_texts, run_id)


sweep.register("scheduling.write_texts", writing.WORK.unfinished)
