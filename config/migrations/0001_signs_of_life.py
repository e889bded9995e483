from django.db import migrations

from common import periodic

NAME = "Show that a worker is alive"


def add(apps, schema_editor):
    periodic.every(apps, NAME, "config.show_life", 5)


def remove(apps, schema_editor):
    periodic.forget(apps, NAME)


class Migration(migrations.Migration):
    initial = True
    dependencies = [periodic.NEEDS]
    operations = [migrations.RunPython(add, remove)]
