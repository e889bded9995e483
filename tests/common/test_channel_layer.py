from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from channels_redis.core import RedisChannelLayer
from patience import SECONDS

from common.channel_layer import (
    CancelableRedisChannelLayer,
    ThreadSafeInMemoryChannelLayer,
)


async def _receive_one(layer: ThreadSafeInMemoryChannelLayer) -> tuple[str, bool]:
    """What a worker thread sends to an otherwise idle loop, and whether only the
    worker's own patience woke it.
    """
    channel, loop = await layer.new_channel(), asyncio.get_running_loop()
    heard, overslept = threading.Event(), threading.Event()

    def worker() -> None:
        async_to_sync(layer.send)(channel, {"type": "hello"})
        if not heard.wait(SECONDS):
            overslept.set()
            loop.call_soon_threadsafe(lambda: None)

    waiting = asyncio.ensure_future(layer.receive(channel))
    await asyncio.sleep(0.05)
    threading.Thread(target=worker).start()
    kind = (await waiting)["type"]
    heard.set()
    return kind, overslept.is_set()


def test_a_message_from_a_worker_thread_wakes_an_idle_loop() -> None:
    assert asyncio.run(_receive_one(ThreadSafeInMemoryChannelLayer())) == (
        "hello",
        False,
    )


async def _after_silence(seconds: float) -> Any:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    waiting = asyncio.ensure_future(layer.receive(channel))
    await asyncio.sleep(seconds)
    await layer.send(channel, {"type": "late"})
    return await asyncio.wait_for(waiting, SECONDS)


@pytest.mark.services
def test_a_line_that_was_quiet_for_long_still_carries_messages() -> None:
    # Longer than the layer and its client each wait for an answer.
    assert asyncio.run(_after_silence(6.5))["type"] == "late"


class Deaf:
    """A client in which every cancellation gets lost, and that never has a message."""

    async def _brpop_with_clean(self, index: int, channel: str, timeout: int) -> None:
        try:
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)


def test_a_cancellation_that_the_client_loses_ends_the_wait_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RedisChannelLayer, "_brpop_with_clean", Deaf._brpop_with_clean)

    async def run() -> None:
        layer = CancelableRedisChannelLayer(hosts=["redis://localhost:1"])
        waiting = asyncio.ensure_future(layer.receive(await layer.new_channel()))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(waiting, SECONDS)

    asyncio.run(run())
