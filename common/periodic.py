"""Rows that make beat ring a task again and again; for data migrations, which pass
their historical models.

What staff changed in the admin stays: a row that exists under the name is left as it
is.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

BEAT = "django_celery_beat"
# What a migration that calls these depends on.
NEEDS = (BEAT, "0019_alter_periodictasks_options")
DAILY_EXPIRES_SECONDS = 6 * 60 * 60


def every(apps: Any, name: str, task: str, seconds: int) -> None:
    """Ring `task` every `seconds`. A ring nobody heard within two periods is dropped,
    the next ones do.
    """
    intervals = apps.get_model(BEAT, "IntervalSchedule").objects
    period = {"every": seconds, "period": "seconds"}
    interval = intervals.filter(**period).first() or intervals.create(**period)
    _add(apps, name, task, interval=interval, expires=2 * seconds)


def daily(apps: Any, name: str, task: str, hour: int, minute: int) -> None:
    """Ring `task` once a day at that time in UTC. A ring nobody heard within six hours
    is dropped.
    """
    crontabs = apps.get_model(BEAT, "CrontabSchedule").objects
    clock = {"minute": str(minute), "hour": str(hour), "timezone": "UTC"}
    any_day = {"day_of_week": "*", "day_of_month": "*", "month_of_year": "*"}
    every_day = clock | any_day
    crontab = crontabs.filter(**every_day).first() or crontabs.create(**every_day)
    _add(apps, name, task, crontab=crontab, expires=DAILY_EXPIRES_SECONDS)


def forget(apps: Any, name: str) -> None:
    """The way back: remove the row of that name."""
    apps.get_model(BEAT, "PeriodicTask").objects.filter(name=name).delete()
    _tell_beat(apps)


def _add(apps: Any, name: str, task: str, *, expires: int, **timing: Any) -> None:
    defaults = {"task": task, "expire_seconds": expires, **timing}
    apps.get_model(BEAT, "PeriodicTask").objects.get_or_create(
        name=name, defaults=defaults
    )
    _tell_beat(apps)


def _tell_beat(apps: Any) -> None:
    # Historical models send no signals, so a beat that is running would not look at the
    # table again.
    apps.get_model(BEAT, "PeriodicTasks").objects.update_or_create(
        ident=1, defaults={"last_update": timezone.now()}
    )
