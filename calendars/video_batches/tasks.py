"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from uuid import UUID

from celery import Task, shared_task

from calendars.video_batches import worker as bulk
from common.doorbell import ring_now


@shared_task(bind=True, name="calendars.place_videos")
def place_videos(self: Task, run_id: str) -> None:
    if bulk.run(UUID(run_id), worker=self.request.hostname or "in-process"):
        ring_now(place_videos, run_id)


@shared_task(name="calendars.find_unplaced")
def find_unplaced() -> None:
    for run_id in bulk.WORK.unfinished():
        ring_now(place_videos, str(run_id))
