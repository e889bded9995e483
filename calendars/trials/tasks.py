"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from celery import shared_task

from calendars.trials import watch as trying


@shared_task(name="calendars.look_after_trials")
def look_after_trials() -> None:
    """Stop, end or go on with each running trial, as its results say."""
    trying.look_after()
