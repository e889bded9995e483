"""Runs that write texts into a range of empty slots."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models

from common.runs import LeasedRun
from common.transitions import known_state
from scheduling.domain import states
from scheduling.models.content import ContentItem
from scheduling.models.posts import Post
from workspaces.models import User, Workspace


class WritingRun(LeasedRun):
    """Somebody's wish to have the empty slots of [start, end) written. `brief` says
    what about, see `briefs.Brief`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="writing_runs"
    )
    started_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    start = models.DateTimeField()
    end = models.DateTimeField()
    brief = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.WRITING, "writing_run_state_known")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["workspace", "-created_at"], name="writing_run_newest"
            ),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=states.WRITING_OPEN),
                name="writing_run_open",
            ),
        ]

    def __str__(self) -> str:
        return f"texts from {self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"

    @property
    def topic(self) -> str:
        """What pages that show it listen for."""
        return f"writing:{self.pk}"

    @property
    def last(self) -> datetime:
        """The last moment that belongs to the range."""
        return self.end - timedelta(microseconds=1)


class WritingSlot(models.Model):
    """One slot of a run and what became of it; `note` is for people."""

    run = models.ForeignKey(WritingRun, on_delete=models.CASCADE, related_name="slots")
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="writing_slots"
    )
    state = models.CharField(
        max_length=12, default=states.WRITING_SLOT.initial, editable=False
    )
    content = models.ForeignKey(
        ContentItem, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["post__scheduled_at", "pk"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.WRITING_SLOT, "writing_slot_state_known"),
            models.UniqueConstraint(fields=["run", "post"], name="writing_slot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.state}"
