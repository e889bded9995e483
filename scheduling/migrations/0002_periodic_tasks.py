"""What beat rings for the posting half; staff see and change the rows in the admin."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from common.periodic import NEEDS, daily, every, forget

DUE = "Find posts that are due"
TOP_OFF = "Top off every workspace's calendar"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, DUE, "scheduling.find_due", seconds=1)
    daily(apps, TOP_OFF, "scheduling.top_off_everywhere", hour=2, minute=0)


def remove(apps: Any, schema_editor: Any) -> None:
    for name in (DUE, TOP_OFF):
        forget(apps, name)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial"), NEEDS]
    operations = [migrations.RunPython(add, remove)]
