"""What was told of calendars, for sockets that were away, and the callbacks that clients asked for."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from calendars import states
from calendars.models.calendars import ContentCalendar
from common.secrets import SealedField
from workspaces.models import Workspace


class CalendarEvent(models.Model):
    """One frame. `number` counts a calendar's without a gap, and `at` grows with it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    calendar = models.ForeignKey(ContentCalendar, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=40)
    data = models.JSONField()
    correlation_id = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "number"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["calendar", "number"], name="calendar_event_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "at"], name="event_by_workspace"),
            models.Index(fields=["at"], name="event_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class CallbackQuerySet(models.QuerySet["Callback"]):
    def due(self, now: datetime) -> CallbackQuerySet:
        return self.filter(state=states.PENDING, next_try_at__lte=now)


class Callback(models.Model):
    """One event on its way to an address that a calendar or an item named.

    `key` names it to the receiver, over all its tries; `about` is the wire id of what it tells of. The database keeps
    one of an event and a thing, so telling twice sends once.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    calendar = models.ForeignKey(ContentCalendar, on_delete=models.CASCADE, related_name="callback_tries")
    event = models.CharField(max_length=40)
    about = models.CharField(max_length=80)
    url = models.CharField(max_length=2000)
    body = models.JSONField()
    state = models.CharField(max_length=12, default=states.CALLBACK.initial, editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    rung_at = models.DateTimeField(null=True, blank=True, editable=False)
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = CallbackQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[Any]] = [
            states.CALLBACK.constraint("callback_state_known"),
            models.UniqueConstraint(fields=["event", "about"], name="called_back_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["next_try_at"], condition=models.Q(state=states.PENDING), name="callback_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.about}"


class CallbackSecret(models.Model):
    """What signs a workspace's callbacks."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="+")
    secret = SealedField(editable=False)

    def __str__(self) -> str:
        return f"of {self.workspace}"

    def reveal(self) -> str:
        """Raises Unreadable once its key is lost."""
        kept: Any = self.secret
        return str(kept.reveal())
