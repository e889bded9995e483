"""Who is connected to the plan socket and listens to what, over all web processes, kept
in the shared cache.

A connection is noted when it opens and subscribes and again and again while it lives;
the notes of a process that died go by themselves.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

from django.core.cache import cache
from redis.exceptions import RedisError

from fillplanner.bodies.plans import SocketStatsBody

MOST_CONNECTIONS = 10
# Two people who connect at once may overwrite each other's note until the next one;
# shards make that rare.
SHARDS = 64


def place_key(user_id: int, number: int) -> str:
    """Where it is kept that a user's place of this number is taken."""
    return f"plan-socket:{user_id}:{number}"


def note(
    user_id: int, connection: str, channels: Iterable[str], seconds: float
) -> None:
    """Say that the connection of the user lives and listens to these channels.

    user_id: whose connection it is.
    connection: the name of its channel.
    channels: what it listens to.
    seconds: how long the note holds.
    """
    now = time.time()
    shard = _key(user_id % SHARDS)
    with suppress(OSError, RedisError):
        known: dict[int, float] = cache.get(shard, {})
        living = {user: until for user, until in known.items() if until > now}
        cache.set(shard, living | {user_id: now + seconds}, seconds)
        cache.set(_listening(connection), sorted(set(channels)), seconds)


def forget(connection: str) -> None:
    """The connection has ended."""
    with suppress(OSError, RedisError):
        cache.delete(_listening(connection))


def connections() -> dict[str, int]:
    """Every connection that lives, with its user's id."""
    shards = cache.get_many([_key(number) for number in range(SHARDS)]).values()
    users = {user for known in shards for user in known}
    places = {
        place_key(user, number): user
        for user in users
        for number in range(MOST_CONNECTIONS)
    }
    return {
        connection: places[key]
        for key, connection in cache.get_many(list(places)).items()
    }


def stats(user_id: int) -> SocketStatsBody:
    """Totals over everybody; of channels by name only those of the user."""
    lines = connections()
    heard = cache.get_many([_listening(line) for line in lines])
    own = Counter(
        name
        for line, user in lines.items()
        if user == user_id
        for name in heard.get(_listening(line), [])
    )
    return {
        "total_connections": len(lines),
        "total_channels": len({name for names in heard.values() for name in names}),
        "total_users": len(set(lines.values())),
        "channels": dict(sorted(own.items())),
    }


def _listening(connection: str) -> str:
    return f"plan-socket-channels:{connection}"


def _key(number: int) -> str:
    return f"plan-socket-users:{number}"
