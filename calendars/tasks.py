from __future__ import annotations

from uuid import UUID

from celery import Task, shared_task

from calendars import optimising, runs
from common.doorbell import ring_now


@shared_task(name="calendars.forget_old_measurements")
def forget_old_measurements() -> None:
    runs.forget_old_measurements()


@shared_task(bind=True, name="calendars.optimise_times")
def optimise_times(self: Task, run_id: str) -> None:
    optimising.run(UUID(run_id), worker=self.request.hostname or "in-process")


@shared_task(name="calendars.find_unoptimised")
def find_unoptimised() -> None:
    for run_id in optimising.unfinished():
        ring_now(optimise_times, str(run_id))
