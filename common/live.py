"""Saying that something changed: after commit, to a channel group, from services and
workers only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

from common.mappings import JsonObject

log = structlog.get_logger(__name__)

# Longer than any page takes from being rendered to having its socket open.
CHANGE_REMEMBERED_SECONDS = 3600
GATHER_SECONDS = 0.2


def announce(group: str, kind: str, data: JsonObject) -> None:
    """Send `{type: kind, data}` to everybody in `group` once the current transaction
    has committed.
    """
    transaction.on_commit(lambda: send(group, kind, data))


def announce_change(groups: Iterable[str], *topics: str) -> None:
    """Tell pages that what they show under these topics has changed; they fetch it
    again themselves.
    """
    for group in groups:
        transaction.on_commit(lambda group=group: tell_change(group, list(topics)))  # type: ignore[misc]


def announce_change_soon(group: str, *topics: str) -> None:
    """The same for what changes hundreds of times a second: at once after a quiet
    moment, else with what follows.
    """
    transaction.on_commit(lambda: GATHERED.add(group, topics))


class Gathered:
    """Changes that are told together: the first at once, those of the next moment in
    one frame at its end.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: dict[str, dict[str, None]] = {}

    def add(self, group: str, topics: Iterable[str]) -> None:
        """Tell at once where the group was quiet; else with what comes until the moment
        is over.
        """
        with self.lock:
            if group in self.waiting:
                self.waiting[group].update(dict.fromkeys(topics))
                return
            self.waiting[group] = {}
        tell_change(group, list(topics))
        timer = threading.Timer(GATHER_SECONDS, self.tell, [group])
        timer.daemon = True
        timer.start()

    def tell(self, group: str) -> None:
        """At the end of a moment: what came within it, in one frame."""
        with self.lock:
            topics = self.waiting.pop(group, {})
        if topics:
            tell_change(group, list(topics))


GATHERED = Gathered()


def tell_change(group: str, topics: list[str]) -> None:
    """Note when, then tell: whoever joins the group in between hears of it or reads the note."""
    try:
        cache.set(_note(group), time.time(), CHANGE_REMEMBERED_SECONDS)
    except (OSError, RedisError) as error:
        log.warning("live_change_not_noted", group=group, error=str(error))
    send(group, "changed", {"topics": topics})


async def last_change(groups: Iterable[str]) -> float | None:
    """When something was last announced to one of these groups: seconds since the
    epoch, None for not lately.
    """
    notes = await cache.aget_many([_note(group) for group in groups])
    return max(notes.values(), default=None)


def _note(group: str) -> str:
    return f"live-change:{group}"


def send(group: str, kind: str, data: JsonObject) -> None:
    """Send now. A lost broker costs a live update, never the work that was just committed."""
    layer = get_channel_layer()
    try:
        async_to_sync(layer.group_send)(
            group, {"type": "frame", "frame": {"type": kind, "data": data}}
        )
    except (OSError, RedisError) as error:
        log.warning("live_update_lost", group=group, kind=kind, error=str(error))
