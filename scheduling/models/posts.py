"""Posts and the attempts to publish them."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from django.db import models

from common.transitions import known_state
from scheduling.domain import states
from scheduling.domain.cadence import LocalSlot
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.models.channels import ChannelAccount
from scheduling.models.content import ContentItem
from scheduling.models.groups import PostGroup
from workspaces.models import Workspace


class PostQuerySet(models.QuerySet["Post"]):
    """Posts by what workers and calendars ask of them."""

    def due(self, now: datetime) -> PostQuerySet:
        """Scheduled posts whose time has come, the longest waiting first."""
        return self.filter(state=states.SCHEDULED, due_at__lte=now).order_by("due_at")

    def unheard(self, since: datetime) -> PostQuerySet:
        """Those for which no worker was rung since then."""
        return self.filter(models.Q(rung_at=None) | models.Q(rung_at__lt=since))

    def between(self, start: datetime, end: datetime) -> PostQuerySet:
        """Posts with a time in [start, end)."""
        return self.filter(scheduled_at__gte=start, scheduled_at__lt=end)

    def for_display(self) -> PostQuerySet:
        """With what lists and calendars show of each, in one query."""
        return self.select_related("account", "content")


class Post(models.Model):
    """One content item going to one channel account at one time; an empty slot points
    to the placeholder.

    `scheduled_at` is the promise to people; `due_at` is when a worker may next try,
    later after a failed try; `rung_at` is when a worker was last rung for it, so that a
    backlog is not rung for every second. `format` is how the platform carries it, blank
    for the platform's usual one. `epoch` counts deliberate publications: a retry keeps
    it, so every try of one publication has one dedupe key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="posts"
    )
    account = models.ForeignKey(
        ChannelAccount, on_delete=models.CASCADE, related_name="posts"
    )
    content = models.ForeignKey(
        ContentItem, on_delete=models.PROTECT, related_name="posts"
    )
    group = models.ForeignKey(
        PostGroup,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="posts",
    )
    caption_override = models.TextField(blank=True, max_length=70_000)
    format = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=12, default=states.POST.initial, editable=False)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    slot_date = models.DateField(null=True, blank=True)
    slot_time = models.TimeField(null=True, blank=True)
    slot_zone = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True, editable=False)
    epoch = models.PositiveIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by_hand = models.BooleanField(default=False)
    external_id = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = PostQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["scheduled_at"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.POST, "post_state_known"),
            models.UniqueConstraint(
                fields=["workspace", "account", "scheduled_at"],
                name="one_post_per_instant",
            ),
            models.UniqueConstraint(
                fields=["account", "slot_date", "slot_time", "slot_zone"],
                name="one_post_per_slot",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "scheduled_at"], name="post_calendar"),
            models.Index(
                fields=["workspace", "state", "scheduled_at"], name="post_by_state"
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(state=states.SCHEDULED),
                name="post_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content} on {self.account}"

    @property
    def is_empty(self) -> bool:
        """Whether it is a slot without content."""
        return self.state == states.PLANNED

    @property
    def text(self) -> str:
        """What goes out: the post's own caption, else the content's text."""
        return self.caption_override or self.content.text

    @property
    def chosen_format(self) -> str:
        """Its own format, else the platform's usual one."""
        return self.format or BY_NAME[self.account.platform].formats[0]

    @property
    def utc_date(self) -> date | None:
        """The UTC date of its time, None for a post without one."""
        return self.scheduled_at.astimezone(UTC).date() if self.scheduled_at else None

    @property
    def slot(self) -> LocalSlot | None:
        """The place in the calendar that the post was planned for, None for a post
        placed by hand.
        """
        if self.slot_date is None or self.slot_time is None:
            return None
        return LocalSlot(self.slot_date, self.slot_time, self.slot_zone)

    @property
    def dedupe_key(self) -> str:
        """Equal over every try and restart of one publication."""
        return f"{self.pk}:{self.epoch}"


class Attempt(models.Model):
    """One try to publish one post. `number` is the fence: a worker whose number is old
    may record nothing.

    `questions` counts how often the platform was asked about an unclear one,
    `next_question_at` is when it will be.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=12, default=states.ATTEMPT.initial, editable=False
    )
    dedupe_key = models.CharField(max_length=80)
    worker = models.CharField(max_length=120)
    lease_until = models.DateTimeField()
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    questions = models.PositiveSmallIntegerField(default=0)
    next_question_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.ATTEMPT, "attempt_state_known"),
            models.UniqueConstraint(fields=["post", "number"], name="attempt_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=[states.CLAIMED, states.SENDING]),
                name="attempt_open",
            ),
            models.Index(
                fields=["next_question_at"],
                condition=models.Q(state=states.ATTEMPT_UNCERTAIN),
                name="attempt_unclear",
            ),
        ]

    def __str__(self) -> str:
        return f"try {self.number} of {self.post_id}"

    @property
    def duration(self) -> timedelta | None:
        """From claim to end, None while it lasts."""
        return self.ended_at - self.claimed_at if self.ended_at else None
