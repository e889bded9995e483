"""The audit trail: entries chained by keyed hash, one chain a workspace and one for
what belongs to none.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from common.mappings import Values


class AuditHead(models.Model):
    """Where a chain ends: locked while an entry is added, so that a chain never forks."""

    chain = models.CharField(max_length=60, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.chain} ({self.length})"


class AuditEntry(models.Model):
    """Who did what to which thing, when, with the values before and after."""

    chain = models.CharField(max_length=60)
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The name stays readable, and verifiable, when the person is gone.
    actor_name = models.CharField(max_length=150)
    workspace = models.ForeignKey(
        "workspaces.Workspace", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    action = models.CharField(max_length=60)
    thing = models.CharField(
        max_length=120, help_text="Kind and id, for example post:5f0c…"
    )
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name_plural = "audit entries"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["chain", "number"], name="audit_entry_once"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["thing"], name="audit_thing")
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.thing}"

    @property
    def changes(self) -> list[tuple[str, str | None, str | None]]:
        """Each value that was told, before and after; None where it was not told, a
        dash for a blank one.
        """
        names = dict.fromkeys([*self.before, *self.after])
        return [
            (name, text_of(self.before, name), text_of(self.after, name))
            for name in names
        ]


def text_of(values: Values, name: str) -> str | None:
    """A value for people, a dash for an empty one; None where it is not among them."""
    if name not in values:
        return None
    return "–" if values[name] in (None, "") else str(values[name])
