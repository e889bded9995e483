"""The tables of allowed moves; `docs/states.md` and the database constraints say the same."""

from __future__ import annotations

from collections.abc import Mapping

from common.states import run_table, table
from common.telling import telling_table
from scheduling.domain import states as posting

PENDING = "pending"
RUNNING = "running"
OPTIMIZING = "optimizing"
COMPLETING = "completing"
CANCELING = "canceling"
COMPLETED = "completed"
CANCELED = "canceled"
FAILED = "failed"

CALENDAR = table(
    "calendar",
    PENDING,
    pending="running canceling failed",
    running="optimizing completing canceling failed",
    optimizing="running completing canceling failed",
    completing="completed failed",
    canceling="canceled failed",
    completed="",
    canceled="",
    failed="",
)
CANCELABLE = (PENDING, RUNNING, OPTIMIZING)
CALENDAR_OPEN = tuple(
    state for state in CALENDAR.states if state not in CALENDAR.terminal
)

SCHEDULED = "scheduled"
PUBLISHED = "published"
SKIPPED = "skipped"

ITEM = table(
    "calendar item",
    PENDING,
    pending="scheduled skipped failed canceled",
    scheduled="published skipped failed canceled",
    published="",
    skipped="",
    failed="",
    canceled="",
)
ITEM_OPEN = (PENDING, SCHEDULED)

# The state that an item comes to when its post is in this one.
FOLLOWS: Mapping[str, str] = {
    posting.PLANNED: PENDING,
    posting.DRAFT: PENDING,
    posting.SCHEDULED: SCHEDULED,
    posting.PUBLISHING: SCHEDULED,
    posting.UNCERTAIN: SCHEDULED,
    posting.PUBLISHED: PUBLISHED,
    posting.FAILED: FAILED,
    posting.CANCELED: CANCELED,
}

SENT = "sent"

CALLBACK = telling_table("callback")


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

BULK = run_table("bulk run")

DRAFT = "draft"
STOPPED = "stopped"

# Stopped by a person or by the guardrail; completed when the last results can have come in.
TRIAL = table(
    "trial",
    DRAFT,
    draft="running canceled",
    running="completed stopped",
    completed="",
    stopped="",
    canceled="",
)


def next_state(item: str, post: str | None) -> str | None:
    """Where an open item moves next on its way to what its post has come to; None when
    it is there.

    A post that is gone (None) counts as canceled. What was published by hand passes
    through scheduled.
    """
    target = FOLLOWS[post] if post else CANCELED
    if item == target or ITEM.allows(item, target):
        return None if item == target else target
    # A scheduled item whose post is held as a draft waits where it is: the dialect
    # knows no way back.
    return SCHEDULED if item == PENDING else None


def ended_as(counts: Mapping[str, int]) -> str:
    """What a calendar without open items comes to, from the number of its items in each state."""
    total = sum(counts.values())
    if counts.get(CANCELED, 0) == total:
        return CANCELED
    if counts.get(PUBLISHED) or counts.get(SKIPPED):
        return COMPLETED
    return FAILED if counts.get(FAILED) else COMPLETED
