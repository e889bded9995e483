"""Prompt templates: what a workspace asks a text engine for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from workspaces.models import Workspace


class PromptTemplate(models.Model):
    """A workspace's prompt; the database keeps at most one active."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="prompt_templates")
    name = models.CharField(max_length=120)
    prompt_text = models.TextField(max_length=20_000)
    is_active = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace", "name"], name="prompt_template_name_once"),
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(is_active=True), name="one_active_prompt_template"
            ),
        ]

    def __str__(self) -> str:
        return self.name
