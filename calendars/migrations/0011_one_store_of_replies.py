"""Answers to keyed requests are kept with those of the other doors. The way
back leaves them there, until a day has passed."""

from __future__ import annotations

from typing import Any

from django.db import migrations

WORKSPACE, DOOR, CREATED = "workspace:", "calendars", 201


def move_out(apps: Any, schema_editor: Any) -> None:
    replies = apps.get_model("workspaces", "StoredReply").objects
    for keyed in apps.get_model("calendars", "KeyedRequest").objects.iterator():
        reply = replies.create(
            scope=f"{WORKSPACE}{keyed.workspace_id}",
            door=DOOR,
            key=keyed.key,
            fingerprint=keyed.fingerprint,
            status=CREATED,
            body=keyed.body,
        )
        replies.filter(pk=reply.pk).update(created_at=keyed.created_at)


class Migration(migrations.Migration):
    dependencies = [
        ("calendars", "0010_bulk_runs"),
        ("workspaces", "0003_reply_scopes"),
    ]

    operations = [
        migrations.RunPython(move_out, migrations.RunPython.noop),
        migrations.DeleteModel("KeyedRequest"),
    ]
