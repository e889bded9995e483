"""Who may open a socket."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common.origins import PagesAndPrograms


@pytest.mark.django_db  # a consumer looks after the connections of its thread
@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (None, True),
        (b"https://slotline.example", True),
        (b"https://evil.example", False),
        (b"null", False),
        (b"", False),
    ],
)
def test_own_pages_and_programs_are_let_in(origin: bytes | None, let_in: bool) -> None:
    reached, said = [], []
    happens = iter(["websocket.connect", "websocket.disconnect"])

    async def application(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])

    async def receive() -> dict[str, Any]:
        return {"type": next(happens), "code": 1006}

    async def send(message: dict[str, Any]) -> None:
        said.append(message["type"])

    headers = [] if origin is None else [(b"origin", origin)]
    scope = {"type": "websocket", "path": "/ws", "headers": headers}
    knock = PagesAndPrograms(application, ["slotline.example"])(scope, receive, send)
    # In a thread of its own: after a browser test this one has a loop already.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, knock).result()
    assert (reached, said) == ((["/ws"], []) if let_in else ([], ["websocket.close"]))
