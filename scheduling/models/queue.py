"""What a workspace wants of its posting queue, and what its watch folder has seen."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from common.transitions import known_state
from scheduling.domain import states
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.models.content import ContentItem
from workspaces.models import Workspace

LONGEST_HOURS = 168


def default_auto() -> bool:
    """The installation's AUTO_SCHEDULE."""
    return bool(settings.AUTO_SCHEDULE)


def default_spacing() -> int:
    """The installation's SCHEDULE_SPACING_HOURS."""
    return int(settings.SCHEDULE_SPACING_HOURS)


def default_offset() -> int:
    """The installation's DEFAULT_POST_TIME_OFFSET, in hours."""
    return int(settings.DEFAULT_POST_TIME_OFFSET)


def validate_platforms(names: Any) -> None:
    """Raises ValidationError unless `names` is a list of platform ids."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValidationError("Platforms are a list of their ids.")
    unknown = [
        name for name in names if name not in BY_NAME or BY_NAME[name].id != name
    ]
    if unknown:
        raise ValidationError(f"There is no platform {', '.join(unknown)}.")


class QueueSettings(models.Model):
    """One row a workspace; a workspace without one has the defaults. `platforms` empty
    means all.
    """

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="queue_settings"
    )
    auto_plan = models.BooleanField("plan new files by itself", default=default_auto)
    spacing_hours = models.PositiveSmallIntegerField(
        default=default_spacing,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_HOURS)],
    )
    offset_hours = models.PositiveSmallIntegerField(
        default=default_offset, validators=[MaxValueValidator(LONGEST_HOURS)]
    )
    platforms = models.JSONField(
        default=list, blank=True, validators=[validate_platforms]
    )
    watching = models.BooleanField("watch the folder", default=False)

    class Meta:
        verbose_name_plural = "queue settings"

    def __str__(self) -> str:
        return f"queue of {self.workspace}"


class WatchedFile(models.Model):
    """One version of one file in a watch folder: told apart by name, size and time of change."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="watched_files"
    )
    path = models.CharField(max_length=1000)
    size = models.PositiveBigIntegerField()
    changed_ns = models.BigIntegerField()
    state = models.CharField(
        max_length=12, default=states.WATCHED.initial, editable=False
    )
    seen_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    content = models.ForeignKey(
        ContentItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            known_state(states.WATCHED, "watched_state_known"),
            models.UniqueConstraint(
                fields=["workspace", "path", "size", "changed_ns"],
                name="watched_file_once",
            ),
        ]

    def __str__(self) -> str:
        return self.path


class WatcherEvent(models.Model):
    """Something the watcher of a workspace's folder did or left alone; times in seconds."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="watcher_events"
    )
    at = models.DateTimeField(auto_now_add=True)
    event_type = models.CharField(max_length=40)
    filename = models.CharField(max_length=1000)
    file_size = models.PositiveBigIntegerField(null=True)
    duration = models.FloatField(null=True)
    stage = models.CharField(max_length=40, blank=True)
    platform = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=12)
    message = models.TextField(blank=True)
    metadata = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="watcher_newest")
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.filename}"
