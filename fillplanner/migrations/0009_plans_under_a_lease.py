"""Plans are runs like the others: their columns have the same names, and what counts
against a plan is the workers that died at it, not its claims.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import F

COLUMNS = {"error_message": "error", "completed_at": "ended_at"}


def count_losses(apps: Any, schema_editor: Any) -> None:
    """Until now only a worker's death brought a plan back to `pending`: every claim but
    the one that holds was lost.
    """
    plans = apps.get_model("fillplanner", "Plan").objects
    plans.filter(state="pending").update(losses=F("fence"))
    plans.filter(state="running", fence__gt=0).update(losses=F("fence") - 1)


class Migration(migrations.Migration):
    dependencies = [("fillplanner", "0008_families_and_traces")]

    operations = [
        *(
            migrations.RenameField(model, old, new)
            for model in ("plan", "comparison")
            for old, new in COLUMNS.items()
        ),
        *(
            migrations.AlterField(
                model, "error", models.TextField("error message", blank=True)
            )
            for model in ("plan", "comparison")
        ),
        *(
            migrations.AlterField(
                model,
                "ended_at",
                models.DateTimeField("completed at", blank=True, null=True),
            )
            for model in ("plan", "comparison")
        ),
        migrations.AddField(
            "plan", "losses", models.PositiveSmallIntegerField(default=0)
        ),
        migrations.RunPython(count_losses, migrations.RunPython.noop),
    ]
