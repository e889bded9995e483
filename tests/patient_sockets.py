"""A socket's other end for tests, more patient than the second that Channels allows."""

from __future__ import annotations

from typing import Any

from channels.testing import WebsocketCommunicator
from patience import SECONDS


class PatientSocket(WebsocketCommunicator):
    """Waits long for what has to come; what must not come is still waited for as long
    as a test says.
    """

    async def connect(self, timeout: float = SECONDS) -> tuple[bool, Any]:
        return await super().connect(timeout)

    async def receive_output(self, timeout: float = SECONDS) -> Any:
        return await super().receive_output(timeout)

    async def receive_from(self, timeout: float = SECONDS) -> Any:
        return await super().receive_from(timeout)

    async def receive_json_from(self, timeout: float = SECONDS) -> Any:
        return await super().receive_json_from(timeout)

    async def disconnect(self, code: int = 1000, timeout: float = SECONDS) -> None:
        await super().disconnect(code, timeout=timeout)

    async def wait(self, timeout: float = SECONDS) -> None:
        await super().wait(timeout)
