"""Two hundred programs on the socket of one web process: each hears everything, also
those that were cut off.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import websockets

from config.demo import PASSWORDS
from products import Product

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
CLIENTS, CUT_OFF, ITEMS, SECONDS = 200, 60, 5, 90
FRAME = {"type", "ts", "correlation_id", "number", "data"}


class Api:
    """The demo's manager as a program."""

    def __init__(self, port: int) -> None:
        self.port, self.token, self.made = port, "", 0
        form = {"username": "manager", "password": PASSWORDS["manager"]}
        self.token = self.call("/api/v1/auth/login", form)["access_token"]

    def call(self, path: str, body: dict[str, Any]) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        line.request("POST", path, json.dumps(body), headers)
        answer = line.getresponse()
        text = answer.read()
        assert answer.status < 300, text
        return json.loads(text)

    def make_calendar(self, title: str) -> str:
        self.made += 1
        at = datetime.now(UTC) + timedelta(days=self.made)
        items = [
            {
                "content_id": f"{title} {n}",
                "platform": "tiktok",
                "scheduled_time": (at + timedelta(hours=n)).isoformat(),
            }
            for n in range(ITEMS)
        ]
        made: str = self.call(
            "/api/v1/scheduling/calendar", {"title": title, "items": items}
        )["id"]
        return made


class Client:
    """One connection at a time, and all that came over it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.frames: list[dict[str, Any]] = []
        self.numbers: dict[str, list[int]] = defaultdict(list)

    async def connect(self) -> None:
        query = {"token": self.api.token}
        if self.frames:
            query["last_event_timestamp"] = self.frames[-1]["ts"]
        self.line = await websockets.connect(
            f"ws://127.0.0.1:{self.api.port}/api/v1/scheduling/ws?{urlencode(query)}",
            open_timeout=SECONDS,
        )
        greeting = json.loads(await self.line.recv())
        assert greeting["type"] == "connection_established", greeting
        self.listener = asyncio.create_task(self.listen())

    async def listen(self) -> None:
        async for text in self.line:
            frame = json.loads(text)
            assert set(frame) == FRAME
            self.frames.append(frame)
            self.numbers[frame["data"]["schedule_id"]].append(frame["number"])

    async def cut(self) -> None:
        """Without a word, as a machine that loses its network."""
        self.line.transport.abort()
        await asyncio.gather(self.listener, return_exceptions=True)

    async def close(self) -> None:
        await self.line.close()
        await asyncio.gather(self.listener, return_exceptions=True)

    def knows(self, calendar: str, most: int) -> bool:
        return set(self.numbers[calendar]) >= set(range(1, most + 1))


async def all_of(
    clients: list[Client], act: Callable[[Client], Awaitable[None]]
) -> None:
    await asyncio.gather(*(act(client) for client in clients))


async def heard(clients: list[Client], calendar: str, most: int) -> None:
    """Until each knows the calendar's first frames; fails when some do not in time."""
    async with asyncio.timeout(SECONDS):
        while not all(client.knows(calendar, most) for client in clients):
            await asyncio.sleep(0.05)


async def story(api: Api) -> None:
    clients = [Client(api) for _ in range(CLIENTS)]
    await all_of(clients, Client.connect)
    first = await asyncio.to_thread(api.make_calendar, "first")
    # One frame for the calendar, one for each item.
    await heard(clients, first, 1 + ITEMS)

    away = clients[:CUT_OFF]
    await all_of(away, Client.cut)
    second = await asyncio.to_thread(api.make_calendar, "second")
    await asyncio.to_thread(api.call, f"/api/v1/scheduling/calendar/{first}/cancel", {})
    await heard(clients[CUT_OFF:], second, 1 + ITEMS)
    await all_of(away, Client.connect)
    third = await asyncio.to_thread(api.make_calendar, "third")
    await heard(clients, third, 1 + ITEMS)
    await heard(clients, second, 1 + ITEMS)
    told = max(clients[-1].numbers[first])
    assert told > 1 + ITEMS
    await heard(clients, first, told)

    for client in clients[CUT_OFF:]:
        for numbers in client.numbers.values():
            assert numbers == list(range(1, len(numbers) + 1))
    await all_of(clients, Client.close)


def test_nobody_misses_anything(product: Product) -> None:
    # The browser of other journeys keeps an event loop in this thread.
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, story(Api(product.port))).result()
