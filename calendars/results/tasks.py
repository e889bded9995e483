"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from celery import shared_task

from calendars.results import upkeep


@shared_task(name="calendars.forget_old_measurements")
def forget_old_measurements() -> None:
    """Delete what has been kept long enough, and let older weeks count no longer."""
    upkeep.forget_old_measurements()
    upkeep.age_weeks()
