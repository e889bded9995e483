"""What beat rings for workspaces."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from common.periodic import NEEDS, daily, forget

NAME = "Forget answers kept for repeated requests"


def add(apps: Any, schema_editor: Any) -> None:
    daily(apps, NAME, "workspaces.forget_old_replies", hour=3, minute=10)


def remove(apps: Any, schema_editor: Any) -> None:
    forget(apps, NAME)


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0001_initial"), NEEDS]
    operations = [migrations.RunPython(add, remove)]
