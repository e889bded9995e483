"""As in production: real queue, pooled connections; addresses come from the environment."""

from __future__ import annotations

from config.environment import database
from config.settings.test import *  # noqa: F403

DATABASES = {"default": database()}
CELERY_TASK_ALWAYS_EAGER = False
OUTGOING_ALLOW_PRIVATE = True
