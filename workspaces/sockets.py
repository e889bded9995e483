"""The base of sockets for programs: who calls, and the messages that every dialect knows."""

from __future__ import annotations

from urllib.parse import parse_qs

from common import sockets
from common.errors import Problem
from common.mappings import JsonObject
from workspaces.authentication import user_of_token
from workspaces.models import ApiToken, User


class TokenSocket(sockets.Socket):
    """A socket opened with a token in its address or by a browser's session.

    Subclasses name the scope an API token `needs` and give `pong` and `change_subscription`.
    """

    needs = ""

    def caller(self) -> User | None:
        """Who the address or the session says is calling; None for nobody, or a token
        that does not let in.
        """
        token = self.query("token")
        if token is not None:
            return self.holder(token)
        user = self.scope.get("user")
        return user if user is not None and user.is_authenticated else None

    def holder(self, token: str) -> User | None:
        """Whose token it is; None for one that is unknown or does not reach here."""
        try:
            user, proof = user_of_token(token.encode())
        except Problem:
            return None
        return (
            None
            if isinstance(proof, ApiToken) and not proof.allows(self.needs)
            else user
        )

    def query(self, name: str) -> str | None:
        """A parameter of the address, None when it is left out or blank."""
        text = self.scope.get("query_string", b"").decode("latin-1")
        values = parse_qs(text).get(name)
        return values[0] if values else None

    async def hear(self, message: JsonObject) -> None:
        """Answer a ping, follow and leave; anything else is refused, the line stays."""
        kind = message.get("type")
        if kind == "ping":
            await self.pong()
        elif kind in ("subscribe", "unsubscribe"):
            await self.change_subscription(str(kind), message)
        elif kind is None:
            await self.refuse("Message type is required")
        else:
            await self.refuse(
                f"Unknown message type: {str(kind)[:40]}", "UNKNOWN_MESSAGE_TYPE"
            )

    async def refuse(self, text: str, code: str | None = None) -> None:
        """Say why something was not done."""
        await self.say("error", {"error": text} | ({"code": code} if code else {}))

    async def pong(self) -> None:
        """Answer a ping."""
        await self.say("pong", {})

    async def change_subscription(self, kind: str, message: JsonObject) -> None:
        """Join or leave what the message names.

        kind: `subscribe` or `unsubscribe`.
        """
        raise NotImplementedError("join or leave what the message names")
