"""Whom to tell when something is done, and each telling."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from common.secrets import SealedField
from fillplanner import states

WEBHOOK, EMAIL = "webhook", "email"


class NoticeTarget(models.Model):
    """A webhook of a person, or their mailbox: of the latter at most one, there while they want mails.

    `events` are the kinds that are told; none named means all.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_targets")
    kind = models.CharField(max_length=8, choices=[(WEBHOOK, "Webhook"), (EMAIL, "E-mail")], default=WEBHOOK)
    url = models.CharField(max_length=2000, blank=True)
    secret = SealedField(blank=True, editable=False)
    events = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(kind__in=[WEBHOOK, EMAIL]), name="notice_kind_known"),
            models.UniqueConstraint(fields=["owner"], condition=models.Q(kind=EMAIL), name="one_mailbox_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def signing_secret(self) -> str:
        """What signs deliveries. Raises Unreadable once its key is lost."""
        kept: Any = self.secret
        return str(kept.reveal())

    def wants(self, event: str) -> bool:
        return not self.events or event in self.events


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> DeliveryQuerySet:
        return self.filter(state=states.PENDING, next_try_at__lte=now)


class Delivery(models.Model):
    """One event on its way to one target.

    `key` names it to the receiver, over all its tries; `about` names what it tells of. The database keeps one of an
    event, a thing and a target, so telling twice sends once. `rung_at` is when beat last rang for it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    target = models.ForeignKey(NoticeTarget, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    about = models.CharField(max_length=80)
    body = models.JSONField()
    state = models.CharField(max_length=12, default=states.DELIVERY.initial, editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    rung_at = models.DateTimeField(null=True, blank=True, editable=False)
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = DeliveryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        verbose_name_plural = "deliveries"
        constraints: ClassVar[list[Any]] = [
            states.DELIVERY.constraint("delivery_state_known"),
            models.UniqueConstraint(fields=["target", "event", "about"], name="told_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["next_try_at"], condition=models.Q(state=states.PENDING), name="delivery_waiting"),
            models.Index(fields=["target", "-created_at"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.about}"
