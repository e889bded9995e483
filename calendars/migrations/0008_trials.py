"""Trials of posting times, and beat's looking after them."""

from __future__ import annotations

import uuid
from typing import Any

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.periodic import NEEDS, every, forget

TRIALS = "Look after trials of posting times"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, TRIALS, "calendars.look_after_trials", seconds=900)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, TRIALS)


class Migration(migrations.Migration):
    dependencies = [
        NEEDS,
        ("calendars", "0007_bulk_jobs"),
        ("scheduling", "0011_content_details"),
        ("workspaces", "0002_periodic_tasks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Trial",
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
                ("name", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(default="draft", editable=False, max_length=12),
                ),
                ("platforms", models.JSONField(blank=True, default=list)),
                ("variants", models.JSONField(default=list)),
                ("seed", models.PositiveIntegerField()),
                (
                    "kpi",
                    models.CharField(
                        choices=[
                            ("engagement_rate", "Engagement rate"),
                            ("click_through_rate", "Click-through rate"),
                        ],
                        default="engagement_rate",
                        max_length=20,
                        verbose_name="primary KPI",
                    ),
                ),
                (
                    "guardrail",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("stopped_because", models.CharField(blank=True, max_length=300)),
                ("results", models.JSONField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("adopted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
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
                        related_name="trials",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="TrialPost",
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
                ("variant", models.CharField(max_length=60)),
                ("stratum", models.CharField(max_length=60)),
                ("time_before", models.DateTimeField(null=True)),
                ("time_after", models.DateTimeField(null=True)),
                (
                    "score",
                    models.FloatField(
                        help_text="What its new time was held to be worth.", null=True
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trial_posts",
                        to="scheduling.post",
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="allotted",
                        to="calendars.trial",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="trial",
            index=models.Index(
                fields=["workspace", "-created_at"], name="trial_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="trial",
            index=models.Index(
                condition=models.Q(("state", "running")),
                fields=["state"],
                name="trial_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="trial",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ("draft", "running", "completed", "stopped", "canceled"),
                    )
                ),
                name="trial_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="trialpost",
            constraint=models.UniqueConstraint(
                fields=("trial", "post"), name="trial_post_once"
            ),
        ),
        migrations.RunPython(add, remove),
    ]
