"""The socket of the scheduling dialect: what happens to calendars, as it happens, and
what was missed meanwhile.

Frames of a calendar are numbered. A socket knows the last number it has sent of each
and fetches from the log what does not follow on: a message that the channel layer lost
or was too slow for costs a query, not a frame.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.utils import timezone

from calendars.campaigns.access import (
    access_calendar,
    events_after,
    events_since,
    number_at,
    workspaces_heard,
)
from calendars.campaigns.events import calendar_group, frame_body, workspace_group
from calendars.campaigns.housekeeping import replayable_since
from calendars.models import CalendarEvent, ContentCalendar
from calendars.vocabulary import CALENDAR, key_of, stamp
from common.errors import Problem
from common.mappings import JsonObject
from common.zones import parse_instant
from workspaces.loopback import socket_user
from workspaces.models import User
from workspaces.sockets import TokenSocket

UNAUTHORIZED = 4401
NOT_FOUND = 4404
AUTH_SECONDS = 10.0
AT_ONCE = 200
MOST_FOLLOWED = 500
# Of several calendars, one's frame may be committed after a later one of another's.
OVERLAP = timedelta(seconds=10)


class CalendarSocket(TokenSocket):
    """`/api/v1/scheduling/ws?token=…&schedule_id=…&last_event_timestamp=…`.

    Without a schedule_id it follows all calendars of the user's workspaces; without a
    token the first message has to bring one: `{"type": "auth", "token": …}`.
    """

    needs = "schedules:read"
    user: User | None = None
    patience: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self.seen: dict[UUID, int] = {}
        self.floor = timezone.now() - OVERLAP
        self.correlation = str(uuid.uuid4())
        user = await database_sync_to_async(self.caller)()
        if user is None and self.query("token") is not None:
            await self.close(code=UNAUTHORIZED)
            return
        await self.accept()
        if user is None:
            self.patience = asyncio.create_task(self.lose_patience())
        else:
            await self.begin(user)

    def caller(self) -> User | None:
        """As everywhere, and in the embedded run whoever calls from this machine itself."""
        token = self.query("token")
        return super().caller() or socket_user(
            self.scope, token.encode() if token else None
        )

    async def lose_patience(self) -> None:
        """Close the line of whoever has not said in time who they are."""
        await asyncio.sleep(AUTH_SECONDS)
        await self.close(code=UNAUTHORIZED)

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        self.stop_waiting()

    def stop_waiting(self) -> None:
        """Wait no longer for whoever called to say who they are."""
        if self.patience:
            self.patience.cancel()

    # --- beginning
    # -----------------------------------------------------------------------------------------

    async def begin(self, user: User) -> None:
        """Greet, then tell what was missed, then what happens."""
        self.user = user
        calendar_id = self.query("schedule_id")
        since = moment(self.query("last_event_timestamp"))
        try:
            calendar = await self.allowed(calendar_id) if calendar_id else None
        except Problem as problem:
            await self.refuse(problem.message, "NOT_FOUND")
            await self.close(code=NOT_FOUND)
            return
        hello = {
            "message": "Connected",
            "schedule_id": calendar_id,
            "complete": since is None or since >= replayable_since(),
        }
        # Only once it follows: what happens after the greeting is heard.
        workspaces = [] if calendar else await self.join_all(user)
        if calendar:
            await self.mark(calendar, since)
        await self.say("connection_established", hello)
        if calendar:
            await self.catch_up(calendar.pk)
        elif since is not None:
            self.floor = since - OVERLAP
            await self.replay(workspaces)

    async def allowed(self, name: Any) -> ContentCalendar:
        """The calendar of that id. Raises Missing for one that the user may not know of."""
        key = key_of(CALENDAR, name) if isinstance(name, str) else None
        read = database_sync_to_async(access_calendar)
        calendar: ContentCalendar = await read(self.user, key)
        return calendar

    async def follow(
        self, calendar: ContentCalendar, since: datetime | None = None
    ) -> None:
        """Tell of a calendar from now on, and of all that happened after `since`."""
        await self.mark(calendar, since)
        await self.catch_up(calendar.pk)

    async def mark(self, calendar: ContentCalendar, since: datetime | None) -> None:
        """Join first, then read how far it is: in this order nothing that happens
        meanwhile is missed.
        """
        await self.join(calendar_group(calendar.pk))
        self.seen[calendar.pk] = await database_sync_to_async(number_at)(
            calendar.pk, since
        )

    async def join_all(self, user: User) -> list[int]:
        """Follow all calendars of the user's workspaces; their ids."""
        read = database_sync_to_async(workspaces_heard)
        workspaces: list[int] = await read(user)
        for workspace in workspaces:
            await self.join(workspace_group(workspace))
        return workspaces

    async def replay(self, workspaces: Sequence[int]) -> None:
        """What was told in these workspaces since the floor, calendar by calendar without a gap."""
        place = (self.floor, 0)
        while events := await database_sync_to_async(events_since)(
            workspaces, *place, AT_ONCE
        ):
            for event in events:
                await self.pass_on(event.calendar_id, [frame_body(event)])
            place = (events[-1].at, events[-1].pk)

    # --- frames
    # --------------------------------------------------------------------------------------------

    async def frame(self, event: JsonObject) -> None:
        """Handler of what `calendars.events` sends to the groups."""
        batch = event["frame"]["data"]
        key = UUID(batch["calendar"])
        first = batch["first"]
        last = batch["last"]
        if key not in self.seen:
            self.seen[key] = (
                0
                if first == 1
                else await database_sync_to_async(number_at)(key, self.floor)
            )
        if batch["frames"] and first == self.seen[key] + 1:
            await self.pass_on(key, batch["frames"])
        elif last > self.seen[key]:
            await self.catch_up(key)

    async def catch_up(self, key: UUID) -> None:
        """Send what was told of a calendar after the last frame that was sent of it."""
        events: list[CalendarEvent] | None = None
        while events is None or len(events) == AT_ONCE:
            events = await database_sync_to_async(events_after)(
                key, self.seen[key], AT_ONCE
            )
            await self.pass_on(key, [frame_body(event) for event in events])

    async def pass_on(self, key: UUID, frames: Sequence[JsonObject]) -> None:
        """Send those frames of a calendar that this line has not had, in their order."""
        for frame in frames:
            number = frame["number"]
            if number > self.seen.get(key, 0):
                await self.send(text_data=json.dumps(frame))
                self.seen[key] = number

    async def say(self, kind: str, data: JsonObject) -> None:
        """Send a message of the line itself, in the envelope of frames."""
        message = {
            "type": kind,
            "ts": stamp(timezone.now()),
            "correlation_id": self.correlation,
            "data": data,
        }
        await self.send(text_data=json.dumps(message))

    # --- messages
    # ------------------------------------------------------------------------------------------

    async def hear(self, message: JsonObject) -> None:
        """Nothing is heard but the token until it is known who speaks."""
        if message.get("type") == "auth":
            await self.authenticate(message.get("token"))
        elif self.user is None:
            await self.refuse("Send a token first.", "UNAUTHORIZED")
        else:
            await super().hear(message)

    async def authenticate(self, token: Any) -> None:
        """The token of a first message; for a connection that has a user already it
        changes nothing.
        """
        if self.user is not None:
            return
        user = await self.holder_of(token)
        if user is None:
            await self.refuse("Could not validate credentials", "UNAUTHORIZED")
            await self.close(code=UNAUTHORIZED)
        else:
            self.stop_waiting()
            await self.begin(user)

    async def holder_of(self, token: Any) -> User | None:
        """Whose token it is; None for what is none."""
        if not isinstance(token, str):
            return None
        read = database_sync_to_async(self.holder)
        user: User | None = await read(token)
        return user

    async def pong(self) -> None:
        """Whoever pings may have missed the last word of a calendar: it is looked for."""
        await self.say("pong", {"timestamp": stamp(timezone.now())})
        for key in list(self.seen):
            await self.catch_up(key)

    async def change_subscription(self, kind: str, message: JsonObject) -> None:
        """Follow a calendar or stop; no answer says that it worked."""
        try:
            calendar = await self.allowed(message.get("schedule_id"))
        except Problem as problem:
            await self.refuse(problem.message, "NOT_FOUND")
            return
        if kind == "unsubscribe":
            await self.leave(calendar_group(calendar.pk))
        elif len(self.joined) >= MOST_FOLLOWED:
            await self.refuse(
                f"Follow at most {MOST_FOLLOWED} calendars on one connection.",
                "TOO_MANY",
            )
        elif calendar_group(calendar.pk) not in self.joined:
            await self.follow(calendar, moment(message.get("last_event_timestamp")))


def moment(text: Any) -> datetime | None:
    """An instant of a client's: ISO 8601, or seconds or milliseconds since the epoch.
    None for what is none.
    """
    if not isinstance(text, str | int | float):
        return None
    with suppress(ValueError, OverflowError, OSError):
        number = float(text)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    # A "+" in an address that was not encoded arrives as a blank.
    with suppress(ValueError):
        return parse_instant(str(text).replace(" ", "+"))
    return None
