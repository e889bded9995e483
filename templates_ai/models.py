"""Prompt templates: what a workspace asks a text engine for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from common.secrets import SealedField
from workspaces.models import User, Workspace


class PromptTemplate(models.Model):
    """A workspace's prompt; the database keeps at most one active."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="prompt_templates"
    )
    name = models.CharField(max_length=120)
    prompt_text = models.TextField(max_length=20_000)
    is_active = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="prompt_template_name_once"
            ),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_active=True),
                name="one_active_prompt_template",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """A template's name and text as they were from one edit to the next; numbers count from one."""

    template = models.ForeignKey(
        PromptTemplate, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    prompt_text = models.TextField(max_length=20_000)
    made_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["template", "number"], name="template_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"


class EngineSettings(models.Model):
    """Which engine a workspace's texts come from, what it may cost a day, and whether
    it is resting after failures.
    """

    OFFLINE = "offline"
    OPENAI = "openai-compatible"

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="engine_settings"
    )
    engine = models.CharField(
        max_length=20,
        choices=[(OFFLINE, "Offline"), (OPENAI, "OpenAI-compatible")],
        default=OFFLINE,
    )
    base_url = models.CharField(max_length=500, blank=True)
    model = models.CharField(max_length=120, blank=True)
    key: Any = SealedField(blank=True, editable=False)
    seconds = models.FloatField(
        default=30.0, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    stream = models.BooleanField("streamed answers", default=False)
    price_in = models.DecimalField(
        "price of a million tokens asked", max_digits=10, decimal_places=4, default=0
    )
    price_out = models.DecimalField(
        "price of a million tokens answered", max_digits=10, decimal_places=4, default=0
    )
    daily_tokens = models.PositiveIntegerField("tokens a day", null=True, blank=True)
    daily_cost = models.DecimalField(
        "cost a day", max_digits=10, decimal_places=4, null=True, blank=True
    )
    needs_approval = models.BooleanField("generated texts need approval", default=True)
    failures = models.PositiveIntegerField(default=0, editable=False)
    resting_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "engine settings"

    def __str__(self) -> str:
        return f"{self.workspace}: {self.engine}"

    def cost_of(self, tokens_in: int, tokens_out: int) -> Decimal:
        """What so many tokens cost; prices are for a million of them."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1_000_000


class Reservation(models.Model):
    """What a text that is being written may take of the day's budget.

    It is gone when the text is recorded; if its worker died it counts until the engine
    had to have answered.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    tokens = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=14, decimal_places=8)
    until = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "until"], name="reservation_held")
        ]

    def __str__(self) -> str:
        return f"{self.tokens} tokens until {self.until:%H:%M:%S}"


class Generation(models.Model):
    """One text that was made: from which prompt, by which engine, at what cost."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="generations"
    )
    version = models.ForeignKey(
        TemplateVersion, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=120, blank=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    notes = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at"]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "made_at"], name="generation_of_day")
        ]

    def __str__(self) -> str:
        return f"{self.engine}, {self.made_at:%Y-%m-%d %H:%M}"
