"""The base of every socket: who may join which groups is the app's business, forwarding
frames is not.
"""

from __future__ import annotations

import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from common.live import last_change
from common.mappings import JsonObject

# The code with which a socket closes for somebody who is not signed in (any more).
SIGNED_OUT = 4401


class Socket(AsyncWebsocketConsumer):
    """A JSON socket that joins groups on connect and passes on the frames sent to them.

    Subclasses give `topics()`, run in a thread with the database: the groups to join,
    or None to refuse.
    """

    joined: tuple[str, ...] = ()

    def topics(self) -> list[str] | None:
        raise NotImplementedError("name the groups this connection may join")

    async def connect(self) -> None:
        groups = await database_sync_to_async(self.topics)()
        if groups is None:
            await self.close(code=SIGNED_OUT)
            return
        for group in groups:
            await self.join(group)
        await self.accept()
        await self.greet()

    async def greet(self) -> None:
        """What to send right after accepting; nothing unless a dialect asks for it."""

    async def disconnect(self, code: int) -> None:
        for group in self.joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def join(self, group: str) -> None:
        """Hear what is announced to the group, until `leave` or the end."""
        await self.channel_layer.group_add(group, self.channel_name)
        self.joined = (*self.joined, group)

    async def leave(self, group: str) -> None:
        """Hear no more of a group."""
        await self.channel_layer.group_discard(group, self.channel_name)
        self.joined = tuple(name for name in self.joined if name != group)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        try:
            message = json.loads(text_data or "")
        except ValueError:
            await self.refuse("Messages are JSON objects.")
            return
        if not isinstance(message, dict):
            await self.refuse("Messages are JSON objects.")
            return
        await self.hear(message)

    async def hear(self, message: JsonObject) -> None:
        """React to a client's message; a page socket knows only `ping`."""
        if message.get("type") == "ping":
            await self.say("pong", {})

    async def refuse(self, text: str) -> None:
        """Tell the client what was wrong with its message; the socket stays open."""
        await self.say("error", {"error": text})

    async def say(self, kind: str, data: JsonObject) -> None:
        """One frame: `{"type": kind, "data": data}`."""
        await self.send(text_data=json.dumps({"type": kind, "data": data}))

    async def frame(self, event: JsonObject) -> None:
        """Handler of group messages made by `common.live`."""
        await self.say(event["frame"]["type"], event["frame"]["data"])


class PageSocket(Socket):
    """What a page listens on. Its greeting says when something last changed, in seconds
    since the epoch.

    What changed after the page was rendered and before its socket was open would
    otherwise never be told. It ends with the session it was opened in, at the next ping.
    """

    async def hear(self, message: JsonObject) -> None:
        """Answer a ping; close where its session is over."""
        if await self.is_over():
            await self.close(code=SIGNED_OUT)
            return
        await super().hear(message)

    async def is_over(self) -> bool:
        """Whether the session has ended or was revoked since the page was opened."""
        session = self.scope.get("session")
        key = session.session_key if session is not None else None
        return key is not None and not await database_sync_to_async(session.exists)(key)

    async def greet(self) -> None:
        """Say when the page's groups changed last: it knows whether it has missed
        something.
        """
        await self.say("hello", {"changed_at": await last_change(self.joined)})
