"""One command on one machine: SQLite, a bundled Valkey or none, loopback only, demo data."""

from __future__ import annotations

import secrets
from pathlib import Path

from config.environment import database, env, services
from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR

DATA_DIR = Path(env.str("DATA_DIR", "") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)


def _kept_secret(path: Path) -> str:
    """A random key made on the first start and kept beside the data it protects."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY = env.str("SECRET_KEY", "") or _kept_secret(DATA_DIR / "secret.key")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATABASES = {"default": database(default_sqlite=DATA_DIR / "slotline.sqlite3")}
globals().update(services(env.str("REDIS_URL", "")))

# Assets come straight from the packages: nothing to collect before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
PUBLIC_URL = (
    env.str("PUBLIC_URL", "") or f"http://localhost:{env.str('PORT', '') or 8000}"
)

WATCH_ROOT = env.str("WATCH_ROOT", "") or str(DATA_DIR / "watch")
LOOPBACK_USER = env.str("LOOPBACK_USER", "editor")
LOOPBACK_WORKSPACE = env.str("LOOPBACK_WORKSPACE", "h2o")
LOOPBACK_TOKEN = env.str("LOOPBACK_TOKEN", "test-token")
DEFAULT_PUBLISHER = "outbox"
OUTBOX_DIR = DATA_DIR / "outbox"
MEDIA_ROOT = DATA_DIR / "media"
