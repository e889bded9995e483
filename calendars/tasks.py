"""Celery tasks: an id in, one call, nothing else. A lost message costs a second: the
database knows what lags.
"""

from __future__ import annotations

from uuid import UUID

from celery import Task, shared_task

from calendars import bulk, callbacks, following, housekeeping, optimising, runs, trying
from common.doorbell import ring_now


@shared_task(name="calendars.find_lagging")
def find_lagging() -> None:
    for calendar_id in following.lagging():
        ring_now(follow, str(calendar_id))


@shared_task(name="calendars.follow")
def follow(calendar_id: str) -> None:
    following.follow(UUID(calendar_id))
    ring_for_callbacks()


@shared_task(name="calendars.call_back")
def call_back(callback_id: int) -> None:
    callbacks.call_back(callback_id)


@shared_task(name="calendars.find_callbacks")
def find_callbacks() -> None:
    ring_for_callbacks()


@shared_task(name="calendars.forget_old_measurements")
def forget_old_measurements() -> None:
    runs.forget_old_measurements()
    runs.age_weeks()


@shared_task(bind=True, name="calendars.optimise_times")
def optimise_times(self: Task, run_id: str) -> None:
    optimising.run(UUID(run_id), worker=self.request.hostname or "in-process")


@shared_task(name="calendars.find_unoptimised")
def find_unoptimised() -> None:
    for run_id in optimising.WORK.unfinished():
        ring_now(optimise_times, str(run_id))


@shared_task(bind=True, name="calendars.place_videos")
def place_videos(self: Task, run_id: str) -> None:
    if bulk.run(UUID(run_id), worker=self.request.hostname or "in-process"):
        ring_now(place_videos, run_id)


@shared_task(name="calendars.find_unplaced")
def find_unplaced() -> None:
    for run_id in bulk.WORK.unfinished():
        ring_now(place_videos, str(run_id))


@shared_task(name="calendars.look_after_trials")
def look_after_trials() -> None:
    trying.look_after()


@shared_task(name="calendars.forget_old")
def forget_old() -> None:
    housekeeping.forget_old()


def ring_for_callbacks() -> None:
    for callback_id in callbacks.due():
        ring_now(call_back, callback_id)
