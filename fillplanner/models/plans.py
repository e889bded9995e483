"""Plans of filling lines, private to their owners, and their results."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from common.runs import LeasedRun
from common.transitions import known_state
from fillplanner import states

# How the message of a plan begins that somebody ended.
CANCELLED_BY = "Cancelled by "


class PlanQuerySet(models.QuerySet["Plan"]):
    def without_lots(self) -> PlanQuerySet:
        """For lists: leaves the long inputs in the database."""
        return self.defer("lots", "config", "trace")

    def alone(self) -> PlanQuerySet:
        """Those that somebody asked for by themselves, not as part of a comparison."""
        return self.filter(comparison=None)


class Plan(LeasedRun):
    """Lots to be sequenced by a strategy under the line's rules, alone or as part of a
    comparison.

    `lots` and `config` are kept as they were understood, in the wire's form. Plans made
    again from each other share a `family`; one that never was has none. `trace` is how
    the exact optimiser went on: seconds since it began, best makespan and bound in
    hours. Staff and programs know `error` and `ended_at` by their older names.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="plans"
    )
    name = models.CharField(max_length=255)
    comparison = models.ForeignKey(
        "fillplanner.Comparison",
        on_delete=models.CASCADE,
        related_name="plans",
        null=True,
        blank=True,
        editable=False,
    )
    strategy = models.CharField(max_length=40)
    lots = models.JSONField(default=list)
    lots_count = models.PositiveIntegerField(default=0)
    config = models.JSONField(default=dict, blank=True)
    start_time = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField("completed at", null=True, blank=True)
    error = models.TextField("error message", blank=True)
    percent = models.FloatField(default=0)
    progress_message = models.CharField(max_length=200, blank=True)
    family = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    trace = models.JSONField(default=list, blank=True, editable=False)

    objects: ClassVar[Any] = PlanQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.PLAN, "plan_state_known")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["owner", "-created_at"], name="plan_newest"),
            models.Index(
                fields=["state", "lease_until"],
                condition=models.Q(state__in=sorted(states.UNFINISHED)),
                name="plan_open",
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
        """The name under which live updates speak of the plan."""
        return f"plan:{self.pk}"


class PlanResult(models.Model):
    """What the planner found. Hours, except utilization and gap (percent) and runtime (seconds)."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="result")
    makespan = models.FloatField()
    utilization = models.FloatField()
    changeovers = models.PositiveIntegerField()
    lots_scheduled = models.PositiveIntegerField()
    window_violations = models.PositiveIntegerField()
    kpis = models.JSONField()
    activities = models.JSONField()
    lower_bound = models.FloatField()
    gap_percent = models.FloatField()
    solver = models.CharField(max_length=40)
    solver_status = models.CharField(max_length=20)
    runtime_seconds = models.FloatField()

    def __str__(self) -> str:
        return f"{self.makespan:g} h"
