"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from uuid import UUID

from celery import Task, shared_task

from calendars.optimiser import worker as optimising
from common import sweep


@shared_task(bind=True, name="calendars.optimise_times")
def optimise_times(self: Task[..., None], run_id: str) -> None:
    """Work at an optimisation, unless another worker does."""
    optimising.run(UUID(run_id), worker=self.request.hostname or "in-process")


sweep.register("calendars.optimise_times", optimising.WORK.unfinished)
