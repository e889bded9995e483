"""What migrations load is there for every test, also after one that emptied the tables."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from calendars.models import TimingRow


@pytest.mark.django_db(transaction=True)
def test_rows_of_a_fresh_installation_survive_an_emptying() -> None:
    before = PeriodicTask.objects.count(), TimingRow.objects.count()
    call_command("flush", verbosity=0, interactive=False)
    assert (PeriodicTask.objects.count(), TimingRow.objects.count()) == before
    assert all(before)
