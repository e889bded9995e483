"""Beat looks for imports that no worker has heard of, or whose worker died."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from common.periodic import NEEDS, every, forget

UNIMPORTED = "Find posts that are to be imported"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, UNIMPORTED, "scheduling.find_unimported", seconds=5)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, UNIMPORTED)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0013_post_imports"), NEEDS]
    operations = [migrations.RunPython(add, remove)]
