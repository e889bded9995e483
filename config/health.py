"""What `/health` says: whether the database, the broker, the channel layer, beat and
the workers are there.

Only a missing database makes the product unhealthy: it holds every fact, the rest comes
back by itself.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from common import pulse
from common.mappings import JsonObject
from config.celery import app

log = structlog.get_logger(__name__)

# A server that hangs must not hang the answer; a thread stuck on it frees itself after
# its socket's limit.
LIMIT_SECONDS = 0.7
SOCKET_LIMITS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
# Threads of their own for the database: those stuck on a hanging broker must not make
# it look absent.
FOR_DATABASE = ThreadPoolExecutor(max_workers=2, thread_name_prefix="health-database")
FOR_BROKER = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health-broker")

NOBODY: JsonObject = {
    "beat": {"last_tick": None, "ok": False},
    "workers": {"count": 0, "names": [], "queues": {}, "last_seen": None},
}


async def health(request: HttpRequest) -> JsonResponse:
    """GET: the report, 200 while the database answers, else 503. Open to everybody, so
    it names no addresses.
    """
    body = await examine()
    return JsonResponse(body, status=200 if body["status"] == "healthy" else 503)


def report() -> JsonObject:
    """The same report for callers that are not asynchronous."""
    return async_to_sync(examine)()


async def examine() -> JsonObject:
    """All checks at once, each within the limit.

    {status: healthy | unhealthy, app, version, database_url_set, database, broker,
    channel_layer: ok | unavailable, beat: {last_tick: ISO instant | None, ok}, workers:
    {count, names, queues: {name: count}, last_seen: ISO instant | None}}
    """
    database, broker, layer, signs = await asyncio.gather(
        _within_limit("database", _in_thread(FOR_DATABASE, _ask_database)),
        _within_limit("broker", _in_thread(FOR_BROKER, _ask_broker)),
        _within_limit("channel_layer", _echo_through_layer()),
        _within_limit("signs_of_life", _in_thread(FOR_BROKER, _signs_of_life)),
    )
    return {
        "status": "healthy" if database else "unhealthy",
        "app": "slotline",
        "version": settings.VERSION,
        "database": _word(database),
        "database_url_set": bool(os.environ.get("DATABASE_URL")),
        "broker": _word(broker),
        "channel_layer": _word(layer),
        **(signs or NOBODY),
    }


def _word(answer: Any) -> str:
    return "ok" if answer else "unavailable"


async def _within_limit(check: str, answer: Awaitable[Any]) -> Any:
    """What the check found, None if it failed or took too long. Any failure at all is
    the finding here.
    """
    try:
        return await asyncio.wait_for(answer, LIMIT_SECONDS)
    except Exception as error:
        log.warning("health_check_failed", check=check, error=type(error).__name__)
        return None


async def _in_thread(threads: ThreadPoolExecutor, check: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(threads, check)


def _ask_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    finally:
        # This thread serves no request, so nothing else would give its connection back.
        connection.close()


def _ask_broker() -> bool:
    options: dict[str, float] = {}
    if not app.conf.broker_url.startswith("memory:"):
        options = {**SOCKET_LIMITS, "max_retries": 0}
    with app.connection_for_write(transport_options=options) as broker:
        # Opening a channel sends a PING where the broker is Redis or Valkey.
        broker.default_channel  # noqa: B018
        return bool(broker.connected)


async def _echo_through_layer() -> bool:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "health.echo"})
    return bool(await layer.receive(channel) == {"type": "health.echo"})


def _signs_of_life() -> JsonObject:
    beat = pulse.last(pulse.BEAT)
    workers = pulse.workers_alive()
    silent = (timezone.now() - beat).total_seconds() if beat else None
    is_alive = silent is not None and silent <= pulse.ALIVE_SECONDS
    return {
        "beat": {"last_tick": _text(beat), "ok": is_alive},
        "workers": {
            "count": len(workers),
            "names": sorted(workers),
            "queues": pulse.queues_served(),
            "last_seen": _text(max(workers.values(), default=None)),
        },
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
