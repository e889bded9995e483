"""What beat rings for the watch folders."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from common.periodic import every, forget

LOOK = "Look into watch folders"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, LOOK, "config.look_into_watch_folders", seconds=10)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, LOOK)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0008_writing_tasks")]
    operations = [migrations.RunPython(add, remove)]
