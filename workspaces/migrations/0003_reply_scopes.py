"""Kept answers belong to a person or to a workspace. The way back forgets them, as a day
would.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat


def name_scopes(apps: Any, schema_editor: Any) -> None:
    owner = Cast(F("user_id"), CharField())
    replies = apps.get_model("workspaces", "StoredReply").objects
    replies.update(scope=Concat(Value("user:"), owner))


def forget(apps: Any, schema_editor: Any) -> None:
    apps.get_model("workspaces", "StoredReply").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0002_periodic_tasks")]

    operations = [
        migrations.RemoveConstraint("storedreply", "stored_reply_once"),
        migrations.AddField(
            "storedreply",
            "scope",
            models.CharField(default="", max_length=40),
            preserve_default=False,
        ),
        migrations.RunPython(name_scopes, migrations.RunPython.noop),
        migrations.RemoveField("storedreply", "user"),
        migrations.RunPython(migrations.RunPython.noop, forget),
        migrations.AddConstraint(
            "storedreply",
            models.UniqueConstraint(
                fields=("scope", "door", "key"), name="stored_reply_once"
            ),
        ),
    ]
