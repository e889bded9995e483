"""The same lots by several strategies: each is a plan of its own, and here is what
holds them together.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from common.transitions import known_state
from fillplanner import states
from fillplanner.models.plans import CANCELLED_BY


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def without_lots(self) -> ComparisonQuerySet:
        """For lists: leaves the long inputs in the database."""
        return self.defer("lots", "config")


class Comparison(models.Model):
    """Lots sequenced by each of `strategies`, in the order they were asked for; its
    `plans` carry the results.

    `lots` and `config` are kept as they were understood, in the wire's form;
    `lots_hash` is the SHA-256 of the lots as JSON with sorted keys, so that equal
    inputs can be told.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comparisons"
    )
    name = models.CharField(max_length=255)
    strategies = models.JSONField(default=list)
    lots = models.JSONField(default=list)
    lots_count = models.PositiveIntegerField(default=0)
    lots_hash = models.CharField(max_length=64)
    config = models.JSONField(default=dict, blank=True)
    start_time = models.DateTimeField()
    state = models.CharField(
        max_length=12, default=states.COMPARISON.initial, editable=False
    )
    best_strategy = models.CharField(max_length=40, blank=True)
    error = models.TextField("error message", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField("completed at", null=True, blank=True)

    objects: ClassVar[Any] = ComparisonQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.COMPARISON, "comparison_state_known")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["owner", "-created_at"], name="comparison_newest"),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=sorted(states.UNFINISHED)),
                name="comparison_open",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def was_cancelled(self) -> bool:
        """Whether somebody ended it."""
        return self.state == states.FAILED and self.error.startswith(CANCELLED_BY)

    @property
    def topic(self) -> str:
        """The name under which live updates speak of the comparison."""
        return f"comparison:{self.pk}"
