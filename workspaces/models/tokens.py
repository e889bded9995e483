"""Tokens for integrations: shown once, stored as a digest, limited by scopes, revocable."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from knox.models import AbstractAuthToken

SCOPES = (
    "account:read",
    "posts:read",
    "posts:write",
    "plans:read",
    "plans:write",
    "schedules:read",
    "schedules:write",
    "optimization:write",
)


class ApiToken(AbstractAuthToken):
    """A named token of one user, bound to one workspace or to none; acts with the
    user's role there.
    """

    name = models.CharField(max_length=80)
    workspace = models.ForeignKey(
        "workspaces.Workspace", null=True, blank=True, on_delete=models.CASCADE
    )
    scopes = models.JSONField(default=list)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[Any]] = ["-created"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"

    def allows(self, scope: str) -> bool:
        """Whether it may do what the scope names."""
        return scope in self.scopes
