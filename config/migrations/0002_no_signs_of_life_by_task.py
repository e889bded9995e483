from django.db import migrations

from common import periodic

NAME = "Show that a worker is alive"


def remove(apps, schema_editor):
    # Workers show it themselves: a task waits behind others, and a busy worker looked dead.
    periodic.forget(apps, NAME)


def add(apps, schema_editor):
    periodic.every(apps, NAME, "config.show_life", 5)


class Migration(migrations.Migration):
    dependencies = [("config", "0001_signs_of_life")]
    operations = [migrations.RunPython(remove, add)]
