"""What was told of calendars, for sockets that were away, and the callbacks that
clients asked for.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from calendars import states
from calendars.models.calendars import ContentCalendar
from common.secrets import SealedField
from common.telling import Telling
from common.transitions import known_state
from workspaces.models import Workspace


class CalendarEvent(models.Model):
    """One frame. `number` counts a calendar's without a gap, and `at` grows with it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    calendar = models.ForeignKey(
        ContentCalendar, on_delete=models.CASCADE, related_name="events"
    )
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=40)
    data = models.JSONField()
    correlation_id = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "number"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["calendar", "number"], name="calendar_event_once"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "at"], name="event_by_workspace"),
            models.Index(fields=["at"], name="event_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class Callback(Telling):
    """One event on its way to an address that a calendar or an item named; `about` is
    the wire id of either.

    The database keeps one of an event and a thing, so telling twice sends once.
    """

    calendar = models.ForeignKey(
        ContentCalendar, on_delete=models.CASCADE, related_name="callback_tries"
    )
    url = models.CharField(max_length=2000)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.CALLBACK, "callback_state_known"),
            models.UniqueConstraint(fields=["event", "about"], name="called_back_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state=states.PENDING),
                name="callback_waiting",
            ),
        ]


class CallbackSecret(models.Model):
    """What signs a workspace's callbacks."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="+"
    )
    secret = SealedField(editable=False)

    def __str__(self) -> str:
        return f"of {self.workspace}"

    def reveal(self) -> str:
        """Raises Unreadable once its key is lost."""
        sealed: Any = self.secret
        return str(sealed.reveal())
