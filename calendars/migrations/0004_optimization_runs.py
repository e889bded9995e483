"""Runs of the optimiser, and beat's looking for those that no worker has heard of, or whose worker died."""

from __future__ import annotations

import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.periodic import NEEDS, every, forget

UNOPTIMISED = "Find posting times that are to be chosen"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, UNOPTIMISED, "calendars.find_unoptimised", seconds=5)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, UNOPTIMISED)


class Migration(migrations.Migration):
    dependencies = [
        NEEDS,
        ("calendars", "0003_periodic_tasks"),
        ("workspaces", "0002_periodic_tasks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OptimizationRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "calendar_key",
                    models.UUIDField(
                        blank=True,
                        help_text="The content calendar it was asked for.",
                        null=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(default="pending", editable=False, max_length=12),
                ),
                ("posts", models.JSONField(default=list)),
                (
                    "names",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="The client's own content ids by post.",
                    ),
                ),
                ("limits", models.JSONField(default=dict)),
                ("request_key", models.CharField(blank=True, max_length=64)),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("changes", models.JSONField(default=list)),
                (
                    "proof",
                    models.CharField(
                        blank=True,
                        help_text="optimal, feasible or infeasible",
                        max_length=12,
                    ),
                ),
                ("collisions", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                ("value", models.FloatField(null=True)),
                ("bound", models.FloatField(null=True)),
                ("greedy_value", models.FloatField(null=True)),
                ("seconds", models.FloatField(null=True)),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("losses", models.PositiveSmallIntegerField(default=0)),
                ("worker", models.CharField(blank=True, max_length=120)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                (
                    "rung_at",
                    models.DateTimeField(blank=True, editable=False, null=True),
                ),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="optimization_runs",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "optimisation",
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(
                        fields=["workspace", "-created_at"], name="optimization_newest"
                    ),
                    models.Index(
                        fields=["workspace", "request_key"],
                        name="optimization_by_request",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ("pending", "running"))),
                        fields=["state"],
                        name="optimization_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                (
                                    "pending",
                                    "running",
                                    "completed",
                                    "applied",
                                    "failed",
                                    "canceled",
                                ),
                            )
                        ),
                        name="optimization_state_known",
                    )
                ],
            },
        ),
        migrations.RunPython(add, remove),
    ]
