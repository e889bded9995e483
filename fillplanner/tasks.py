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
    """Make a plan, unless another worker does, and send the notices of it."""
    runs.run(plan_id, worker=self.request.hostname or "in-process")
    ring_for_deliveries()


@shared_task(name="fillplanner.deliver")
def deliver(delivery_id: int) -> None:
    """Try once to deliver a notice."""
    deliveries.deliver(delivery_id)


@shared_task(name="fillplanner.forget_deliveries")
def forget_deliveries() -> None:
    """Delete deliveries that have been kept long enough."""
    deliveries.forget_old()


def ring_for_deliveries() -> None:
    """Ring for each delivery whose time has come."""
    for delivery_id in deliveries.due():
        ring_now(deliver, delivery_id)


sweep.register("fillplanner.run_plan", runs.unfinished)
sweep.register("fillplanner.deliver", deliveries.due)
