"""Sockets of plans: the pages' own, and the one of the filling dialect."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.core.cache import cache
from django.utils import timezone

from common import sockets
from common.errors import Problem
from common.mappings import JsonObject
from common.numbers import whole_number
from fillplanner import states
from fillplanner.live.events import comparison_group, feed_group, plan_group, user_group
from fillplanner.live.frames import (
    comparison_frame,
    completed_frame,
    failed_frame,
    progress_frame,
)
from fillplanner.live.presence import MOST_CONNECTIONS, forget, note, place_key
from fillplanner.selectors import access_comparison, access_plan
from workspaces.models import User
from workspaces.sockets import TokenSocket

# A server that dies gives its connections' places back after this long.
PLACE_KEPT_SECONDS = 90
BEATS_A_PLACE = 3
CHANNELS = {"plan": "schedule", "feed": "user"}
GROUPS = {"schedule": plan_group, "comparison": comparison_group, "user": feed_group}

Standing = Callable[[User, int], tuple[str, JsonObject]]


class PageSocket(sockets.PageSocket):
    """Tells a signed-in person which of their plans changed or progressed."""

    def topics(self) -> list[str] | None:
        user = self.scope["user"]
        return [user_group(user.pk)] if user.is_authenticated else None


class PlanSocket(TokenSocket):
    """`/api/v1/ws?token=…`: connected, ping, subscribe and unsubscribe; frames carry
    type, timestamp and data.
    """

    needs = "plans:read"
    user: User
    place: str | None = None
    beat: asyncio.Task[None] | None = None

    def topics(self) -> list[str] | None:
        """No group yet: clients subscribe. None refuses a bad token and the eleventh
        connection of one user.
        """
        user = self.caller()
        if user is None:
            return None
        self.user = user
        self.place = self._take_place()
        return None if self.place is None else []

    def _take_place(self) -> str | None:
        """One of the user's ten places, over all web processes; None when all are taken."""
        places = (place_key(self.user.pk, number) for number in range(MOST_CONNECTIONS))
        return next(
            (
                key
                for key in places
                if cache.add(key, self.channel_name, PLACE_KEPT_SECONDS)
            ),
            None,
        )

    async def _keep_place(self) -> None:
        """Say again and again that the connection lives, so that its place stays taken."""
        while True:
            await asyncio.sleep(PLACE_KEPT_SECONDS / BEATS_A_PLACE)
            await cache.aset(self.place, self.channel_name, PLACE_KEPT_SECONDS)
            await self._note()

    async def _note(self) -> None:
        """Keep the socket's figures true: that this connection lives, and what it listens to."""
        channels = [channel_of(group) for group in self.joined]
        await sync_to_async(note)(
            self.user.pk, self.channel_name, channels, PLACE_KEPT_SECONDS
        )

    async def join(self, group: str) -> None:
        """Join a group, and note what is listened to now."""
        await super().join(group)
        await self._note()

    async def leave(self, group: str) -> None:
        """Leave a group, and note what is listened to now."""
        await super().leave(group)
        await self._note()

    async def disconnect(self, code: int) -> None:
        """Give the place back."""
        await super().disconnect(code)
        if self.beat:
            self.beat.cancel()
        if self.place and await cache.aget(self.place) == self.channel_name:
            await cache.adelete(self.place)
        await sync_to_async(forget)(self.channel_name)

    async def greet(self) -> None:
        """Say hello and begin to keep the place."""
        self.beat = asyncio.create_task(self._keep_place())
        await self._note()
        hello = {
            "connection_id": self.channel_name,
            "user_id": self.user.pk,
            "message": "Connected",
        }
        await self.say("connected", hello)

    async def say(self, kind: str, data: JsonObject) -> None:
        """Send a frame, with the moment in the dialect's own time."""
        stamp = timezone.now().replace(tzinfo=None).isoformat()
        await self.send(
            text_data=json.dumps({"type": kind, "timestamp": stamp, "data": data})
        )

    async def change_subscription(self, kind: str, message: JsonObject) -> None:
        """Join or leave a channel; no answer says that it worked."""
        what, number = parse_channel(message.get("channel"))
        if what is None:
            if kind == "subscribe":
                await self.refuse(
                    "Invalid subscribe message: name a channel like schedule:12"
                )
            return
        group = GROUPS[what](number)
        if kind == "unsubscribe":
            await self.leave(group)
        elif what == "user" and number == self.user.pk:
            await self.join(group)
        elif what == "user":
            await self.refuse("Access denied", "ACCESS_DENIED")
        else:
            await self.follow(STANDINGS[what], number, group)

    async def follow(self, standing: Standing, number: int, group: str) -> None:
        """Join the group, then say how the thing stands: in this order nothing that
        happens meanwhile is missed.
        """
        try:
            await database_sync_to_async(standing)(self.user, number)
            await self.join(group)
            frame = await database_sync_to_async(standing)(self.user, number)
        except Problem:
            await self.leave(group)
            await self.refuse("Access denied", "ACCESS_DENIED")
            return
        await self.say(*frame)


def parse_channel(channel: Any) -> tuple[str | None, int]:
    """`schedule:12` as ("schedule", 12), likewise comparison and user; (None, 0) for
    what names no channel.
    """
    text = channel if isinstance(channel, str) else ""
    what, _, digits = text.partition(":")
    number = whole_number(digits)
    if what not in GROUPS or number is None:
        return None, 0
    return what, number


def channel_of(group: str) -> str:
    """`fillplanner.plan.12` as the `schedule:12` it was subscribed to as."""
    kind, number = group.split(".")[-2:]
    return f"{CHANNELS.get(kind, kind)}:{number}"


def plan_standing(user: User, plan_id: int) -> tuple[str, JsonObject]:
    """How a plan stands now, as the frame that was last sent of it. Raises Missing or Forbidden."""
    plan = access_plan(user, plan_id)
    if plan.state == states.COMPLETED:
        return "schedule.completed", completed_frame(plan)
    if plan.state == states.FAILED:
        return "schedule.failed", failed_frame(plan)
    return "schedule.progress", progress_frame(plan)


def comparison_standing(user: User, comparison_id: int) -> tuple[str, JsonObject]:
    """How a comparison stands now, as the frame that was last sent of it. Raises
    Missing or Forbidden.
    """
    return comparison_frame(access_comparison(user, comparison_id))


STANDINGS: dict[str, Standing] = {
    "schedule": plan_standing,
    "comparison": comparison_standing,
}
