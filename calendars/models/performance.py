"""How posts did: measurements as they come in, and what they come to by hour."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from calendars.models.timing import PLATFORM_CHOICES
from scheduling.models import ChannelAccount, Post
from workspaces.models import Workspace

COUNTS = ("views", "impressions", "clicks", "saves", "shares", "comments")


class KpiEvent(models.Model):
    """One measurement of one post at one time; the client's own id makes sending it
    twice harmless.

    `posted_date` and `posted_hour` are when the post went out on the channel's clock.
    `latest` marks the newest measurement of each post: later ones include what earlier
    ones counted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    event_id = models.CharField(max_length=100)
    account = models.ForeignKey(
        ChannelAccount, on_delete=models.CASCADE, related_name="kpi_events"
    )
    post = models.ForeignKey(
        Post,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="kpi_events",
    )
    content_key = models.CharField(
        max_length=200,
        help_text="What was measured: the post's id, or the client's own.",
    )
    format = models.CharField(max_length=20, blank=True)
    event_time = models.DateTimeField()
    ingested_at = models.DateTimeField(auto_now_add=True)
    posted_date = models.DateField()
    posted_hour = models.PositiveSmallIntegerField()
    latest = models.BooleanField(default=True)
    views = models.PositiveBigIntegerField(null=True)
    impressions = models.PositiveBigIntegerField(null=True)
    clicks = models.PositiveBigIntegerField(null=True)
    saves = models.PositiveBigIntegerField(null=True)
    shares = models.PositiveBigIntegerField(null=True)
    comments = models.PositiveBigIntegerField(null=True)
    watch_time_seconds = models.FloatField(
        null=True, validators=[MinValueValidator(0.0)]
    )
    engagement_rate = models.FloatField(
        null=True, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    followers_delta = models.BigIntegerField(null=True)
    metadata = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-event_time"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "event_id"], name="kpi_event_once"
            )
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["account", "posted_date", "posted_hour"], name="kpi_by_hour"
            ),
            models.Index(
                fields=["account", "content_key", "event_time"], name="kpi_by_content"
            ),
            models.Index(fields=["event_time"], name="kpi_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.content_key}, {self.event_time:%Y-%m-%d %H:%M}"

    @property
    def rate(self) -> float | None:
        """The engagement rate as sent, else interactions by impressions or views; None
        where nothing was counted.
        """
        if self.engagement_rate is not None:
            return self.engagement_rate
        if not self.reach or self.interactions is None:
            return None
        return min(1.0, self.interactions / self.reach)

    @property
    def click_rate(self) -> float | None:
        """Clicks by impressions or views; None where either was not counted."""
        if not self.reach or self.clicks is None:
            return None
        return min(1.0, self.clicks / self.reach)

    @property
    def reach(self) -> int | None:
        """Impressions, else views; None or 0 where neither was counted."""
        return self.impressions or self.views

    @property
    def interactions(self) -> int | None:
        """Clicks, saves, shares and comments together; None where none of them was
        counted.
        """
        numbers = (self.clicks, self.saves, self.shares, self.comments)
        counts = [number for number in numbers if number is not None]
        return sum(counts) if counts else None


class HourResult(models.Model):
    """What the posts of one channel and format that went out in one local hour came to:
    number of posts, sums of their counts, and, over posts with a known rate, sum and
    sum of squares of its logarithm.
    """

    account = models.ForeignKey(
        ChannelAccount, on_delete=models.CASCADE, related_name="hour_results"
    )
    platform = models.CharField(max_length=20, choices=PLATFORM_CHOICES)
    format = models.CharField(max_length=20, blank=True)
    date = models.DateField()
    weekday = models.PositiveSmallIntegerField()
    hour = models.PositiveSmallIntegerField()
    posts = models.PositiveIntegerField(default=0)
    rated = models.PositiveIntegerField(default=0)
    rate_sum = models.FloatField(default=0)
    log_sum = models.FloatField(default=0)
    log_squares = models.FloatField(default=0)
    views = models.PositiveBigIntegerField(default=0)
    impressions = models.PositiveBigIntegerField(default=0)
    clicks = models.PositiveBigIntegerField(default=0)
    saves = models.PositiveBigIntegerField(default=0)
    shares = models.PositiveBigIntegerField(default=0)
    comments = models.PositiveBigIntegerField(default=0)
    watch_time_seconds = models.FloatField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["date", "hour"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["account", "format", "date", "hour"], name="hour_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.date} {self.hour} h"


class WeekResult(models.Model):
    """What is learned from: the sums of a channel's and format's rated posts by local
    hour of the week, over the days that still say something (`LEARNED_DAYS`).
    """

    account = models.ForeignKey(
        ChannelAccount, on_delete=models.CASCADE, related_name="week_results"
    )
    platform = models.CharField(max_length=20, choices=PLATFORM_CHOICES)
    format = models.CharField(max_length=20, blank=True)
    weekday = models.PositiveSmallIntegerField()
    hour = models.PositiveSmallIntegerField()
    rated = models.PositiveIntegerField()
    log_sum = models.FloatField()
    log_squares = models.FloatField()

    class Meta:
        ordering: ClassVar[list[str]] = ["weekday", "hour"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["account", "format", "weekday", "hour"], name="week_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}, weekday {self.weekday} {self.hour} h"
