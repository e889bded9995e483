"""How often somebody may call: fixed windows, counted in the shared cache over all web
processes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError


@dataclass(frozen=True)
class Rate:
    """At most `most` calls in any one window of `seconds`."""

    name: str
    most: int
    seconds: int


@dataclass(frozen=True)
class Spent:
    """What is left after a call; the window ends at `resets_at`, whole seconds since the epoch."""

    rate: Rate
    count: int
    resets_at: int

    @property
    def left(self) -> int:
        """Calls that are left in the window."""
        return max(0, self.rate.most - self.count)

    @property
    def is_over(self) -> bool:
        """Whether this very call was one too many."""
        return self.count > self.rate.most

    @property
    def retry_after(self) -> int:
        """Seconds until the window ends, at least one."""
        return max(1, self.resets_at - int(time.time()))


def spend(rate: Rate, who: str) -> Spent:
    """Count a call of `who`. While the cache is away nothing is counted: a limit is no
    reason to be down.
    """
    window = int(time.time()) // rate.seconds
    key = f"rate:{rate.name}:{who}:{window}"
    try:
        cache.add(key, 0, rate.seconds + 1)
        count = cache.incr(key)
    except (OSError, RedisError, ValueError):
        count = 1
    return Spent(rate, count, (window + 1) * rate.seconds)
