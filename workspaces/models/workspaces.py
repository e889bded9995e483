"""Tenants and who belongs to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models

from common.zones import validate_zone
from workspaces.models.users import User
from workspaces.roles import Role


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def of(self, user: User) -> WorkspaceQuerySet:
        """The workspaces that this user belongs to."""
        return self.filter(memberships__user=user)


class Workspace(models.Model):  # type: ignore[django-manager-missing]  # knox's manager has no types
    """A tenant: everything a team plans and publishes belongs to one."""

    slug = models.CharField(
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9_-]*\Z", "Small letters, digits, - and _ only."
            )
        ],
        help_text="Short name in addresses and on the wire, for example h2o.",
    )
    name = models.CharField(max_length=120)
    zone = models.CharField(
        "time zone", max_length=64, default="UTC", validators=[validate_zone]
    )
    grace_minutes = models.PositiveIntegerField(
        default=60,
        validators=[MaxValueValidator(7 * 24 * 60)],
        help_text=(
            "How late a post may still go out after an interruption; later it "
            "counts as missed."
        ),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    members: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="workspaces.Membership",
        related_name="workspaces",
    )

    objects: ClassVar[Any] = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in a workspace, with a role."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["user__username"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["user", "workspace"], name="membership_once"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"
