"""Channel layers: one whose worker is a thread beside the web server's event loop, and
one on Redis.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer


class ThreadSafeInMemoryChannelLayer(InMemoryChannelLayer):
    """Carries every operation out on the loop that receives.

    Channels' own in-memory layer wakes its queues from whatever thread sends; asyncio
    queues do not notice that until their loop wakes for another reason, so a message
    from a worker thread could wait for ever.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.home: asyncio.AbstractEventLoop | None = None

    async def receive(self, channel: str) -> dict[str, Any]:
        self.home = asyncio.get_running_loop()
        message: dict[str, Any] = await super().receive(channel)
        return message

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """On the loop of whoever listens."""
        deliver = super().send
        await self._at_home(lambda: deliver(channel, message))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """On the loop of whoever listens."""
        deliver = super().group_send
        await self._at_home(lambda: deliver(group, message))

    async def _at_home(self, make: Callable[[], Awaitable[None]]) -> None:
        home = self.home
        if home is None or home.is_closed() or home is asyncio.get_running_loop():
            await make()
            return

        async def run() -> None:
            await make()

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), home))


class CancelableRedisChannelLayer(RedisChannelLayer):
    """Stops waiting, at the latest after five seconds, when the connection it waits for
    has ended.

    A cancellation that comes while the Redis client opens a connection can get lost in
    it; the layer would then wait for messages to a page that is gone, and whoever
    awaits its end for ever.
    """

    async def _brpop_with_clean(self, index: int, channel: str, timeout: int) -> Any:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        return await super()._brpop_with_clean(index, channel, timeout)
