"""Runs of the optimiser of posting times."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from calendars import states
from calendars.vocabulary import OPTIMIZATION, wire_id
from common.mappings import JsonObject
from common.runs import OPEN, LeasedRun
from common.transitions import known_state
from workspaces.models import User, Workspace


class OptimizationRun(LeasedRun):
    """Somebody's wish for better times of some posts, and what was found.

    `posts` are ids in the order asked for, `limits` what may not be broken (see
    `calendars.limits.Limits`), [start, end) the range that was looked at. `changes` has
    one row for each post. `fingerprint` stands for everything the answer rests on,
    `request_key` for the call that asked. `value`, `bound` and `greedy_value` are sums
    of scores.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="optimization_runs"
    )
    calendar_key = models.UUIDField(
        null=True, blank=True, help_text="The content calendar it was asked for."
    )
    started_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    posts = models.JSONField(default=list)
    names = models.JSONField(
        default=dict, blank=True, help_text="The client's own content ids by post."
    )
    limits = models.JSONField(default=dict)
    request_key = models.CharField(max_length=64, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    changes = models.JSONField(default=list)
    proof = models.CharField(
        max_length=12, blank=True, help_text="optimal, feasible or infeasible"
    )
    collisions = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    value = models.FloatField(null=True)
    bound = models.FloatField(null=True)
    greedy_value = models.FloatField(null=True)
    seconds = models.FloatField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "optimisation"
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.OPTIMIZATION, "optimization_state_known")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["workspace", "-created_at"], name="optimization_newest"
            ),
            models.Index(
                fields=["workspace", "request_key"], name="optimization_by_request"
            ),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=OPEN),
                name="optimization_open",
            ),
        ]

    def __str__(self) -> str:
        return f"better times for {len(self.posts)} posts"

    @property
    def wire_id(self) -> str:
        """Its id as clients know it."""
        return wire_id(OPTIMIZATION, self.pk)

    @property
    def topic(self) -> str:
        """What pages that show it listen for."""
        return f"optimization:{self.pk}"

    @property
    def moves(self) -> list[JsonObject]:
        """The changes that give a post another time."""
        return [
            change
            for change in self.changes
            if change["new_time"] != change["previous_time"]
        ]

    @property
    def gap_percent(self) -> float | None:
        """How much more the proven bound is than what was found, in percent of it."""
        if self.value is None or not self.bound:
            return None
        return max(0.0, round(100 * (self.bound - self.value) / self.bound, 4))
