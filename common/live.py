"""Saying that something changed: after commit, to a channel group, from services and workers only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def announce(group: str, kind: str, data: dict[str, Any]) -> None:
    """Send `{type: kind, data}` to everybody in `group` once the current transaction has committed."""
    transaction.on_commit(lambda: send(group, kind, data))


def announce_change(groups: Iterable[str], *topics: str) -> None:
    """Tell pages that what they show under these topics has changed; they fetch it again themselves."""
    for group in groups:
        announce(group, "changed", {"topics": list(topics)})


def send(group: str, kind: str, data: dict[str, Any]) -> None:
    """Send now. A lost broker costs a live update, never the work that was just committed."""
    layer = get_channel_layer()
    try:
        async_to_sync(layer.group_send)(group, {"type": "frame", "frame": {"type": kind, "data": data}})
    except (OSError, RedisError) as error:
        log.warning("live_update_lost", group=group, kind=kind, error=str(error))
