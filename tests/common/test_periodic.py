"""Rows for beat, as data migrations make them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone
from django_celery_beat.models import (
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
)

from common import periodic

pytestmark = pytest.mark.django_db


@pytest.mark.services
def test_a_task_is_rung_every_few_seconds_and_old_rings_are_dropped() -> None:
    periodic.every(apps, "Look around", "some.task", 7)
    row = PeriodicTask.objects.get(name="Look around")
    assert (row.task, row.interval.every, row.interval.period, row.expire_seconds) == (
        "some.task",
        7,
        "seconds",
        14,
    )


@pytest.mark.services
def test_a_task_is_rung_daily_in_utc() -> None:
    periodic.daily(apps, "Tidy up", "some.task", 3, 30)
    crontab = PeriodicTask.objects.get(name="Tidy up").crontab
    assert (crontab.hour, crontab.minute, str(crontab.timezone)) == ("3", "30", "UTC")
    assert crontab.day_of_week == crontab.day_of_month == crontab.month_of_year == "*"


def test_equal_times_are_shared() -> None:
    for name in ("one", "two"):
        periodic.every(apps, f"Every {name}", "some.task", 11)
        periodic.daily(apps, f"Daily {name}", "some.task", 4, 0)
    assert IntervalSchedule.objects.filter(every=11).count() == 1
    assert CrontabSchedule.objects.filter(hour="4", minute="0").count() == 1


def test_what_staff_changed_stays() -> None:
    periodic.every(apps, "Look around", "some.task", 7)
    PeriodicTask.objects.filter(name="Look around").update(
        enabled=False, expire_seconds=99
    )
    periodic.every(apps, "Look around", "some.task", 7)
    row = PeriodicTask.objects.get(name="Look around")
    assert (row.enabled, row.expire_seconds) == (False, 99)


def test_a_row_can_be_taken_back() -> None:
    periodic.every(apps, "Look around", "some.task", 7)
    periodic.forget(apps, "Look around")
    assert not PeriodicTask.objects.filter(name="Look around").exists()


def test_a_running_beat_is_told_of_the_change() -> None:
    PeriodicTasks.objects.update_or_create(
        ident=1, defaults={"last_update": timezone.now() - timedelta(days=1)}
    )
    periodic.every(apps, "Look around", "some.task", 7)
    assert timezone.now() - PeriodicTasks.objects.get(ident=1).last_update < timedelta(
        minutes=1
    )
