"""Rules of a line kept under a name, for one person or for everybody to read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models


class ConfigTemplateQuerySet(models.QuerySet["ConfigTemplate"]):
    def chosen_by(self, owner_id: int) -> ConfigTemplateQuerySet:
        """The owner's default: one or none."""
        return self.filter(owner=owner_id, is_default=True)


class ConfigTemplate(models.Model):
    """A config as it was written, keys the planner does not read included. The database
    keeps one default a person.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="config_templates",
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    config = models.JSONField(default=dict, blank=True)
    is_public = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ConfigTemplateQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=models.Q(is_default=True),
                name="one_default_config_template",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["owner", "-created_at"], name="config_template_newest")
        ]

    def __str__(self) -> str:
        return self.name
