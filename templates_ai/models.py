"""Prompt templates: what a workspace asks a text engine for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from workspaces.models import User, Workspace


class PromptTemplate(models.Model):
    """A workspace's prompt; the database keeps at most one active."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="prompt_templates")
    name = models.CharField(max_length=120)
    prompt_text = models.TextField(max_length=20_000)
    is_active = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
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


class TemplateVersion(models.Model):
    """A template's name and text as they were from one edit to the next; numbers count from one."""

    template = models.ForeignKey(PromptTemplate, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    prompt_text = models.TextField(max_length=20_000)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"
