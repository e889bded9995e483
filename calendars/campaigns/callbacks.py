"""Callbacks that clients asked for: written down with the event, sent signed by a
worker until they were heard.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from calendars import states
from calendars.campaigns.events import Frame
from calendars.models import CalendarItem, Callback, CallbackSecret, ContentCalendar
from calendars.vocabulary import ITEM, key_of
from common import telling
from common.mappings import JsonObject, Values
from common.secrets import Unreadable
from common.telling import Outcome

log = structlog.get_logger(__name__)

OF_ITEMS = {"item.published": "on_published", "item.failed": "on_failed"}
OF_CALENDARS = {
    "schedule.completed": "on_completed",
    "schedule.failed": "on_failed",
    "schedule.canceled": "on_canceled",
}
# The id of an event is made from what it says: told twice, it is the same one.
NAMESPACE = uuid.UUID("0b1d54b4-53f4-4a3b-8f6e-5d4f0f7e6a0c")


def note(calendar: ContentCalendar, frames: Sequence[Frame]) -> None:
    """Keep a callback for each event that its item, or the calendar, named an address
    for; in the caller's transaction.
    """
    by_item = _addresses_by_item([frame for frame in frames if frame.kind in OF_ITEMS])
    callbacks = []
    for frame in frames:
        if frame.kind in OF_ITEMS:
            about = frame.data["id"]
            addresses = by_item.get(about, {})
            url = addresses.get(OF_ITEMS[frame.kind])
        elif frame.kind in OF_CALENDARS:
            about = calendar.wire_id
            url = calendar.callbacks.get(OF_CALENDARS[frame.kind])
        else:
            continue
        if url:
            callbacks.append(_callback(calendar, frame, about, url))
    Callback.objects.bulk_create(callbacks, ignore_conflicts=True)


def _addresses_by_item(frames: Sequence[Frame]) -> dict[str, dict[str, str]]:
    """The addresses of these events' items, by the items' wire ids."""
    ids = [key_of(ITEM, frame.data["id"]) for frame in frames]
    keys = [key for key in ids if key]
    rows = CalendarItem.objects.filter(pk__in=keys) if keys else []
    return {item.wire_id: item.callbacks for item in rows}


def _callback(
    calendar: ContentCalendar, frame: Frame, about: str, url: str
) -> Callback:
    """The callback of an event, to be tried at once. Not stored.

    about: the wire id of the calendar or the item.
    """
    now = timezone.now()
    return Callback(
        calendar=calendar,
        event=frame.kind,
        about=about,
        url=url,
        body=_body(frame, about, now),
        next_try_at=now,
    )


def _body(frame: Frame, about: str, now: datetime) -> JsonObject:
    """What is sent of an event."""
    return {
        "event": frame.kind,
        "id": str(uuid.uuid5(NAMESPACE, f"{frame.kind} {about}")),
        "occurred_at": now.isoformat(),
        "data": frame.data,
    }


def call_back(callback_id: int) -> Callback | None:
    """Claim a callback that is due and try it once. None where there is nothing to do."""
    claimed = _claim(callback_id)
    if claimed is None:
        return None
    outcome = _send(claimed)
    log.info(
        "callback_tried",
        callback=claimed.pk,
        number=claimed.tries,
        sent=outcome.sent,
        error=outcome.error,
    )
    telling.record(claimed, states.CALLBACK, outcome)
    return claimed


def _claim(callback_id: int) -> Callback | None:
    """The callback with its calendar, if it is due and nobody else tries it."""
    with transaction.atomic():
        if not telling.claim(Callback, callback_id):
            return None
        rows = Callback.objects.select_related("calendar")
        claimed: Callback = rows.get(pk=callback_id)
    return claimed


def _send(callback: Callback) -> Outcome:
    """Send it signed; without a secret that can be read there is no hope."""
    try:
        secret = signing_secret(callback.calendar.workspace_id)
    except Unreadable as error:
        return Outcome(error=str(error), hopeless=True)
    return telling.post(callback.url, secret, callback.body, str(callback.key))


def signing_secret(workspace_id: int) -> str:
    """What signs the workspace's callbacks; made when it is first asked for. Raises
    Unreadable once its key is lost.
    """
    defaults: Values = {"secret": f"cbs_{secrets.token_urlsafe(32)}"}
    CallbackSecret.objects.get_or_create(workspace_id=workspace_id, defaults=defaults)
    return CallbackSecret.objects.get(workspace=workspace_id).reveal()


def due(now: datetime | None = None) -> list[int]:
    """Ids of callbacks to be tried now, noted as rung for."""
    return telling.due(Callback, states.CALLBACK, now)


def forget_old(now: datetime | None = None) -> int:
    """Delete what was told, or given up, a month ago, and say how many."""
    return telling.forget_old(Callback, states.CALLBACK, now)
