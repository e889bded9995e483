"""Content calendars, their items, and the content that clients know by ids of their own."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce

from calendars import states
from calendars.vocabulary import CALENDAR, ITEM, wire_id, wire_platform
from common.transitions import known_state
from common.zones import validate_zone
from scheduling.models import Attempt, ContentItem, Post
from workspaces.models import Workspace

LONGEST_KEY = 200
LONGEST_CONTENT_ID = 200
USUAL_DEADLINE = timedelta(hours=2)


class ContentCalendarQuerySet(models.QuerySet["ContentCalendar"]):
    def open(self) -> ContentCalendarQuerySet:
        """Those that are still under way."""
        return self.filter(state__in=states.CALENDAR_OPEN)


class ContentCalendar(models.Model):
    """A named set of posts worked through as one, with its progress.

    `processing_deadline` is how late an item may be before it is skipped.
    `event_number` counts what was told of it, `last_event_at` is when it last was; both
    only grow.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="content_calendars"
    )
    title = models.CharField(max_length=200)
    zone = models.CharField(
        "time zone", max_length=64, default="UTC", validators=[validate_zone]
    )
    state = models.CharField(
        max_length=12, default=states.CALENDAR.initial, editable=False
    )
    processing_deadline = models.DurationField(default=USUAL_DEADLINE)
    callbacks = models.JSONField(default=dict, blank=True)
    idempotency_key = models.CharField(max_length=LONGEST_KEY, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    event_number = models.PositiveBigIntegerField(default=0, editable=False)
    last_event_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ContentCalendarQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.CALENDAR, "calendar_state_known")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["workspace", "-created_at", "-id"], name="calendar_newest"
            ),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=states.CALENDAR_OPEN),
                name="calendar_under_way",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def wire_id(self) -> str:
        """Its id as clients know it."""
        return wire_id(CALENDAR, self.pk)

    @property
    def topic(self) -> str:
        """Under what live updates speak of it."""
        return f"content-calendar:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it may still change."""
        return self.state in states.CALENDAR_OPEN

    @property
    def may_be_canceled(self) -> bool:
        """Whether its state lets somebody cancel it."""
        return self.state in states.CANCELABLE


class CalendarItemQuerySet(models.QuerySet["CalendarItem"]):
    def open(self) -> CalendarItemQuerySet:
        """Those that may still change."""
        return self.filter(state__in=states.ITEM_OPEN)

    def timed(self) -> CalendarItemQuerySet:
        """With `at`: when its post goes out or went out, else when the client wanted it to."""
        return self.annotate(at=Coalesce(F("post__scheduled_at"), F("asked_at")))

    def in_time(self) -> CalendarItemQuerySet:
        """By `at`, those of one time as the client had them."""
        return self.timed().order_by(
            Coalesce("post__scheduled_at", "asked_at"), "position"
        )

    def shown(self) -> CalendarItemQuerySet:
        """With what is shown of each in three queries: post, channel, content and the
        tries to publish it.
        """
        rows = self.select_related("post__account", "post__content")
        return rows.prefetch_related("post__attempts")


class CalendarItem(models.Model):
    """A post's place in a content calendar, with the client's own content id, metadata
    and callbacks.

    Its state follows the post's. `position` is its place in the client's order,
    `asked_at` when the client wanted it to go out; the post says when it does, and
    `announced_at` is the time that followers were last told. A post that was deleted
    leaves None.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    calendar = models.ForeignKey(
        ContentCalendar, on_delete=models.CASCADE, related_name="items"
    )
    post = models.OneToOneField(
        Post, null=True, on_delete=models.SET_NULL, related_name="calendar_item"
    )
    position = models.PositiveIntegerField()
    content_id = models.CharField(max_length=LONGEST_CONTENT_ID)
    platform = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, editable=False)
    metadata = models.JSONField(default=dict, blank=True)
    callbacks = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=12, default=states.ITEM.initial, editable=False)
    skipped_because = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = CalendarItemQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.ITEM, "calendar_item_state_known"),
            models.UniqueConstraint(
                fields=["calendar", "position"], name="one_item_a_place"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["calendar", "state"], name="item_by_state"),
            models.Index(
                fields=["calendar", "updated_at", "position"], name="item_by_change"
            ),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=states.ITEM_OPEN),
                name="item_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} on {self.platform}"

    @property
    def wire_id(self) -> str:
        """Its id as clients know it."""
        return wire_id(ITEM, self.pk)

    @property
    def is_open(self) -> bool:
        """Whether it may still change."""
        return self.state in states.ITEM_OPEN

    @property
    def wire_platform(self) -> str:
        """Its platform as clients know it."""
        return wire_platform(self.platform)


class ScheduleAssignment(CalendarItem):
    """An item as work that somebody does: which worker has it, and how often it was
    tried. No table of its own; it is told from the tries to publish the post.
    """

    class Meta:
        proxy = True

    @property
    def attempts(self) -> list[Attempt]:
        """The tries to publish its post, the first one first; of `shown()` rows without
        a query.
        """
        tries = self.post.attempts.all() if self.post else ()
        return sorted(tries, key=attrgetter("number"))

    @property
    def worker(self) -> str:
        """The worker that has it, or had it last; blank before the first try."""
        return self.attempts[-1].worker if self.attempts else ""

    @property
    def retry_count(self) -> int:
        """How many tries there were after the first."""
        return max(0, len(self.attempts) - 1)

    @property
    def last_retry_at(self) -> datetime | None:
        """When the last of them began; None where there was none."""
        return self.attempts[-1].claimed_at if self.retry_count else None

    @property
    def last_error(self) -> str:
        """What went wrong last; blank where nothing did."""
        of_post = self.post.last_error if self.post else ""
        return self.skipped_because or of_post


class ClientContent(models.Model):
    """The content item that a client's content id, the name, stands for in a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=LONGEST_CONTENT_ID)
    content = models.ForeignKey(
        ContentItem, on_delete=models.CASCADE, related_name="client_ids"
    )

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="client_content_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
