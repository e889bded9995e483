"""Telling of calendars: every frame is kept, numbered and sent, in that order, by
whoever changed the calendar.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from calendars.models import CalendarEvent, ContentCalendar
from calendars.vocabulary import stamp
from common.live import announce_change, send
from common.mappings import JsonObject
from scheduling.events import workspace_group as pages_group

# More at once are not sent: sockets hear that there are some and fetch them.
MOST_SENT = 50
BATCH = 500
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Frame:
    """One thing to tell: the frame's type and its data."""

    kind: str
    data: JsonObject


def calendar_group(calendar_id: uuid.UUID) -> str:
    """The channel layer's group of those who follow a calendar."""
    return f"calendars.calendar.{calendar_id.hex}"


def workspace_group(workspace_id: int) -> str:
    """The frames of all calendars of a workspace, for programs."""
    return f"calendars.workspace.{workspace_id}"


def tell(calendar: ContentCalendar, frames: Sequence[Frame]) -> None:
    """Keep these frames in the caller's transaction and send them once it has
    committed.

    The first update takes the calendar's row until then, so numbers and times have no
    gap and no other order than the one in which readers come to see them.
    """
    if not frames:
        return
    rows = ContentCalendar.objects.filter(pk=calendar.pk)
    rows.update(event_number=F("event_number") + len(frames))
    last, last_at = rows.values_list("event_number", "last_event_at").get()
    events = _numbered(calendar, frames, last - len(frames), last_at)
    rows.update(last_event_at=events[-1].at)
    keep(calendar, events)


def first(calendar: ContentCalendar, frames: Sequence[Frame]) -> list[CalendarEvent]:
    """What is told of a calendar that is not saved yet, to be kept once it is."""
    events = _numbered(calendar, frames, 0, None)
    calendar.event_number = len(events)
    calendar.last_event_at = events[-1].at
    return events


def keep(calendar: ContentCalendar, events: list[CalendarEvent]) -> None:
    """Write the frames down, in the caller's transaction, and send them once it has committed."""
    CalendarEvent.objects.bulk_create(events, batch_size=BATCH)
    transaction.on_commit(lambda: publish(calendar, events))


def _numbered(
    calendar: ContentCalendar,
    frames: Sequence[Frame],
    number: int,
    last_at: datetime | None,
) -> list[CalendarEvent]:
    """Rows with the numbers after that one; their times grow with them, also over
    clocks that disagree.
    """
    now = timezone.now()
    begin = max(now, last_at + TICK) if last_at else now
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    correlation_id = request_id or str(uuid.uuid4())
    return [
        CalendarEvent(
            workspace_id=calendar.workspace_id,
            calendar_id=calendar.pk,
            number=number + n + 1,
            kind=frame.kind,
            data=frame.data,
            correlation_id=correlation_id,
            at=begin + n * TICK,
        )
        for n, frame in enumerate(frames)
    ]


def publish(calendar: ContentCalendar, events: Sequence[CalendarEvent]) -> None:
    """Tell programs the frames, or that there are too many to send, and pages that
    something changed.
    """
    frames = [frame_body(event) for event in events] if len(events) <= MOST_SENT else []
    message = {
        "calendar": calendar.pk.hex,
        "first": events[0].number,
        "last": events[-1].number,
        "frames": frames,
    }
    for group in (calendar_group(calendar.pk), workspace_group(calendar.workspace_id)):
        send(group, "calendar", message)
    announce_change([pages_group(calendar.workspace_id)], "calendars", calendar.topic)


def frame_body(event: CalendarEvent) -> JsonObject:
    """An event as a socket sends it; `number` lets a client see that it has missed none
    of a calendar's.
    """
    return {
        "type": event.kind,
        "ts": stamp(event.at),
        "correlation_id": event.correlation_id,
        "number": event.number,
        "data": event.data,
    }
