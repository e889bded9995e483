"""Callbacks that clients asked for: written down with the event, sent signed by a
worker until they were heard.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from calendars import states
from calendars.campaigns.events import Told
from calendars.models import CalendarItem, Callback, CallbackSecret, ContentCalendar
from calendars.vocabulary import ITEM, key_of
from common import telling
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


def note(calendar: ContentCalendar, told: Sequence[Told]) -> None:
    """Keep a callback for each event that its item, or the calendar, named an address
    for; in the caller's transaction.
    """
    named = _items_named([one for one in told if one.kind in OF_ITEMS])
    made = []
    for one in told:
        if one.kind in OF_ITEMS:
            url = named.get(one.data["id"], {}).get(OF_ITEMS[one.kind])
            made.append(_kept(calendar, one, one.data["id"], url))
        elif one.kind in OF_CALENDARS:
            made.append(
                _kept(
                    calendar,
                    one,
                    calendar.wire_id,
                    calendar.callbacks.get(OF_CALENDARS[one.kind]),
                )
            )
    Callback.objects.bulk_create([one for one in made if one], ignore_conflicts=True)


def _items_named(told: Sequence[Told]) -> dict[str, dict[str, str]]:
    """The addresses of these events' items, by the items' wire ids."""
    keys = [key for one in told if (key := key_of(ITEM, one.data["id"]))]
    rows = CalendarItem.objects.filter(pk__in=keys) if keys else []
    return {item.wire_id: item.callbacks for item in rows}


def _kept(
    calendar: ContentCalendar, told: Told, about: str, url: str | None
) -> Callback | None:
    if not url:
        return None
    now = timezone.now()
    event_id = str(uuid.uuid5(NAMESPACE, f"{told.kind} {about}"))
    body = {
        "event": told.kind,
        "id": event_id,
        "occurred_at": now.isoformat(),
        "data": told.data,
    }
    return Callback(
        calendar=calendar,
        event=told.kind,
        about=about,
        url=url,
        body=body,
        next_try_at=now,
    )


def call_back(callback_id: int) -> Callback | None:
    """Claim a callback that is due and try it once. None where there is nothing to do."""
    with transaction.atomic():
        if not telling.claim(Callback, callback_id):
            return None
        claimed: Callback = Callback.objects.select_related("calendar").get(
            pk=callback_id
        )
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


def _send(callback: Callback) -> Outcome:
    try:
        secret = signing_secret(callback.calendar.workspace_id)
    except Unreadable as error:
        return Outcome(error=str(error), hopeless=True)
    return telling.post(callback.url, secret, callback.body, str(callback.key))


def signing_secret(workspace_id: int) -> str:
    """What signs the workspace's callbacks; made when it is first asked for. Raises
    Unreadable once its key is lost.
    """
    made: dict[str, Any] = {"secret": f"cbs_{secrets.token_urlsafe(32)}"}
    CallbackSecret.objects.get_or_create(workspace_id=workspace_id, defaults=made)
    return CallbackSecret.objects.get(workspace=workspace_id).reveal()


def due(now: datetime | None = None) -> list[int]:
    """Ids of callbacks to be tried now, noted as rung for."""
    return telling.due(Callback, states.CALLBACK, now)


def forget_old(now: datetime | None = None) -> int:
    """Delete what was told, or given up, a month ago, and say how many."""
    return telling.forget_old(Callback, states.CALLBACK, now)
