"""Beat rings one task that looks for all work nobody heard of, instead of one for each
kind.
"""

from django.db import migrations

from common.periodic import NEEDS, every, forget

NAME = "Find work that nobody heard of"
BEFORE = {
    "Find plans that need a worker": "fillplanner.find_unfinished",
    "Find notices that are due": "fillplanner.find_deliveries",
    "Find texts that are to be written": "scheduling.find_unwritten",
    "Find posts that are to be imported": "scheduling.find_unimported",
    "Find posting times that are to be chosen": "calendars.find_unoptimised",
    "Find bulk jobs that need a worker": "calendars.find_unplaced",
    "Find callbacks that are due": "calendars.find_callbacks",
}


def join(apps, schema_editor):
    every(apps, NAME, "config.find_unheard", seconds=5)
    for name in BEFORE:
        forget(apps, name)


def part(apps, schema_editor):
    for name, task in BEFORE.items():
        every(apps, name, task, seconds=5)
    forget(apps, NAME)


class Migration(migrations.Migration):
    dependencies = [
        NEEDS,
        ("config", "0002_no_signs_of_life_by_task"),
        ("fillplanner", "0006_notice_tasks"),
        ("scheduling", "0014_import_tasks"),
        ("calendars", "0010_bulk_runs"),
    ]
    operations = [migrations.RunPython(join, part)]
