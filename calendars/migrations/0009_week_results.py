"""Sums by hour of the week, which are what is learned from, with those of the results that are there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Sum
from django.utils import timezone

LEARNED_DAYS = 365


def add_up(apps: Any, schema_editor: Any) -> None:
    HourResult, WeekResult = (
        apps.get_model("calendars", name) for name in ("HourResult", "WeekResult")
    )
    since = timezone.now().date() - timedelta(days=LEARNED_DAYS)
    rows = HourResult.objects.filter(date__gte=since, rated__gt=0).order_by()
    names = ("account_id", "platform", "format", "weekday", "hour")
    sums = rows.values_list(*names).annotate(
        Sum("rated"), Sum("log_sum"), Sum("log_squares")
    )
    made = (
        WeekResult(
            **dict(zip((*names, "rated", "log_sum", "log_squares"), row, strict=True))
        )
        for row in sums
    )
    WeekResult.objects.bulk_create(made, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("calendars", "0008_trials"),
        ("scheduling", "0011_content_details"),
    ]

    operations = [
        migrations.CreateModel(
            name="WeekResult",
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
                (
                    "platform",
                    models.CharField(
                        choices=[
                            ("youtube", "YouTube"),
                            ("tiktok", "TikTok"),
                            ("instagram", "Instagram"),
                            ("linkedin", "LinkedIn"),
                            ("x", "X"),
                            ("facebook", "Facebook"),
                            ("mastodon", "Mastodon"),
                            ("bluesky", "Bluesky"),
                            ("telegram", "Telegram"),
                            ("discord", "Discord"),
                            ("wordpress", "WordPress"),
                            ("google_business", "Google Business Profile"),
                            ("nextdoor", "Nextdoor"),
                            ("webhook", "Webhook"),
                            ("outbox", "Outbox"),
                        ],
                        max_length=20,
                    ),
                ),
                ("format", models.CharField(blank=True, max_length=20)),
                ("weekday", models.PositiveSmallIntegerField()),
                ("hour", models.PositiveSmallIntegerField()),
                ("rated", models.PositiveIntegerField()),
                ("log_sum", models.FloatField()),
                ("log_squares", models.FloatField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="week_results",
                        to="scheduling.channelaccount",
                    ),
                ),
            ],
            options={
                "ordering": ["weekday", "hour"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "format", "weekday", "hour"),
                        name="week_result_once",
                    )
                ],
            },
        ),
        migrations.RunPython(add_up, migrations.RunPython.noop),
    ]
