"""Links by which calendar programs read somebody's posts."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.core.signing import BadSignature, Signer
from django.db import models

from workspaces.models import User, Workspace

SIGNER = Signer(salt="scheduling.feed")


def new_nonce() -> str:
    """What makes a link differ from all that were made before it."""
    return secrets.token_urlsafe(16)


class CalendarFeed(models.Model):
    """One person's link to the posts of one workspace. The signed link holds the nonce:
    another nonce ends it.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["user", "workspace"], name="one_feed_per_member"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workspace} for {self.user}"

    @property
    def token(self) -> str:
        """What the link says; whoever has it may read."""
        return SIGNER.sign(f"{self.pk}.{self.nonce}").replace(":", ".")


def feed_of_token(token: str) -> CalendarFeed | None:
    """The feed of a link that is ours and still holds."""
    named, _, signature = token.rpartition(".")
    try:
        key, _, nonce = SIGNER.unsign(f"{named}:{signature}").partition(".")
    except BadSignature:
        return None
    return (
        CalendarFeed.objects.filter(pk=key, nonce=nonce)
        .select_related("user", "workspace")
        .first()
    )
