"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from uuid import UUID

from celery import Task, shared_task

from calendars.video_batches import worker as bulk
from common import sweep
from common.doorbell import ring_now


@shared_task(bind=True, name="calendars.place_videos")
def place_videos(self: Task[..., None], run_id: str) -> None:
    """Place the next part of a bulk run, and ring again while there is more."""
    if bulk.run(UUID(run_id), worker=self.request.hostname or "in-process"):
        ring_now(place_videos, run_id)


sweep.register("calendars.place_videos", bulk.WORK.unfinished)
