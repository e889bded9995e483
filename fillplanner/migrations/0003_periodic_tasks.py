"""What beat rings for filling plans."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from common.periodic import NEEDS, every, forget

NAME = "Find plans that need a worker"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, NAME, "fillplanner.find_unfinished", seconds=5)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, NAME)


class Migration(migrations.Migration):
    dependencies = [("fillplanner", "0002_initial"), NEEDS]
    operations = [migrations.RunPython(add, remove)]
