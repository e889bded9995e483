"""Many processes on many machines: PostgreSQL and Redis, everything secret from the environment.

A missing or malformed variable stops the process at start with the variable's name.
"""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import validate

from config.environment import RedisAddress, database, env, redis_services
from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR

if env.str("LOOPBACK_USER", ""):
    raise ImproperlyConfigured(
        "LOOPBACK_USER lets people in without signing in; it is for the embedded run only."
    )

SECRET_KEY = env.str("SECRET_KEY", validate=validate.Length(min=50))
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", validate=validate.Length(min=1))
PUBLIC_URL = env.str("PUBLIC_URL", "").rstrip("/") or f"https://{ALLOWED_HOSTS[0]}"
CSRF_TRUSTED_ORIGINS = env.list(
    "CSRF_TRUSTED_ORIGINS", [f"https://{host}" for host in ALLOWED_HOSTS]
)

DATABASES = {"default": database()}
globals().update(redis_services(RedisAddress(env.str("REDIS_URL"))))

STATIC_ROOT = Path(env.str("STATIC_ROOT", "") or BASE_DIR / "static-collected")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "common.storage.HashedAssets"},
}
OUTBOX_DIR = Path(env.str("OUTBOX_DIR", "") or BASE_DIR / "var" / "outbox")
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", "") or BASE_DIR / "var" / "media")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", True)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
if env.bool("BEHIND_PROXY", True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    PROXY_COUNT = env.int("PROXY_COUNT", 1)

globals().update(env.dj_email_url("EMAIL_URL", "consolemail://"))
