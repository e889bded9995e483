"""Ringing workers. The database is the truth: a bell that nobody hears costs seconds,
never the work.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task, current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ring(task: Task[..., Any] | str, *args: Any) -> None:
    """Send the task, itself or by its name, once the current transaction has committed.
    Without a broker, beat's next sweep finds the work.
    """
    transaction.on_commit(lambda: ring_now(task, *args))


def ring_now(task: Task[..., Any] | str, *args: Any) -> None:
    """Send the task at once; a broker that is gone is logged and forgiven."""
    bell = _task_called(task) if isinstance(task, str) else task
    try:
        bell.apply_async(args, retry=False)
    except OperationalError as error:
        log.warning("bell_unheard", task=bell.name, error=str(error))


def _task_called(name: str) -> Task[..., Any]:
    """The task, whose module may not have been imported in this process yet."""
    if name not in current_app.tasks:
        current_app.loader.import_default_modules()
    return current_app.tasks[name]
