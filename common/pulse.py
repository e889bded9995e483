"""Signs of life from processes that answer no requests, kept in the shared cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

BEAT = "sign:beat"
WORKERS = "sign:workers"
REMEMBERED_SECONDS = 3600
ALIVE_SECONDS = 30


@dataclass(frozen=True)
class Sign:
    """When a process showed itself (UTC), and the queues that it takes tasks from."""

    at: datetime
    queues: tuple[str, ...] = ()


def mark(name: str, queues: tuple[str, ...] = ()) -> None:
    """Say that `name` is alive now. While the cache is away nobody can be told, and
    nothing else suffers.
    """
    with suppress(OSError, RedisError):
        cache.set(name, Sign(timezone.now(), queues), REMEMBERED_SECONDS)


def last(name: str) -> datetime | None:
    """When `name` last showed itself (UTC), None if not within the hour."""
    sign: Sign | None = cache.get(name)
    return sign.at if sign else None


def mark_worker(host: str, queues: Iterable[str] = ()) -> None:
    """Say that the worker called `host` is alive now and takes tasks from these queues."""
    mark(f"{WORKERS}:{host}", tuple(queues))
    with suppress(OSError, RedisError):
        hosts: list[str] = cache.get(WORKERS, [])
        if host not in hosts:
            # Names of containers come and go: those not seen within the hour are left out.
            recent = [name for name in hosts if cache.get(f"{WORKERS}:{name}")]
            cache.set(WORKERS, [*recent, host], None)


def workers_alive(queue: str | None = None) -> dict[str, datetime]:
    """Workers seen within the last half minute, by host name; of one queue where one is named."""
    return {
        host: sign.at
        for host, sign in _fresh_signs().items()
        if queue is None or queue in sign.queues
    }


def queues_served() -> dict[str, int]:
    """How many workers seen within the last half minute take tasks from each queue."""
    counts: Counter[str] = Counter()
    for sign in _fresh_signs().values():
        counts.update(sign.queues)
    return dict(counts)


def _fresh_signs() -> dict[str, Sign]:
    oldest = timezone.now() - timedelta(seconds=ALIVE_SECONDS)
    prefix = f"{WORKERS}:"
    names = [prefix + host for host in cache.get(WORKERS, [])]
    signs: dict[str, Sign] = cache.get_many(names)
    return {
        name.removeprefix(prefix): sign
        for name, sign in signs.items()
        if sign.at >= oldest
    }
