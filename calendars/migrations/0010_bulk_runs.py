"""Runs of bulk jobs with their reports, and beat's looking after them."""

from __future__ import annotations

import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.periodic import NEEDS, every, forget

FIND = "Find bulk jobs that need a worker"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, FIND, "calendars.find_unplaced", seconds=5)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, FIND)


class Migration(migrations.Migration):
    dependencies = [
        NEEDS,
        ("calendars", "0009_week_results"),
        ("workspaces", "0002_periodic_tasks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkRun",
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
                    "state",
                    models.CharField(default="pending", editable=False, max_length=12),
                ),
                ("order", models.JSONField(default=dict)),
                ("videos", models.JSONField(default=list)),
                ("total", models.PositiveIntegerField()),
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
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "calendar",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="calendars.contentcalendar",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="calendars.bulkjob",
                    ),
                ),
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
                        related_name="bulk_runs",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="BulkRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("number", models.PositiveIntegerField(null=True)),
                ("video_id", models.CharField(blank=True, max_length=200)),
                ("platform", models.CharField(blank=True, max_length=20)),
                ("at", models.DateTimeField(null=True)),
                ("is_known", models.BooleanField(default=False)),
                ("problem", models.CharField(blank=True, max_length=300)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="calendars.bulkrun",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddIndex(
            model_name="bulkrun",
            index=models.Index(
                fields=["workspace", "-created_at"], name="bulk_run_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="bulkrun",
            index=models.Index(
                condition=models.Q(("state__in", ("pending", "running"))),
                fields=["state"],
                name="bulk_run_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ("pending", "running", "completed", "failed", "canceled"),
                    )
                ),
                name="bulk_run_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkrow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("platform", ""), _negated=True),
                fields=("run", "video_id", "platform"),
                name="bulk_row_once",
            ),
        ),
        migrations.RunPython(add, remove),
    ]
