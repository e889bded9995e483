"""What is posted: reusable content items, and the placeholder that marks an empty slot."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from templates_ai.engines.outlines import is_outline
from workspaces.models import Workspace

PLACEHOLDER_TITLE = "[PLANNED SLOT]"


class ContentItemQuerySet(models.QuerySet["ContentItem"]):
    """Content items; the placeholder that marks empty slots is one of them."""

    def real(self) -> ContentItemQuerySet:
        """Without the placeholders."""
        return self.filter(is_placeholder=False)


class ContentItem(models.Model):
    """A title, a caption, hashtags and a link, used by any number of posts.

    `details` are facts that clients keep with it and the product itself does not use.
    `generation` is the record of the engine that wrote it, None for what a person wrote.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="content_items"
    )
    title = models.CharField(max_length=200)
    caption = models.TextField(blank=True, max_length=70_000)
    hashtags = models.JSONField(default=list, blank=True)
    link = models.URLField(max_length=1000, blank=True)
    owner = models.CharField(max_length=150, blank=True)
    stage = models.CharField(max_length=20, default="Idea")
    notes = models.TextField(blank=True, max_length=5000)
    details = models.JSONField(default=dict, blank=True, editable=False)
    generation = models.ForeignKey(
        "templates_ai.Generation",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    is_placeholder = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ContentItemQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_placeholder=True),
                name="one_placeholder_per_workspace",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-created_at"], name="content_newest")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_outline(self) -> bool:
        """Whether a person still has to write its text."""
        return is_outline(self.caption)

    @property
    def text(self) -> str:
        """Caption, hashtags and link as they are sent, a blank line between them."""
        tags = " ".join(f"#{tag.lstrip('#')}" for tag in self.hashtags)
        return "\n\n".join(part for part in (self.caption, tags, self.link) if part)
