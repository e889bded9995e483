"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from celery import shared_task

from calendars.results import upkeep


@shared_task(name="calendars.forget_old_measurements")
def forget_old_measurements() -> None:
    upkeep.forget_old_measurements()
    upkeep.age_weeks()
