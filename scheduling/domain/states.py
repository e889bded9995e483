"""The tables of allowed moves; `docs/states.md` and the database constraints say the same."""

from __future__ import annotations

from collections.abc import Collection

from common.states import run_table, table

PLANNED = "planned"
DRAFT = "draft"
SCHEDULED = "scheduled"
PUBLISHING = "publishing"
PUBLISHED = "published"
UNCERTAIN = "uncertain"
FAILED = "failed"
CANCELED = "canceled"

POST = table(
    "post",
    PLANNED,
    planned="draft scheduled canceled",
    draft="scheduled planned published canceled",
    scheduled="draft publishing published failed canceled",
    publishing="published scheduled failed uncertain",
    published="",
    uncertain="published scheduled failed",
    failed="scheduled published",
    canceled="",
)

# States in which nobody may move, edit or cancel a post.
BUSY = frozenset({PUBLISHING, UNCERTAIN})
# States of posts that still stand in the calendar's future.
OPEN = frozenset({PLANNED, DRAFT, SCHEDULED})

CLAIMED = "claimed"
SENDING = "sending"
ATTEMPT_PUBLISHED = "published"
ATTEMPT_RETRY = "retry"
ATTEMPT_REFUSED = "refused"
ATTEMPT_UNCERTAIN = "uncertain"

ATTEMPT = table(
    "attempt",
    CLAIMED,
    claimed="sending retry refused",
    sending="published retry refused uncertain",
    published="",
    retry="",
    refused="",
    uncertain="published retry refused",
)

PENDING = "pending"
RUNNING = "running"
COMPLETED = "completed"

WRITING = run_table("writing run")
WRITING_OPEN = (PENDING, RUNNING)

WAITING = "waiting"
WRITTEN = "written"
SKIPPED = "skipped"

WRITING_SLOT = table(
    "writing slot",
    WAITING,
    waiting="written skipped failed",
    written="",
    skipped="",
    failed="",
)

# Looked at and its columns named by a person first, then as any run.
IMPORT = table(
    "import",
    DRAFT,
    draft="pending canceled",
    pending="running canceled",
    running="pending completed failed canceled",
    completed="",
    failed="",
    canceled="",
)

PLACED = "placed"
REFUSED = "refused"

IMPORTED_ROW = table(
    "imported row", WAITING, waiting="placed refused", placed="", refused=""
)

SETTLING = "settling"
READING = "reading"
TAKEN = "taken"
LEFT = "left"

# A file in a watch folder: new, being made into content, made into content, left alone.
WATCHED = table(
    "watched file",
    SETTLING,
    settling="reading left",
    reading="settling taken left",
    taken="",
    left="",
)

GROUP_PENDING = "pending"
GROUP_PROCESSING = "processing"
GROUP_COMPLETED = "completed"
GROUP_FAILED = "failed"
GROUP_CANCELED = "canceled"


def group_state(posts: Collection[str]) -> str:
    """What the states of a group's posts come to; posts that were canceled count only
    when all were.
    """
    left = set(posts) - {CANCELED}
    if not left:
        return GROUP_CANCELED
    if left <= OPEN:
        return GROUP_PENDING
    if left & (OPEN | BUSY):
        return GROUP_PROCESSING
    return GROUP_FAILED if left == {FAILED} else GROUP_COMPLETED
