"""Bulk jobs whose videos were given times: what was placed is remembered, so that
nothing is placed twice.
"""

from __future__ import annotations

import uuid
from hashlib import sha256
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from calendars import states
from calendars.models.calendars import ContentCalendar
from calendars.vocabulary import BULK_RUN, wire_id
from common.runs import OPEN, LeasedRun
from common.transitions import known_state
from workspaces.models import User, Workspace

LONGEST_NAME = 200


class BulkJob(models.Model):
    """A job that made videos, by the name that its client gives it."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="bulk_jobs"
    )
    name = models.CharField(max_length=LONGEST_NAME)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
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
    """A video of a job on a platform, with the time it was given and the calendar it is
    in.

    `key` is the digest of video, platform and time that clients of the library know as
    the idempotency key.
    """

    job = models.ForeignKey(
        BulkJob, on_delete=models.CASCADE, related_name="placements"
    )
    video_id = models.CharField(max_length=LONGEST_NAME)
    platform = models.CharField(max_length=20)
    at = models.DateTimeField()
    key = models.CharField(max_length=64)
    calendar = models.ForeignKey(
        ContentCalendar, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "platform"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["job", "video_id", "platform"], name="video_placed_once"
            ),
            models.UniqueConstraint(fields=["job", "key"], name="placement_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} on {self.platform}"

    def sign(self) -> VideoPlacement:
        """Itself, with its key."""
        text = f"{self.video_id}_{self.platform}_{self.at.isoformat()}"
        self.key = sha256(text.encode()).hexdigest()
        return self


class BulkRun(LeasedRun):
    """A job as it was sent once, and what became of it. `order` says how its videos are
    placed, `videos` what they are until the run is over; `total` counts videos times
    platforms, `calendar` is the newest one they are in.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="bulk_runs"
    )
    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="runs")
    started_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    order = models.JSONField(default=dict)
    videos = models.JSONField(default=list)
    total = models.PositiveIntegerField()
    calendar = models.ForeignKey(
        ContentCalendar, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.BULK, "bulk_run_state_known")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-created_at"], name="bulk_run_newest"),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=OPEN),
                name="bulk_run_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job}, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def wire_id(self) -> str:
        """Its id as clients know it."""
        return wire_id(BULK_RUN, self.pk)

    @property
    def topic(self) -> str:
        """What pages that show it listen for."""
        return f"bulk-job:{self.pk}"


class BulkRow(models.Model):
    """What became of a video on a platform; without a platform, of a row that is no
    video, by its number.
    """

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(null=True)
    video_id = models.CharField(max_length=LONGEST_NAME, blank=True)
    platform = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField(null=True)
    is_known = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["run", "video_id", "platform"],
                condition=~models.Q(platform=""),
                name="bulk_row_once",
            ),
        ]

    def __str__(self) -> str:
        return (
            f"Row {self.number}: {self.problem}"
            if self.number
            else f"{self.video_id} on {self.platform}"
        )

    @property
    def outcome(self) -> str:
        """`left_out` where no time was found, `known` where an earlier run placed it,
        else `planned`.
        """
        if self.problem:
            return "left_out"
        return "known" if self.is_known else "planned"
