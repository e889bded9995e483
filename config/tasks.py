"""Tasks of no app: a worker showing that it is there, and the look into watch folders where nobody watches them."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task
from celery.signals import worker_ready

from common import pulse
from scheduling import watching


@shared_task(bind=True, name="config.show_life")
def show_life(self: Task) -> None:
    pulse.mark_worker(self.request.hostname or "in-process")


@shared_task(name="config.look_into_watch_folders")
def look_into_watch_folders() -> None:
    # A folder is a door like a page: it is above the services that it calls, and above the app's own tasks.
    watching.scan_all()


@worker_ready.connect
def show_first_life(sender: Any, **details: Any) -> None:
    pulse.mark_worker(sender.hostname)
