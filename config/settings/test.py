"""Tests: in-process services unless servers are named, a database file of their own,
cheap password hashing.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from config.environment import database, env, services
from config.settings.base import *  # noqa: F403

DATA_DIR = Path(
    env.str("TEST_DATA_DIR", "") or tempfile.mkdtemp(prefix="slotline-test-")
)
SECRET_KEY = "only-for-tests-" + "x" * 40
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
# Tests run in several processes, which share the servers.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

DATABASES = {"default": database(default_sqlite=DATA_DIR / "slotline.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the browser tests' server and worker threads open their own connections.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / f"test-{WORKER}.sqlite3")}
else:
    DATABASES["default"]["OPTIONS"].pop("pool")
    DATABASES["default"]["TEST"] = {"TEMPLATE": env.str("RUN_MIGRATED_DATABASE", None)}

SERVICES = services(env.str("REDIS_URL", ""))
SERVICES["CACHES"]["default"]["KEY_PREFIX"] = WORKER
if "CONFIG" in SERVICES["CHANNEL_LAYERS"]["default"]:
    SERVICES["CHANNEL_LAYERS"]["default"]["CONFIG"]["prefix"] = WORKER
globals().update(SERVICES)
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True

# What is chosen must not depend on how busy the machine is.
OPTIMIZE_REQUEST_SECONDS = 120.0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
DEFAULT_PUBLISHER = "outbox"
OUTBOX_DIR = DATA_DIR / "outbox"
MEDIA_ROOT = DATA_DIR / "media"
