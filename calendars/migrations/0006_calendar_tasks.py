"""What beat rings for content calendars."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from common.periodic import NEEDS, daily, every, forget

FIND = "Find calendars that lag behind their posts"
CALL_BACK = "Find callbacks that are due"
FORGET = "Forget what was told of calendars"


def add(apps: Any, schema_editor: Any) -> None:
    every(apps, FIND, "calendars.find_lagging", seconds=1)
    every(apps, CALL_BACK, "calendars.find_callbacks", seconds=5)
    daily(apps, FORGET, "calendars.forget_old", hour=4, minute=10)


def remove(apps: Any, schema_editor: Any) -> None:
    for name in (FIND, CALL_BACK, FORGET):
        forget(apps, name)


class Migration(migrations.Migration):
    dependencies = [("calendars", "0005_content_calendars"), NEEDS]
    operations = [migrations.RunPython(add, remove)]
