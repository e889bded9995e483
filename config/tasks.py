"""The one task of no app: a worker showing that it is there."""

from __future__ import annotations

from celery import Task, shared_task

from config import pulse


@shared_task(bind=True, name="config.show_life")
def show_life(self: Task) -> None:
    pulse.mark_worker(self.request.hostname or "in-process")
