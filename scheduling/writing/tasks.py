"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import Task, shared_task

from common.doorbell import ring_now
from scheduling.writing import worker as writing


@shared_task(bind=True, name="scheduling.write_texts")
def write_texts(self: Task[Any, Any], run_id: str) -> None:
    if writing.run(UUID(run_id), worker=self.request.hostname or "in-process"):
        ring_now(write_texts, run_id)


@shared_task(name="scheduling.find_unwritten")
def find_unwritten() -> None:
    for run_id in writing.WORK.unfinished():
        ring_now(write_texts, str(run_id))
