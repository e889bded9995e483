"""Calendars and items as the scheduling dialect's clients get them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from operator import attrgetter

from calendars import states
from calendars.bodies.schedules import (
    ArtifactBody,
    AssignmentBody,
    CallbackBody,
    ConflictBody,
    ItemErrorBody,
    ScheduleBody,
    ScheduleItemBody,
)
from calendars.campaigns.conflicts import Conflict
from calendars.campaigns.progress import Standing, progress
from calendars.models import (
    CalendarItem,
    Callback,
    ContentCalendar,
    ScheduleAssignment,
)
from calendars.vocabulary import CALENDAR, stamp, wire_id
from scheduling.domain import states as posting
from scheduling.models import Attempt, Post

TRANSIENT = "transient"
PERMANENT = "permanent"
UNCLEAR = "unclear"
CLASSES = {
    posting.ATTEMPT_RETRY: TRANSIENT,
    posting.ATTEMPT_REFUSED: PERMANENT,
    posting.ATTEMPT_UNCERTAIN: UNCLEAR,
}


def calendar_body(calendar: ContentCalendar, standing: Standing) -> ScheduleBody:
    """A calendar without its items; its workspace has to be fetched."""
    return {
        "id": calendar.wire_id,
        "tenant_id": calendar.workspace.slug,
        "state": calendar.state,
        "title": calendar.title,
        "timezone": calendar.zone,
        **progress(calendar, standing),
        "processing_deadline_ms": calendar.processing_deadline
        // timedelta(milliseconds=1),
        "created_at": stamp(calendar.created_at),
        "updated_at": stamp(calendar.updated_at),
        "idempotency_key": calendar.idempotency_key or None,
    }


def item_body(item: CalendarItem) -> ScheduleItemBody:
    """An item of `shown()`."""
    post = item.post
    return {
        "id": item.wire_id,
        "content_id": item.content_id,
        "platform": item.wire_platform,
        "state": item.state,
        "scheduled_time": scheduled_time(item),
        "published_time": stamp(post.published_at) if post else None,
        "metadata": item.metadata,
        "callbacks": item.callbacks,
        "errors": errors_of(item),
        "artifacts": artifacts_of(post),
        "created_at": stamp(item.created_at),
        "updated_at": stamp(item.updated_at),
    }


def assignment_body(row: ScheduleAssignment) -> AssignmentBody:
    """An item as work, of `shown()`; who has it or had it last, None before the first
    try.
    """
    return {
        "id": row.wire_id,
        "schedule_item_id": row.wire_id,
        "schedule_id": wire_calendar_id(row),
        "worker_id": row.worker or None,
        "scheduled_at": scheduled_time(row),
        "status": row.state,
        "last_error": row.last_error or None,
        "retry_count": row.retry_count,
        "last_retry_at": stamp(row.last_retry_at),
    }


def wire_calendar_id(item: CalendarItem) -> str:
    """Its calendar's id; the calendar is not fetched for it."""
    return wire_id(CALENDAR, item.calendar_id)


def scheduled_time(item: CalendarItem) -> str | None:
    """When its post goes out; of a post that has no time, when the client asked for it."""
    return stamp((item.post.scheduled_at if item.post else None) or item.asked_at)


def errors_of(item: CalendarItem) -> list[ItemErrorBody]:
    """What went wrong, oldest first: each try, a failure without one, and why an item
    was skipped.
    """
    errors = post_errors(item.post) if item.post else []
    if item.skipped_because:
        errors.append(skip_error(item))
    return errors


def skip_error(item: CalendarItem) -> ItemErrorBody:
    """Why an item was skipped."""
    at = stamp(item.updated_at)
    return error("deadline_exceeded", item.skipped_because, PERMANENT, at)


def post_errors(post: Post) -> list[ItemErrorBody]:
    """Those of its tries, and its last one where none of them says the same."""
    errors = attempt_errors(post)
    messages = [entry["error_message"] for entry in errors]
    if post.state == posting.FAILED and post.last_error not in messages:
        at = stamp(post.updated_at)
        errors.append(error("not_published", post.last_error, PERMANENT, at))
    return errors


def attempt_errors(post: Post) -> list[ItemErrorBody]:
    """Those of its tries, in their order."""
    attempts = sorted(post.attempts.all(), key=attrgetter("number"))
    return [attempt_error(attempt) for attempt in attempts if attempt.error]


def attempt_error(attempt: Attempt) -> ItemErrorBody:
    """An attempt that failed, with whether another one may help."""
    kind = CLASSES.get(attempt.state, PERMANENT)
    return error(
        f"publish_{attempt.state}",
        attempt.error,
        kind,
        stamp(attempt.ended_at or attempt.claimed_at),
    )


def error(code: str, message: str, kind: str, at: str | None) -> ItemErrorBody:
    """An error as the dialect has it.

    kind: `transient`, `permanent` or `unclear`.
    at: the moment as text of the wire.
    """
    return {
        "error_code": code,
        "error_message": message,
        "error_class": kind,
        "occurred_at": at,
    }


def artifacts_of(post: Post | None) -> list[ArtifactBody]:
    """What came into being: the post on its platform. Its size is nobody's to know, so
    it is None.
    """
    if post is None or post.state != posting.PUBLISHED or not post.url:
        return []
    return [
        {
            "type": "post_metadata",
            "content_type": "text/html",
            "size": None,
            "url": post.url,
        }
    ]


def conflict_rows(
    conflicts: Iterable[tuple[CalendarItem, Conflict]],
) -> list[ConflictBody]:
    """What stands in the way of which item."""
    return [conflict_row(item, conflict) for item, conflict in conflicts]


def conflict_row(item: CalendarItem, conflict: Conflict) -> ConflictBody:
    """One thing that stands in the way of an item."""
    return {
        "item_id": item.wire_id,
        "content_id": item.content_id,
        "platform": item.wire_platform,
        "code": conflict.code,
        "message": conflict.message,
        "blocks": conflict.blocks,
    }


def callback_rows(rows: Iterable[Callback]) -> list[CallbackBody]:
    """Callbacks with their tries."""
    return [callback_row(row) for row in rows]


def callback_row(row: Callback) -> CallbackBody:
    """A callback with its tries; the next one only while there is one."""
    next_try_at = row.next_try_at if row.state == states.PENDING else None
    return {
        "id": str(row.key),
        "event": row.event,
        "about": row.about,
        "state": row.state,
        "tries": row.tries,
        "response_status": row.response_status,
        "error": row.last_error or None,
        "next_try_at": stamp(next_try_at),
        "sent_at": stamp(row.sent_at),
    }
