"""Bulk jobs whose videos were given times: what was placed is remembered, so that nothing is placed twice."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from calendars.models.calendars import ContentCalendar
from workspaces.models import Workspace

LONGEST_NAME = 200


class BulkJob(models.Model):
    """A job that made videos, by the name that its client gives it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="bulk_jobs")
    name = models.CharField(max_length=LONGEST_NAME)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace", "name"], name="bulk_job_once"),
        ]

    def __str__(self) -> str:
        return self.name


class VideoPlacement(models.Model):
    """A video of a job on a platform, with the time it was given and the calendar it is in.

    `key` is the digest of video, platform and time that clients of the library know as the idempotency key.
    """

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="placements")
    video_id = models.CharField(max_length=LONGEST_NAME)
    platform = models.CharField(max_length=20)
    at = models.DateTimeField()
    key = models.CharField(max_length=64)
    calendar = models.ForeignKey(ContentCalendar, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "platform"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["job", "video_id", "platform"], name="video_placed_once"),
            models.UniqueConstraint(fields=["job", "key"], name="placement_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} on {self.platform}"

    def sign(self) -> VideoPlacement:
        """Itself, with its key."""
        text = f"{self.video_id}_{self.platform}_{self.at.isoformat()}"
        self.key = sha256(text.encode()).hexdigest()
        return self
