"""Trials of posting times: posts given to variants by chance, and what became of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from calendars import states
from calendars.vocabulary import wire_id
from common.transitions import known_state
from scheduling.models import Post
from workspaces.models import User, Workspace

PREFIX = "trial"


class Trial(models.Model):
    """Posts of [start, end) go out by one of several strategies, the first of
    `variants` being the control.

    A variant is `{"name", "strategy", "windows"}`; windows are `{"weekday" (Monday 0),
    "start", "end"}` in local hours. `seed` makes the allotment repeatable, `guardrail`
    is the least mean engagement rate a variant may have, `results` what was known when
    the trial ended.
    """

    class Strategy(models.TextChoices):
        STANDARD = "standard", "As planned"
        OPTIMIZED = "optimized", "Optimised"
        EXPERIMENTAL = "experimental", "By chance"
        WINDOWS = "windows", "Own windows"

    class Kpi(models.TextChoices):
        ENGAGEMENT = "engagement_rate", "Engagement rate"
        CLICKS = "click_through_rate", "Click-through rate"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="trials"
    )
    made_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    name = models.CharField(max_length=120)
    state = models.CharField(
        max_length=12, default=states.TRIAL.initial, editable=False
    )
    platforms = models.JSONField(default=list, blank=True)
    variants = models.JSONField(default=list)
    seed = models.PositiveIntegerField()
    kpi = models.CharField(
        "primary KPI", max_length=20, choices=Kpi, default=Kpi.ENGAGEMENT
    )
    guardrail = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
    )
    start = models.DateTimeField()
    end = models.DateTimeField()
    stopped_because = models.CharField(max_length=300, blank=True)
    results = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    adopted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.TRIAL, "trial_state_known")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-created_at"], name="trial_newest"),
            models.Index(
                fields=["state"],
                condition=models.Q(state=states.RUNNING),
                name="trial_running",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def wire_id(self) -> str:
        """Its id as clients know it."""
        return wire_id(PREFIX, self.pk)

    @property
    def topic(self) -> str:
        """What pages listen to for its news."""
        return f"trial:{self.pk}"

    @property
    def names(self) -> list[str]:
        """Its variants by name, the control first."""
        return [variant["name"] for variant in self.variants]

    @property
    def control(self) -> str:
        """The variant that the others are compared with."""
        return self.names[0]

    @property
    def chances(self) -> Mapping[str, float]:
        """The planned share of each variant."""
        return dict.fromkeys(self.names, 1 / len(self.variants))


class TrialPost(models.Model):
    """The variant that a post fell to, within its platform and ISO week, and when it
    was to go out before and after.
    """

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="allotted")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="trial_posts")
    variant = models.CharField(max_length=60)
    stratum = models.CharField(max_length=60)
    time_before = models.DateTimeField(null=True)
    time_after = models.DateTimeField(null=True)
    score = models.FloatField(
        null=True, help_text="What its new time was held to be worth."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["trial", "post"], name="trial_post_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.variant}"


class RecommendedScheduleSlot(TrialPost):
    """A time that was recommended for a post and kept. No table of its own; `score` is
    the confidence in it, from 0 to 1.
    """

    class Meta:
        proxy = True
