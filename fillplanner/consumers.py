"""Sockets of plans: the pages' own, and the one of the filling dialect."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.core.cache import cache
from django.utils import timezone

from common.errors import Problem
from common.sockets import Socket
from fillplanner import states
from fillplanner.events import plan_group, user_group
from fillplanner.frames import completed_frame, failed_frame, progress_frame
from fillplanner.selectors import access_plan
from workspaces.authentication import user_of_token
from workspaces.models import ApiToken, User

MOST_CONNECTIONS = 10
COUNT_KEPT_SECONDS = 6 * 60 * 60


class PageSocket(Socket):
    """Tells a signed-in person which of their plans changed or progressed."""

    def topics(self) -> list[str] | None:
        user = self.scope["user"]
        return [user_group(user.pk)] if user.is_authenticated else None


class PlanSocket(Socket):
    """`/api/v1/ws?token=…`: connected, ping, subscribe and unsubscribe; frames carry type, timestamp and data."""

    user: User
    counted = False

    def topics(self) -> list[str] | None:
        """No group yet: clients subscribe. None refuses a bad token and the eleventh connection of one user."""
        user = self._user()
        if user is None:
            return None
        self.user = user
        if self._count(1) > MOST_CONNECTIONS:
            self._count(-1)
            return None
        self.counted = True
        return []

    def _user(self) -> User | None:
        words = parse_qs(self.scope.get("query_string", b"").decode("latin-1")).get("token", [])
        if not words:
            signed_in = self.scope.get("user")
            return signed_in if signed_in is not None and signed_in.is_authenticated else None
        try:
            user, proof = user_of_token(words[0].encode())
        except Problem:
            return None
        return None if isinstance(proof, ApiToken) and not proof.allows("plans:read") else user

    def _count(self, change: int) -> int:
        """How many connections the user has after this change, over all web processes."""
        key = f"plan-sockets:{self.user.pk}"
        cache.add(key, 0, COUNT_KEPT_SECONDS)
        try:
            return int(cache.incr(key, change))
        except ValueError:
            return 1

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.counted:
            await database_sync_to_async(self._count)(-1)

    async def greet(self) -> None:
        hello = {"connection_id": self.channel_name, "user_id": self.user.pk, "message": "Connected"}
        await self.say("connected", hello)

    async def say(self, kind: str, data: dict[str, Any]) -> None:
        stamp = timezone.now().replace(tzinfo=None).isoformat()
        await self.send(text_data=json.dumps({"type": kind, "timestamp": stamp, "data": data}))

    async def refuse(self, text: str, code: str | None = None) -> None:
        await self.say("error", {"error": text} | ({"code": code} if code else {}))

    async def hear(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "ping":
            await self.say("pong", {})
        elif kind in ("subscribe", "unsubscribe"):
            await self.change_subscription(str(kind), message.get("channel"))
        elif kind is None:
            await self.refuse("Message type is required")
        else:
            await self.refuse(f"Unknown message type: {str(kind)[:40]}", "UNKNOWN_MESSAGE_TYPE")

    async def change_subscription(self, kind: str, channel: Any) -> None:
        """Join or leave a channel; no answer says that it worked."""
        group, now = await database_sync_to_async(self.group_of)(channel)
        if group is None:
            if kind == "subscribe":
                await self.refuse(*now)
        elif kind == "unsubscribe":
            await self.leave(group)
        else:
            await self.join(group)
            if now:
                # Whoever comes late hears at once how things stand.
                await self.say(*now)

    def group_of(self, channel: Any) -> tuple[str | None, Any]:
        """The group behind `schedule:ID` or `user:ID` and its present frame, or None and what is wrong."""
        kind, _, number = str(channel).partition(":")
        if not isinstance(channel, str) or not number.isdigit() or kind not in ("schedule", "user"):
            return None, ("Invalid subscribe message: name a channel like schedule:12",)
        if kind == "user":
            own = int(number) == self.user.pk
            return (user_group(self.user.pk), None) if own else (None, ("Access denied", "ACCESS_DENIED"))
        try:
            return plan_group(int(number)), present_frame(access_plan(self.user, int(number)))
        except (Problem, OverflowError):
            return None, ("Access denied", "ACCESS_DENIED")


def present_frame(plan: Any) -> tuple[str, dict[str, Any]]:
    """How a plan stands now, as the frame that was last sent of it."""
    if plan.state == states.COMPLETED:
        return "schedule.completed", completed_frame(plan)
    if plan.state == states.FAILED:
        return "schedule.failed", failed_frame(plan)
    return "schedule.progress", progress_frame(plan)
