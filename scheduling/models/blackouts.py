"""Times in which nothing goes out, and overrides that let something out all the same."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from common.wall_clocks import OUTSIDE, in_calendar
from common.zones import validate_zone
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.domain.recurrence import RuleError, occurrences, parsed
from scheduling.models.channels import ChannelAccount
from scheduling.models.posts import Post
from workspaces.models import User, Workspace


class Blackout(models.Model):
    """Hours without posts: of the whole workspace, one platform, one channel or one
    post; once, or again and again.

    `begins` and `ends` are wall-clock times of `zone`, kept without one; `rule` is a
    recurrence rule of RFC 5545. An override is the opposite: within it other blackouts
    do not count.
    """

    class Kind(models.TextChoices):
        BLACKOUT = "blackout_window", "Blackout"
        OVERRIDE = "manual_override", "Override: posts may go out"
        MAINTENANCE = "technical_maintenance", "Technical maintenance"
        COMPLIANCE = "compliance_lockdown", "Compliance lockdown"
        HOLIDAY = "holiday_observance", "Holiday"
        OUTAGE = "platform_outage", "Platform outage"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="blackouts"
    )
    kind = models.CharField(max_length=24, choices=Kind, default=Kind.BLACKOUT)
    reason = models.CharField(max_length=300, blank=True)
    platform = models.CharField(
        max_length=20, blank=True, choices=[(p.id, p.name) for p in PLATFORMS]
    )
    account = models.ForeignKey(
        ChannelAccount,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="blackouts",
    )
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, null=True, blank=True, related_name="blackouts"
    )
    # Local times are text, because a field of times would take them for UTC.
    begins_local = models.CharField(max_length=19)
    ends_local = models.CharField(max_length=19)
    zone = models.CharField("time zone", max_length=64, validators=[validate_zone])
    rule = models.CharField("recurrence rule", max_length=500, blank=True)
    made_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["begins_local", "created_at"]

    def __str__(self) -> str:
        return self.reason or self.get_kind_display()

    @property
    def begins(self) -> datetime:
        """The first begin, naive, on the wall clock of `zone`."""
        return datetime.fromisoformat(self.begins_local)

    @property
    def ends(self) -> datetime:
        """The first end, naive and exclusive, on the wall clock of `zone`."""
        return datetime.fromisoformat(self.ends_local)

    @property
    def is_override(self) -> bool:
        """Whether it opens what another blackout closes."""
        return self.kind == self.Kind.OVERRIDE

    @property
    def scope(self) -> str:
        """Who is concerned, as people say it."""
        if self.post_id:
            return "one post"
        if self.account_id:
            return str(self.account)
        return (
            f"every {self.get_platform_display()} channel"
            if self.platform
            else "every channel"
        )

    def clean(self) -> None:
        """Raises ValidationError for times or a rule that cannot be, or a scope outside
        the workspace.
        """
        wrong: dict[str, str] = {}
        try:
            ends = {"begins_local": self.begins, "ends_local": self.ends}
            outside = [name for name, at in ends.items() if not in_calendar(at)]
            if outside:
                wrong = dict.fromkeys(outside, OUTSIDE)
            elif self.ends <= self.begins:
                wrong["ends_local"] = "The end must be after the begin."
            elif self.rule:
                parsed(self.rule, self.begins, self.zone)
        except RuleError as error:
            wrong["rule"] = str(error)
        except ValueError:
            wrong["begins_local"] = "Give local times such as 2026-12-24T18:00."
        if sum(map(bool, (self.platform, self.account_id, self.post_id))) > 1:
            wrong["platform"] = "Choose a platform, a channel or a post, not several."
        if wrong:
            raise ValidationError(wrong)

    def stretches(
        self, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """When it holds within [start, end), aware UTC."""
        return occurrences(self.begins, self.ends, self.zone, self.rule, start, end)

    def concerns(self, account: ChannelAccount, post_id: Any = None) -> bool:
        """Whether posts of the channel, or this one, keep to it."""
        if self.post_id:
            return bool(self.post_id == post_id)
        if self.account_id:
            return bool(self.account_id == account.pk)
        return self.platform in ("", account.platform)
