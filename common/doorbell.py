"""Ringing workers. The database is the truth: a bell that nobody hears costs seconds,
never the work.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ring(task: Task, *args: Any) -> None:
    """Send the task once the current transaction has committed. Without a broker,
    beat's next sweep finds the work.
    """
    transaction.on_commit(lambda: ring_now(task, *args))


def ring_now(task: Task, *args: Any) -> None:
    """Send the task at once; a broker that is gone is logged and forgiven."""
    try:
        task.apply_async(args, retry=False)
    except OperationalError as error:
        log.warning("bell_unheard", task=task.name, error=str(error))
