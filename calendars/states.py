"""The tables of allowed moves; `docs/states.md` and the database constraints say the same."""

from __future__ import annotations

from common.states import table

PENDING, RUNNING, COMPLETED, CANCELED, FAILED = "pending", "running", "completed", "canceled", "failed"

APPLIED = "applied"

# A worker that died gives the run back; a completed one is applied once.
OPTIMIZATION = table(
    "optimisation",
    PENDING,
    pending="running failed canceled",
    running="pending completed failed canceled",
    completed="applied",
    applied="",
    failed="",
    canceled="",
)
OPTIMIZATION_OPEN = (PENDING, RUNNING)
