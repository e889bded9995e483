"""The scheduling socket: who is let in, what is told, and that a client that was away
misses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from calendar_parts import beat, make_calendar, publish_due
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from patient_sockets import PatientSocket

from calendars.campaigns import consumers, events
from calendars.campaigns import services as calendars
from calendars.campaigns.consumers import CalendarSocket, moment
from calendars.campaigns.events import Frame
from calendars.models import CalendarEvent, ContentCalendar
from scheduling.models import ChannelAccount
from workspaces.models import User, Workspace
from workspaces.services.tokens import create_token
from workspaces.services.users import access_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]
PATH = "/api/v1/scheduling/ws"
Story = Callable[[PatientSocket], Awaitable[Any]]


@pytest.fixture(autouse=True)
def fresh_layer() -> None:
    """A layer for this test's loop: connections of an earlier loop are dead."""
    channel_layers.backends.clear()


@pytest.fixture
def calendar(
    channel: ChannelAccount, editor: User, workspace: Workspace
) -> ContentCalendar:
    return make_calendar(editor, workspace)


def line(
    client: tuple[str, int] = ("203.0.113.9", 1), headers: Any = (), **query: str
) -> PatientSocket:
    made = PatientSocket(CalendarSocket.as_asgi(), f"{PATH}?{urlencode(query)}")
    made.scope |= {
        "user": AnonymousUser(),
        "client": list(client),
        "headers": list(headers),
    }
    return made


def talk(story: Story, **query: str) -> Any:
    """Connect, hear the greeting, tell the story."""

    async def run() -> Any:
        connection = line(**query)
        connected, _ = await connection.connect()
        assert connected
        greeting = await connection.receive_json_from()
        assert greeting["type"] == "connection_established", greeting
        assert set(greeting) == {"type", "ts", "correlation_id", "data"}
        told = await story(connection)
        await connection.disconnect()
        return told

    return asyncio.run(run())


async def hear(connection: PatientSocket, last: str) -> list[Any]:
    """Frames up to and with the first of that type."""
    heard = [await connection.receive_json_from()]
    while heard[-1]["type"] != last:
        heard.append(await connection.receive_json_from())
    return heard


def tell(calendar: ContentCalendar, *kinds: str) -> None:
    with transaction.atomic():
        events.tell(
            calendar, [Frame(kind, {"schedule_id": calendar.wire_id}) for kind in kinds]
        )


# --- who is let in
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["nonsense", "slt_nonsense", "test-token"])
def test_a_bad_token_is_refused(db: None, token: str) -> None:
    async def knock() -> bool:
        connected, _ = await line(token=token).connect()
        return bool(connected)

    assert not asyncio.run(knock())


def test_a_token_without_the_scope_is_refused(editor: User) -> None:
    _, text = create_token(editor, "plans", ["plans:read"])

    async def knock() -> bool:
        connected, _ = await line(token=text).connect()
        return bool(connected)

    assert not asyncio.run(knock())


def test_the_first_message_may_bring_the_token(
    editor: User, calendar: ContentCalendar
) -> None:
    async def run() -> list[Any]:
        connection = line(schedule_id=calendar.wire_id)
        await connection.connect()
        await connection.send_json_to({"type": "ping"})
        refused = await connection.receive_json_from()
        token = await database_sync_to_async(access_token)(editor)
        await connection.send_json_to({"type": "auth", "token": token})
        greeting = await connection.receive_json_from()
        await connection.disconnect()
        return [
            refused["data"]["code"],
            greeting["type"],
            greeting["data"]["schedule_id"],
        ]

    assert asyncio.run(run()) == [
        "UNAUTHORIZED",
        "connection_established",
        calendar.wire_id,
    ]


def test_whoever_says_nothing_is_sent_away(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "AUTH_SECONDS", 0.05)

    async def run() -> Any:
        connection = line()
        await connection.connect()
        return await connection.receive_output()

    assert asyncio.run(run()) == {"type": "websocket.close", "code": 4401}


@pytest.mark.parametrize(
    ("client", "headers", "let_in"),
    [
        (("127.0.0.1", 1), (), True),
        (("203.0.113.9", 1), (), False),
        (("127.0.0.1", 1), [(b"x-forwarded-for", b"203.0.113.9")], False),
    ],
)
def test_nobody_is_somebody_only_in_the_embedded_run_on_this_machine(
    editor: User, settings, client: Any, headers: Any, let_in: bool
) -> None:
    async def run(greeted: bool) -> None:
        connection = line(client, headers)
        await connection.connect()
        if greeted:
            assert (await connection.receive_json_from())[
                "type"
            ] == "connection_established"
        else:
            assert await connection.receive_nothing(timeout=0.3)
        await connection.disconnect()

    asyncio.run(run(greeted=False))
    settings.LOOPBACK_USER, settings.LOOPBACK_WORKSPACE = "editor", "h2o"
    asyncio.run(run(greeted=let_in))


def test_another_workspaces_calendar_cannot_be_followed(
    stranger: User, calendar: ContentCalendar
) -> None:
    async def run() -> list[Any]:
        token = await database_sync_to_async(access_token)(stranger)
        connection = line(token=token, schedule_id=calendar.wire_id)
        await connection.connect()
        return [await connection.receive_json_from(), await connection.receive_output()]

    refused, closed = asyncio.run(run())
    assert (refused["type"], refused["data"]["code"], closed["code"]) == (
        "error",
        "NOT_FOUND",
        4404,
    )

    async def story(connection: PatientSocket) -> list[Any]:
        answers = []
        for name in (calendar.wire_id, "sched_x", 7, None):
            await connection.send_json_to({"type": "subscribe", "schedule_id": name})
            answers.append((await connection.receive_json_from())["data"]["code"])
        await database_sync_to_async(tell)(calendar, "item.updated")
        assert await connection.receive_nothing(timeout=0.3)
        return answers

    assert talk(story, token=access_token(stranger)) == ["NOT_FOUND"] * 4


# --- what is told
# ----------------------------------------------------------------------------------------


def test_ping_and_nonsense(editor: User) -> None:
    async def story(connection: PatientSocket) -> list[Any]:
        answers = []
        for text in ('{"type": "ping"}', '{"type": "dance"}', "{}", "{", "[]"):
            await connection.send_to(text_data=text)
            answers.append(await connection.receive_json_from())
        return answers

    pong, unknown, *others = talk(story, token=access_token(editor))
    assert (pong["type"], set(pong["data"])) == ("pong", {"timestamp"})
    assert unknown["data"]["code"] == "UNKNOWN_MESSAGE_TYPE"
    assert {one["type"] for one in others} == {"error"}


def test_a_follower_hears_a_calendar_through(
    editor: User, calendar: ContentCalendar, time_machine
) -> None:
    def work(hour: int) -> None:
        time_machine.move_to(calendar.created_at + timedelta(hours=hour, seconds=1))
        publish_due()
        beat()

    async def story(connection: PatientSocket) -> list[Any]:
        heard = []
        # Heard hour by hour: the layer in memory drops what is older than a minute.
        for hour, last in (
            (1, "item.published"),
            (2, "item.published"),
            (3, "schedule.completed"),
        ):
            await database_sync_to_async(work)(hour)
            heard += await hear(connection, last)
        return heard

    heard = talk(story, token=access_token(editor), schedule_id=calendar.wire_id)
    kinds = [frame["type"] for frame in heard]
    assert (
        kinds.count("item.published") == 3
        and kinds.count("schedule.state_changed") == 3
    )
    assert kinds.index("schedule.progress") < kinds.index("schedule.state_changed")
    for frame in heard:
        assert set(frame) == {"type", "ts", "correlation_id", "number", "data"}
        assert frame["data"]["schedule_id"] == calendar.wire_id
    published = next(
        frame["data"] for frame in heard if frame["type"] == "item.published"
    )
    assert set(published) == {
        "id",
        "schedule_id",
        "state",
        "published_time",
        "artifacts",
    }
    progress = next(
        frame["data"] for frame in heard if frame["type"] == "schedule.progress"
    )
    assert set(progress) == {
        "schedule_id",
        "percent_complete",
        "items_total",
        "items_completed",
        "items_failed",
        "items_skipped",
        "items_canceled",
        "items_pending",
        "time_to_start_ms",
        "time_processing_ms",
        "average_duration_ms_per_item",
        "eta_ms",
        "rate_limited",
    }


def test_without_a_calendar_all_of_the_workspaces_are_followed(
    editor: User, stranger: User, calendar: ContentCalendar
) -> None:
    other = Workspace.objects.get(slug="dry")
    theirs = make_calendar(stranger, other, 1)

    def act() -> ContentCalendar:
        tell(theirs, "item.updated")
        tell(calendar, "item.updated")
        return make_calendar(editor, calendar.workspace, 1, title="New")

    async def story(connection: PatientSocket) -> list[Any]:
        made = await database_sync_to_async(act)()
        first = await hear(connection, "item.updated")
        second = await hear(connection, "item.created")
        assert await connection.receive_nothing(timeout=0.2)
        assert (
            second[0]["data"]["title"] == "New"
            and second[-1]["data"]["schedule_id"] == made.wire_id
        )
        return [frame["data"]["schedule_id"] for frame in first]

    assert set(talk(story, token=access_token(editor))) == {calendar.wire_id}


def test_subscribing_and_unsubscribing(
    editor: User, channel: ChannelAccount, calendar: ContentCalendar
) -> None:
    async def story(connection: PatientSocket) -> list[str]:
        await connection.send_json_to(
            {"type": "unsubscribe", "schedule_id": calendar.wire_id}
        )
        await connection.send_json_to({"type": "ping"})
        await hear(connection, "pong")
        await database_sync_to_async(tell)(calendar, "item.updated")
        assert await connection.receive_nothing(timeout=0.3)
        await connection.send_json_to(
            {"type": "subscribe", "schedule_id": calendar.wire_id}
        )
        await connection.send_json_to({"type": "ping"})
        await hear(connection, "pong")
        await database_sync_to_async(tell)(calendar, "item.failed")
        return [frame["type"] for frame in await hear(connection, "item.failed")]

    heard = talk(story, token=access_token(editor), schedule_id=calendar.wire_id)
    assert heard == ["item.failed"]


# --- nothing is missed
# -----------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False])
def test_who_was_away_is_told_what_was_missed_and_nothing_twice(
    editor: User, calendar: ContentCalendar, named: bool
) -> None:
    query = {"token": access_token(editor)} | (
        {"schedule_id": calendar.wire_id} if named else {}
    )

    async def listen(connection: PatientSocket) -> Any:
        await database_sync_to_async(tell)(calendar, "item.updated")
        return (await hear(connection, "item.updated"))[-1]

    last = talk(listen, **query)
    tell(calendar, "item.published", "schedule.progress")
    tell(calendar, "item.failed")

    async def listen_again(connection: PatientSocket) -> list[Any]:
        missed = await hear(connection, "item.failed")
        await database_sync_to_async(tell)(calendar, "schedule.completed")
        return missed + await hear(connection, "schedule.completed")

    heard = talk(listen_again, last_event_timestamp=last["ts"], **query)
    numbers = [frame["number"] for frame in heard]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    # Of one calendar exactly what is new; of all of them some seconds more, because
    # clocks and commits differ.
    assert (
        numbers[0] == last["number"] + 1 if named else numbers[0] <= last["number"] + 1
    )
    assert numbers[-1] == last["number"] + 4


def test_a_frame_that_the_layer_lost_is_fetched(
    editor: User, calendar: ContentCalendar, monkeypatch
) -> None:
    def lose(*kinds: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(events, "send", lambda *args: None)
            tell(calendar, *kinds)

    async def story(connection: PatientSocket) -> list[str]:
        await database_sync_to_async(lose)("item.updated", "item.published")
        await database_sync_to_async(tell)(calendar, "item.failed")
        heard = await hear(connection, "item.failed")
        await database_sync_to_async(lose)("schedule.completed")
        await connection.send_json_to({"type": "ping"})
        heard += await hear(connection, "schedule.completed")
        return [frame["type"] for frame in heard]

    heard = talk(story, token=access_token(editor), schedule_id=calendar.wire_id)
    assert heard == [
        "item.updated",
        "item.published",
        "item.failed",
        "pong",
        "schedule.completed",
    ]


def test_more_than_can_be_sent_at_once_is_fetched(
    editor: User, calendar: ContentCalendar
) -> None:
    async def story(connection: PatientSocket) -> list[Any]:
        await database_sync_to_async(tell)(
            calendar, *["item.updated"] * 450, "item.failed"
        )
        return await hear(connection, "item.failed")

    heard = talk(story, token=access_token(editor), schedule_id=calendar.wire_id)
    assert [frame["number"] for frame in heard] == list(
        range(heard[0]["number"], heard[0]["number"] + 451)
    )


def test_what_happens_while_somebody_connects_is_not_missed(
    editor: User, calendar: ContentCalendar, monkeypatch
):
    join = CalendarSocket.join

    async def change_first(self: CalendarSocket, group: str) -> None:
        await database_sync_to_async(tell)(calendar, "item.updated")
        await join(self, group)
        await database_sync_to_async(tell)(calendar, "item.failed")

    last = CalendarEvent.objects.latest("at")
    monkeypatch.setattr(CalendarSocket, "join", change_first)

    async def story(connection: PatientSocket) -> list[str]:
        heard = await hear(connection, "item.failed")
        assert await connection.receive_nothing(timeout=0.3)
        return [frame["type"] for frame in heard]

    query = {
        "schedule_id": calendar.wire_id,
        "last_event_timestamp": last.at.isoformat(),
    }
    assert talk(story, token=access_token(editor), **query) == [
        "item.updated",
        "item.failed",
    ]


def test_a_client_is_told_when_the_log_does_not_reach_back(
    editor: User, calendar: ContentCalendar
) -> None:
    async def run(since: str) -> bool:
        connection = line(
            token=access_token(editor),
            schedule_id=calendar.wire_id,
            last_event_timestamp=since,
        )
        await connection.connect()
        return bool((await connection.receive_json_from())["data"]["complete"])

    now = timezone.now()
    assert asyncio.run(run(now.isoformat()))
    assert not asyncio.run(run((now - timedelta(days=8)).isoformat()))


@pytest.mark.parametrize("text", ["", "yesterday", None, "nan", "1e400", "-1e30"])
def test_a_moment_that_is_none_is_taken_for_now(text: Any) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T13:00:00 01:00",
        "1772366400",
        1772366400000,
    ],
)
def test_a_moment_may_be_said_in_several_ways(text: Any) -> None:
    found = moment(text)
    assert found is not None and found.isoformat() == "2026-03-01T12:00:00+00:00"


def test_following_is_told_to_pages_too(
    editor: User, calendar: ContentCalendar, monkeypatch
) -> None:
    said: list[Any] = []
    monkeypatch.setattr(
        events, "announce_change", lambda groups, *topics: said.append((groups, topics))
    )
    calendars.cancel(editor, calendar.pk)
    assert said[-1][1] == ("calendars", calendar.topic)
