"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from celery import Task, shared_task

from common.doorbell import ring_now
from fillplanner import runs


@shared_task(bind=True, name="fillplanner.run_plan")
def run_plan(self: Task, plan_id: int) -> None:
    runs.run(plan_id, worker=self.request.hostname or "in-process")


@shared_task(name="fillplanner.find_unfinished")
def find_unfinished() -> None:
    for plan_id in runs.unfinished():
        ring_now(run_plan, plan_id)
