"""What is known in general about posting times, and what people and workspaces prefer."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from calendars.timing.tables import Hours
from common.mappings import JsonObject
from common.zones import validate_zone
from scheduling.domain.platforms.catalogue import PLATFORMS
from workspaces.models import User, Workspace

PLATFORM_CHOICES = [(p.id, p.name) for p in PLATFORMS]
WEEKDAY_CHOICES = list(
    enumerate(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    )
)
UNIT = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class DatedQuerySet(models.QuerySet[Any]):
    def on(self, day: date | None = None) -> DatedQuerySet:
        """Rows that hold on a day, by default today."""
        day = day or timezone.now().date()
        return self.filter(
            models.Q(valid_to=None) | models.Q(valid_to__gt=day), valid_from__lte=day
        )


class DatedRow(models.Model):
    """A fact about a platform, or one of its formats, with its source and the days on
    which it holds.
    """

    platform = models.CharField(max_length=20, choices=PLATFORM_CHOICES)
    format = models.CharField(
        max_length=20, blank=True, help_text="Blank is every format."
    )
    source = models.CharField(max_length=200)
    notes = models.TextField(blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(
        null=True, blank=True, help_text="The first day on which it no longer holds."
    )

    objects: ClassVar[Any] = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def kind(self) -> tuple[str, str]:
        """The platform and the format that it is about; blank is every format."""
        return self.platform, self.format


class TimingRow(DatedRow):
    """Local hours [first, last) of a weekday and what they are worth."""

    weekday = models.PositiveSmallIntegerField(
        choices=WEEKDAY_CHOICES, validators=[MaxValueValidator(6)]
    )
    first_hour = models.PositiveSmallIntegerField(validators=[MaxValueValidator(23)])
    last_hour = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    weight = models.FloatField(validators=UNIT)
    segment = models.CharField("audience segment", max_length=80, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["platform", "format", "weekday", "first_hour"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(
                    first_hour__lt=models.F("last_hour"),
                    last_hour__lte=24,
                    weekday__lte=6,
                ),
                name="timing_hours_in_day",
            ),
            models.CheckConstraint(
                condition=models.Q(weight__gte=0, weight__lte=1),
                name="timing_weight_in_unit",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["platform", "format"],
                condition=models.Q(valid_to=None),
                name="timing_in_force",
            )
        ]

    def __str__(self) -> str:
        return (
            f"{self.platform} {self.format}".strip()
            + f", {self.get_weekday_display()} {self.first_hour} h"
        )

    @property
    def hours(self) -> Hours:
        """As computations know it, without the database."""
        return Hours(
            self.platform,
            self.format,
            self.weekday,
            self.first_hour,
            self.last_hour,
            self.weight,
        )


class PostingRhythm(DatedRow):
    """Posts a week that accounts do well with, and the least hours between two."""

    per_week_least = models.PositiveSmallIntegerField()
    per_week_most = models.PositiveSmallIntegerField()
    gap_hours = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["platform", "format"]

    def __str__(self) -> str:
        return (
            f"{self.platform} {self.format}".strip()
            + f": {self.per_week_least} to {self.per_week_most} a week"
        )


def validate_weekdays(days: Any) -> None:
    """Raises ValidationError unless a list of different numbers 0 (Monday) to 6."""
    if not isinstance(days, list) or not all(map(_is_weekday, days)):
        raise ValidationError("Give weekdays as numbers, 0 for Monday to 6 for Sunday.")
    if len(set(days)) == 7:
        raise ValidationError("At least one weekday must be left.")


def _is_weekday(day: Any) -> bool:
    """Whether it is a number from 0 to 6."""
    return isinstance(day, int) and 0 <= day <= 6


def validate_hours(spans: Any) -> None:
    """Raises ValidationError unless a list of {"start": hour, "end": hour}; the end is
    exclusive and may be on the next day.
    """
    valid = isinstance(spans, list) and all(
        isinstance(span, dict) and _is_span(span) for span in spans
    )
    if not valid:
        raise ValidationError('Give hours such as [{"start": 22, "end": 6}].')


def _is_span(span: JsonObject) -> bool:
    """Whether both its ends are hours of a day, 24 being its end."""
    return all(
        isinstance(span.get(key), int) and 0 <= span[key] <= 24
        for key in ("start", "end")
    )


class Preferences(models.Model):
    """What a workspace, or a person in it, wants for all platforms, one platform or one
    format. What is blank is looked up one step further out.
    """

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="preferences"
    )
    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="preferences",
    )
    platform = models.CharField(max_length=20, blank=True, choices=PLATFORM_CHOICES)
    format = models.CharField(max_length=20, blank=True)
    zone = models.CharField(
        "time zone", max_length=64, blank=True, validators=[validate_zone]
    )
    per_day_most = models.PositiveSmallIntegerField(null=True, blank=True)
    per_week_least = models.PositiveSmallIntegerField(null=True, blank=True)
    per_week_most = models.PositiveSmallIntegerField(null=True, blank=True)
    gap_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    weekdays_off = models.JSONField(
        null=True, blank=True, validators=[validate_weekdays]
    )
    hours_off = models.JSONField(null=True, blank=True, validators=[validate_hours])
    quality_threshold = models.FloatField(null=True, blank=True, validators=UNIT)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "preferences"
        ordering: ClassVar[list[str]] = ["workspace", "user", "platform", "format"]
        constraints: ClassVar[list[Any]] = [
            # A null is equal to nothing, so a workspace's own rows need a rule of their own.
            models.UniqueConstraint(
                fields=["workspace", "platform", "format"],
                condition=models.Q(user=None),
                name="workspace_preferences_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "user", "platform", "format"],
                condition=models.Q(user__isnull=False),
                name="user_preferences_once",
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.user or self.workspace}: {self.platform or 'every platform'} "
            f"{self.format}"
        ).strip()

    def holds_for(self, platform: str, format_: str) -> bool:
        """Whether it is about that platform and format, or about any."""
        return self.platform in ("", platform) and self.format in ("", format_)
