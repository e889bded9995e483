"""Typed readers for environment variables and service addresses; a bad value stops the
start with its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()

# The channel layer asks the server to hold the line for five seconds; redis would hang
# up after just as many, and every quiet live connection would break.
CHANNEL_SECONDS = 15

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA journal_size_limit=27103364;"
    "PRAGMA cache_size=-8000"
)


def sqlite_database(path: Path) -> dict[str, Any]:
    """A SQLite database that several processes may write: WAL, and write locks taken at BEGIN."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # A deferred transaction that turns into a writer fails at once with "database is locked",
        # whatever the timeout; IMMEDIATE queues for the lock instead.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def database(default_sqlite: Path | None = None) -> dict[str, Any]:
    """The database named by DATABASE_URL, else SQLite at the given path.

    Raises ImproperlyConfigured for a URL that is neither PostgreSQL nor SQLite, or when
    nothing is named.
    """
    url = env.str("DATABASE_URL", "")
    if not url:
        if default_sqlite is None:
            raise ImproperlyConfigured(
                "DATABASE_URL is not set, for example postgresql://user:secret@host:5432/slotline"
            )
        return sqlite_database(default_sqlite)
    if url.startswith("sqlite:///"):
        return sqlite_database(Path(url.removeprefix("sqlite:///")))
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            f"DATABASE_URL must be a postgresql:// or sqlite:/// address, not {url.split(':')[0]}://"
        )
    return postgres_database(url)


def postgres_database(url: str) -> dict[str, Any]:
    """PostgreSQL through psycopg's pool; the pool replaces persistent connections.

    A connection is asked whether it still lives when it is taken from the pool: after a
    restart of the server every pooled one is dead, and each would cost somebody a
    failed request.
    """
    parsed: dict[str, Any] = dict(env.dj_db_url("DATABASE_URL", url))
    options = {
        **parsed.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", 8), "timeout": 10},
    }
    return {**parsed, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


class RedisAddress:
    """One Valkey or Redis server, spelled the three ways its clients want; each use has
    its own database.

    `redis://host:6379` or `unix:///path/to.sock`; raises ImproperlyConfigured for
    anything else.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"redis", "rediss", "unix"}:
            raise ImproperlyConfigured(
                "REDIS_URL must start with redis://, rediss:// or unix://"
            )
        self.parts = parts

    def broker(self) -> str:
        """As Celery spells it: database 0."""
        if self.parts.scheme == "unix":
            return f"redis+socket://{self.parts.path}?virtual_host=0"
        return self.numbered(0)

    def numbered(self, number: int) -> str:
        """The address of the server's database `number`."""
        if self.parts.scheme == "unix":
            return f"unix://{self.parts.path}?db={number}"
        return urlunsplit(self.parts._replace(path=f"/{number}"))


def redis_services(address: RedisAddress) -> dict[str, Any]:
    """Broker, channel layer and cache settings on one server."""
    return {
        "CELERY_BROKER_URL": address.broker(),
        # Redis gives a lost message back only when it scans; without these two it scans
        # every 100 s.
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "visibility_timeout": 900,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
        },
        "CHANNEL_LAYERS": {
            "default": {
                "BACKEND": "common.channel_layer.CancelableRedisChannelLayer",
                "CONFIG": {
                    "hosts": [
                        {
                            "address": address.numbered(1),
                            "socket_timeout": CHANNEL_SECONDS,
                        }
                    ]
                },
            }
        },
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": address.numbered(2),
                # A server that hangs costs a cache entry, not a request.
                "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
            }
        },
    }


def memory_services() -> dict[str, Any]:
    """The same three inside one process: nothing outlives it."""
    return {
        "CELERY_BROKER_URL": "memory://",
        "CELERY_BROKER_TRANSPORT_OPTIONS": {"polling_interval": 0.1},
        "CHANNEL_LAYERS": {
            "default": {
                "BACKEND": "common.channel_layer.ThreadSafeInMemoryChannelLayer"
            }
        },
        "CACHES": {
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        },
    }


def services(redis_url: str) -> dict[str, Any]:
    """Broker, channel layer and cache: on a server where one is named, else in this
    process.
    """
    return redis_services(RedisAddress(redis_url)) if redis_url else memory_services()
