"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from uuid import UUID

from celery import Task, shared_task

from calendars.optimiser import worker as optimising
from common.doorbell import ring_now


@shared_task(bind=True, name="calendars.optimise_times")
def optimise_times(self: Task, run_id: str) -> None:
    optimising.run(UUID(run_id), worker=self.request.hostname or "in-process")


@shared_task(name="calendars.find_unoptimised")
def find_unoptimised() -> None:
    for run_id in optimising.WORK.unfinished():
        ring_now(optimise_times, str(run_id))
