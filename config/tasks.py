"""The one task of no app: a worker showing that it is there, at its start and whenever beat asks."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task
from celery.signals import worker_ready

from common import pulse


@shared_task(bind=True, name="config.show_life")
def show_life(self: Task) -> None:
    pulse.mark_worker(self.request.hostname or "in-process")


@worker_ready.connect
def show_first_life(sender: Any, **details: Any) -> None:
    pulse.mark_worker(sender.hostname)
