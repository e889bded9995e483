"""Answers kept for clients that repeat a request under the same Idempotency-Key."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class StoredReply(models.Model):
    """The answer given to one keyed request at one door. `scope` is whose key it is: a
    person's or a workspace's.
    """

    scope = models.CharField(max_length=40)
    door = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["scope", "door", "key"], name="stored_reply_once"
            ),
        ]
        verbose_name_plural = "stored replies"

    def __str__(self) -> str:
        return f"{self.door} {self.key}"
