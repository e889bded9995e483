from __future__ import annotations

from celery import shared_task

from calendars import runs


@shared_task(name="calendars.forget_old_measurements")
def forget_old_measurements() -> None:
    runs.forget_old_measurements()
