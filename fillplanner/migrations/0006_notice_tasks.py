"""What beat rings for notices."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from common.periodic import NEEDS, daily, every, forget

FIND, FORGET = "Find notices that are due", "Forget old notices"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, FIND, "fillplanner.find_deliveries", seconds=5)
    daily(apps, FORGET, "fillplanner.forget_deliveries", hour=3, minute=40)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, FIND)
    forget(apps, FORGET)


class Migration(migrations.Migration):
    dependencies = [("fillplanner", "0005_notices"), NEEDS]
    operations = [migrations.RunPython(add, remove)]
