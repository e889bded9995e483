"""Signs of life from processes that answer no requests, kept in the shared cache."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

BEAT = "pulse:beat"
WORKERS = "pulse:workers"
KEPT_SECONDS = 3600
ALIVE_SECONDS = 30


def mark(name: str) -> None:
    """Say that `name` is alive now. While the cache is away nobody can be told, and nothing else suffers."""
    with suppress(OSError, RedisError):
        cache.set(name, timezone.now(), KEPT_SECONDS)


def last(name: str) -> datetime | None:
    """When `name` last showed itself (UTC), None if not within the hour."""
    seen: datetime | None = cache.get(name)
    return seen


def mark_worker(host: str) -> None:
    """Say that the worker called `host` is alive now."""
    mark(f"{WORKERS}:{host}")
    known: list[str] = cache.get(WORKERS, [])
    if host not in known:
        cache.set(WORKERS, [*known, host], None)


def workers_alive() -> dict[str, datetime]:
    """Workers seen within the last half minute, by host name."""
    now = timezone.now()
    seen = {host: last(f"{WORKERS}:{host}") for host in cache.get(WORKERS, [])}
    return {host: at for host, at in seen.items() if at and (now - at).total_seconds() <= ALIVE_SECONDS}
