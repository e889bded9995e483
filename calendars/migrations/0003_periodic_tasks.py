"""What beat rings for calendars."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from common.periodic import NEEDS, daily, forget

NAME = "Forget old measurements of posts"


def add(apps: Any, schema_editor: Any) -> None:
    daily(apps, NAME, "calendars.forget_old_measurements", hour=3, minute=40)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, NAME)


class Migration(migrations.Migration):
    dependencies = [("calendars", "0002_timing_tables"), NEEDS]
    operations = [migrations.RunPython(add, remove)]
