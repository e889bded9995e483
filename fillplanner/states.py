"""The tables of allowed moves; `docs/states.md` and the database constraints say the same."""

from __future__ import annotations

from common.states import table
from common.telling import telling_table

PENDING = "pending"
RUNNING = "running"
COMPLETED = "completed"
FAILED = "failed"

PLAN = table(
    "plan",
    PENDING,
    pending="running failed",
    # Back to pending: the worker died and another takes over.
    running="completed failed pending",
    completed="",
    failed="",
)

COMPARISON = table(
    "comparison",
    PENDING,
    # Failed before it ran: every plan of it was cancelled.
    pending="running failed",
    running="completed failed",
    completed="",
    failed="",
)

UNFINISHED = frozenset({PENDING, RUNNING})

# Of the planning queue: whether plans wait for nobody.
HEALTHY = "healthy"
DEGRADED = "degraded"

SENT = "sent"

DELIVERY = telling_table("delivery")
