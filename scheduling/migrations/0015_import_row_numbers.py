"""Imports keep the numbers of their rows, and which sheet of a workbook was read."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0014_import_tasks")]
    operations = [
        migrations.AddField("postimport", "numbers", models.JSONField(default=list)),
        migrations.AddField(
            "postimport", "sheet", models.CharField(blank=True, max_length=255)
        ),
        migrations.AddField("postimport", "sheets", models.JSONField(default=list)),
    ]
