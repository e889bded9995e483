"""Writing down that somebody is to be told; `deliveries` does the telling."""

from __future__ import annotations

import uuid

from django.utils import timezone

from common.mappings import JsonObject
from fillplanner.models import Delivery, NoticeTarget

EVENTS = (
    "schedule.completed",
    "schedule.failed",
    "comparison.completed",
    "comparison.failed",
)
TEST = "test"
# The id of an event is made from what it says: told twice, it is the same one.
NAMESPACE = uuid.UUID("5f0c8d2e-6c0f-4f0b-9a55-0d3f7a1a9c11")


def note(owner_id: int, event: str, about: str, data: JsonObject) -> list[Delivery]:
    """Keep a delivery for each target of the owner that wants the event, in the
    caller's transaction.

    owner_id: whose targets are looked at.
    event: one of EVENTS.
    about: the topic of the plan or comparison, which makes the event's id.
    data: what is told.
    """
    targets = NoticeTarget.objects.filter(owner=owner_id).defer("secret")
    return [
        keep(target, event, about, data) for target in targets if target.wants(event)
    ]


def keep(target: NoticeTarget, event: str, about: str, data: JsonObject) -> Delivery:
    """The delivery of this event to this target: a new one, or the one that is there already."""
    now = timezone.now()
    event_id = uuid.uuid5(NAMESPACE, f"{event} {about}")
    body = {
        "event": event,
        "id": str(event_id),
        "occurred_at": now.isoformat(),
        "data": data,
    }
    delivery, _ = Delivery.objects.get_or_create(
        target=target,
        event=event,
        about=about,
        defaults={"body": body, "next_try_at": now},
    )
    return delivery
