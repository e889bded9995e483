"""The Celery application; tasks live in each app's `tasks` module and carry an id, nothing else."""

from __future__ import annotations

import os

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep

from config.compiling import CompilePlanner
from config.heartbeat import Heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
# They would import every page; `make check` and `manage.py migrate` make them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


def new_app() -> Celery:
    """An application with the product's settings, tasks and signs of life."""
    application = Celery("slotline")
    application.config_from_object("django.conf:settings", namespace="CELERY")
    application.steps["worker"].update(
        [DjangoStructLogInitStep, Heartbeat, CompilePlanner]
    )
    application.autodiscover_tasks()
    return application


app = new_app()
