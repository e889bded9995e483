"""Settings of the workers that are killed: real queue and pooled connections as in
production, short leases.
"""

from __future__ import annotations

from config.environment import database
from config.settings.test import *  # noqa: F403

DATABASES = {"default": database()}
CELERY_TASK_ALWAYS_EAGER = False
PUBLISH_LEASE_SECONDS = 4
OUTGOING_ALLOW_PRIVATE = True
