"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from common import sweep
from common.doorbell import ring_now
from fillplanner import runs
from fillplanner.notices import deliveries


@shared_task(bind=True, name="fillplanner.run_plan")
def run_plan(self: Task[Any, Any], plan_id: int) -> None:
    runs.run(plan_id, worker=self.request.hostname or "in-process")
    ring_for_deliveries()


@shared_task(name="fillplanner.deliver")
def deliver(delivery_id: int) -> None:
    deliveries.deliver(delivery_id)


@shared_task(name="fillplanner.forget_deliveries")
def forget_deliveries() -> None:
    deliveries.forget_old()


def ring_for_deliveries() -> None:
    for delivery_id in deliveries.due():
        ring_now(deliver, delivery_id)


sweep.register("fillplanner.run_plan", runs.unfinished)
sweep.register("fillplanner.deliver", deliveries.due)
