"""Looking for work that nobody heard of: a bell is lost with its broker or its worker,
the work is still in the database.

A feature registers, beside its task, how ids of such work are found. One task of beat
rings for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import structlog

from common.doorbell import ring_now

log = structlog.get_logger(__name__)

Finder = Callable[[], Sequence[Any]]

FINDERS: dict[str, Finder] = {}


def register(task: str, find: Finder) -> None:
    """Have the task of that name rung with each id that `find` returns, one at a time."""
    FINDERS[task] = find


def ring_unheard() -> None:
    """Ring for everything that is found. One kind that fails is logged, and keeps no
    other from being rung for.
    """
    for task, find in FINDERS.items():
        try:
            ring_for(task, find)
        except Exception:
            log.exception("sweep_failed", task=task)


def ring_for(task: str, find: Finder) -> None:
    """Ring the task for each id; a message carries a UUID as text."""
    for found_id in find():
        ring_now(task, str(found_id) if isinstance(found_id, UUID) else found_id)
