"""Beat looks for writing runs that no worker has heard of, or whose worker died."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from common.periodic import NEEDS, every, forget

UNWRITTEN = "Find texts that are to be written"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, UNWRITTEN, "scheduling.find_unwritten", seconds=5)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, UNWRITTEN)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0007_writing_runs"), NEEDS]
    operations = [migrations.RunPython(add, remove)]
