"""Accounts on platforms, each with its cadence."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models

from common.secrets import SealedField
from common.zones import validate_zone
from scheduling.domain.cadence import (
    LARGEST_CADENCE,
    Cadence,
    CadenceError,
    parse_times,
)
from scheduling.domain.platforms.catalogue import BY_NAME, PLATFORMS
from workspaces.models import Workspace


def default_times() -> list[str]:
    """Times of a channel that names none."""
    return ["09:00"]


def validate_times(texts: Any) -> None:
    """Raises ValidationError unless `texts` is a list of "HH:MM"."""
    if not isinstance(texts, list) or not texts:
        raise ValidationError("Give at least one local time, for example 09:00.")
    try:
        parse_times(texts)
    except CadenceError as error:
        raise ValidationError(str(error)) from error


class ChannelAccountQuerySet(models.QuerySet["ChannelAccount"]):
    def active(self) -> ChannelAccountQuerySet:
        """Those that get slots and may send."""
        return self.filter(status=ChannelAccount.Status.ACTIVE)


class ChannelAccount(models.Model):
    """One account on one platform. `publisher` names what sends its posts; blank means
    not connected.

    `endpoint` is where a publisher that needs an address sends to, `login_name` and
    `credential` are what it signs in with: a name where there is one, a secret or
    token.
    """

    class Status(models.TextChoices):
        """Paused channels hold their posts; those not connected fail them, with the
        reason.
        """

        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        UNCONNECTED = "unconnected", "Not connected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="channel_accounts"
    )
    platform = models.CharField(
        max_length=20, choices=[(p.id, p.name) for p in PLATFORMS]
    )
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    publisher = models.CharField(max_length=20, blank=True)
    endpoint = models.CharField(max_length=1000, blank=True)
    login_name = models.CharField(max_length=200, blank=True)
    credential: Any = SealedField(blank=True, default="", editable=False)
    # What the account's own server takes, by the rules of `domain.platforms`, and when it
    # said so.
    server_limits = models.JSONField(default=dict, blank=True, editable=False)
    server_limits_at = models.DateTimeField(null=True, editable=False)
    # Why the platform no longer accepts the sign-in; blank while it does.
    sign_in_error = models.CharField(
        max_length=500, blank=True, default="", editable=False
    )
    # When managers were told of it.
    sign_in_told_at = models.DateTimeField(null=True, editable=False)
    sign_in_rung_at = models.DateTimeField(null=True, editable=False)
    external_id = models.CharField(max_length=200, blank=True)
    profile_url = models.URLField(max_length=500, blank=True)
    login_email = models.EmailField(blank=True)
    notes = models.TextField(blank=True, max_length=2000)
    posts_per_week = models.PositiveSmallIntegerField(
        default=3, validators=[MaxValueValidator(LARGEST_CADENCE)]
    )
    zone = models.CharField(
        "time zone",
        max_length=64,
        default="America/Los_Angeles",
        validators=[validate_zone],
    )
    local_times = models.JSONField(default=default_times, validators=[validate_times])
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ChannelAccountQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(posts_per_week__lte=LARGEST_CADENCE),
                name="channel_cadence_in_range",
            ),
            models.UniqueConstraint(
                fields=["workspace", "platform", "name"], name="channel_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def platform_name(self) -> str:
        """The platform as people write it: `YouTube`."""
        return BY_NAME[self.platform].name

    @property
    def cadence(self) -> Cadence:
        """Raises CadenceError when the stored times cannot be read."""
        return Cadence(self.posts_per_week, self.zone, parse_times(self.local_times))
