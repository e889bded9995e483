"""Load the timing tables; staff keep them up to date afterwards."""

from typing import Any

from django.db import migrations

from calendars.timing.tables import tables


def load(apps: Any, schema_editor: Any) -> None:
    known = tables()
    dated = {"source": known.source, "valid_from": known.valid_from}
    row_class = apps.get_model("calendars", "TimingRow")
    row_class.objects.bulk_create(
        row_class(
            platform=row.platform, format=row.format, weekday=row.weekday, first_hour=row.first, last_hour=row.last,
            weight=row.weight, **dated,
        )
        for row in known.hours
    )  # fmt: skip
    rhythm_class = apps.get_model("calendars", "PostingRhythm")
    rhythm_class.objects.bulk_create(
        rhythm_class(
            platform=row.platform, format=row.format, per_week_least=row.least, per_week_most=row.most,
            gap_hours=row.gap_hours, **dated,
        )
        for row in known.rhythms
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
