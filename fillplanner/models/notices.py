"""Whom to tell when something is done, and each telling."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from common.secrets import SealedField
from common.telling import Telling
from common.transitions import known_state
from fillplanner import states

WEBHOOK = "webhook"
EMAIL = "email"


class NoticeTarget(models.Model):
    """A webhook of a person, or their mailbox: of the latter at most one, there while
    they want mails.

    `events` are the kinds that are told; none named means all.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notice_targets",
    )
    kind = models.CharField(
        max_length=8, choices=[(WEBHOOK, "Webhook"), (EMAIL, "E-mail")], default=WEBHOOK
    )
    url = models.CharField(max_length=2000, blank=True)
    secret = SealedField(blank=True, editable=False)
    events = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[WEBHOOK, EMAIL]), name="notice_kind_known"
            ),
            models.UniqueConstraint(
                fields=["owner"],
                condition=models.Q(kind=EMAIL),
                name="one_mailbox_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def signing_secret(self) -> str:
        """What signs deliveries. Raises Unreadable once its key is lost."""
        sealed: Any = self.secret
        return str(sealed.reveal())

    def wants(self, event: str) -> bool:
        """Whether an event of this kind is told."""
        return not self.events or event in self.events


class Delivery(Telling):
    """One event on its way to one target. The database keeps one of an event, a thing
    and a target, so telling twice sends once.
    """

    target = models.ForeignKey(
        NoticeTarget, on_delete=models.CASCADE, related_name="deliveries"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        verbose_name_plural = "deliveries"
        constraints: ClassVar[list[Any]] = [
            known_state(states.DELIVERY, "delivery_state_known"),
            models.UniqueConstraint(
                fields=["target", "event", "about"], name="told_once"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state=states.PENDING),
                name="delivery_waiting",
            ),
            models.Index(fields=["target", "-created_at"], name="delivery_newest"),
        ]
