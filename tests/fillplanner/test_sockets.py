"""The plan socket's protocol, and the pages' own socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from vials import make_plan

from fillplanner import runs
from fillplanner.consumers import MOST_CONNECTIONS, PageSocket, PlanSocket
from fillplanner.models import Plan
from workspaces.models import User
from workspaces.services.users import access_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer for this test's loop, no connections counted, and plans that wait until they are run by hand."""
    channel_layers.backends.clear()
    cache.clear()
    monkeypatch.setattr("fillplanner.services.ring", lambda *args: None)


def line(token: str) -> WebsocketCommunicator:
    made = WebsocketCommunicator(PlanSocket.as_asgi(), f"/api/v1/ws?token={token}")
    made.scope["user"] = AnonymousUser()
    return made


def talk(user: User, story: Callable[[WebsocketCommunicator], Awaitable[Any]]) -> Any:
    """Connect as the user, hear the greeting, and tell the story."""
    token = access_token(user)

    async def run() -> Any:
        connection = line(token)
        connected, _ = await connection.connect()
        assert connected
        greeting = await connection.receive_json_from()
        assert greeting["type"] == "connected"
        assert greeting["data"]["user_id"] == user.pk
        assert set(greeting) == {"type", "timestamp", "data"}
        told = await story(connection)
        await connection.disconnect()
        return told

    return asyncio.run(run())


@pytest.mark.parametrize("token", ["", "nonsense", "slt_nonsense"])
def test_a_bad_token_is_refused(token: str) -> None:
    async def knock() -> bool:
        connected, _ = await line(token).connect()
        return bool(connected)

    assert not asyncio.run(knock())


def test_ping_and_nonsense(editor: User) -> None:
    async def story(connection: WebsocketCommunicator) -> list[Any]:
        answers = []
        for text in ('{"type": "ping"}', '{"type": "dance"}', "{}", "{", '{"type": "subscribe", "channel": "plan"}'):
            await connection.send_to(text_data=text)
            answers.append(await connection.receive_json_from())
        return answers

    pong, unknown, untyped, broken, wrong = talk(editor, story)
    assert (pong["type"], pong["data"]) == ("pong", {})
    assert (unknown["type"], unknown["data"]["code"]) == ("error", "UNKNOWN_MESSAGE_TYPE")
    assert {untyped["type"], broken["type"], wrong["type"]} == {"error"}


def subscription(plan: Plan) -> dict[str, str]:
    return {"type": "subscribe", "channel": f"schedule:{plan.pk}"}


def test_a_subscriber_hears_how_the_plan_goes(editor: User) -> None:
    plan = make_plan(editor)

    async def story(connection: WebsocketCommunicator) -> list[Any]:
        await connection.send_json_to(subscription(plan))
        heard = [await connection.receive_json_from()]
        await database_sync_to_async(runs.run)(plan.pk, "w")
        while heard[-1]["type"] != "schedule.completed":
            heard.append(await connection.receive_json_from())
        return heard

    heard = talk(editor, story)
    assert [frame["type"] for frame in heard] == ["schedule.progress", "schedule.started", "schedule.completed"]
    assert heard[0]["data"]["status"] == "pending"
    assert set(heard[0]["data"]) == {
        "schedule_id", "status", "progress", "message", "current_lot", "lots_completed", "lots_total", "elapsed_time",
        "estimated_remaining",
    }  # fmt: skip
    assert heard[-1]["data"]["makespan"] == 53.0
    assert set(heard[-1]["data"]) == {
        "schedule_id", "status", "makespan", "utilization", "changeovers", "lots_scheduled", "execution_time",
    }  # fmt: skip


@pytest.mark.parametrize("fails", [False, True])
def test_whoever_comes_late_hears_how_it_ended(editor: User, fails: bool) -> None:
    plan = make_plan(editor)
    if fails:
        Plan.objects.update(strategy="gone")
    runs.run(plan.pk, "w")

    async def story(connection: WebsocketCommunicator) -> Any:
        await connection.send_json_to(subscription(plan))
        return await connection.receive_json_from()

    assert talk(editor, story)["type"] == ("schedule.failed" if fails else "schedule.completed")


def test_nobody_listens_to_somebody_elses_plan_or_channel(editor: User, manager: User) -> None:
    plan = make_plan(editor)

    async def story(connection: WebsocketCommunicator) -> list[Any]:
        answers = []
        for channel in (f"schedule:{plan.pk}", f"user:{editor.pk}", "schedule:999999"):
            await connection.send_json_to({"type": "subscribe", "channel": channel})
            answers.append((await connection.receive_json_from())["data"].get("code"))
        await connection.send_json_to({"type": "subscribe", "channel": f"user:{manager.pk}"})
        assert await connection.receive_nothing(timeout=0.2)
        return answers

    assert talk(manager, story) == ["ACCESS_DENIED"] * 3


def test_after_unsubscribing_it_is_quiet(editor: User) -> None:
    plan = make_plan(editor)

    async def story(connection: WebsocketCommunicator) -> bool:
        await connection.send_json_to(subscription(plan))
        await connection.receive_json_from()
        await connection.send_json_to({"type": "unsubscribe", "channel": f"schedule:{plan.pk}"})
        assert await connection.receive_nothing(timeout=0.2)
        await database_sync_to_async(runs.run)(plan.pk, "w")
        return bool(await connection.receive_nothing(timeout=0.3))

    assert talk(editor, story)


def test_the_eleventh_connection_is_refused_until_one_leaves(editor: User) -> None:
    token = access_token(editor)

    async def crowd() -> list[bool]:
        lines = [line(token) for _ in range(MOST_CONNECTIONS + 1)]
        results = [bool((await connection.connect())[0]) for connection in lines]
        await lines[0].disconnect()
        late = line(token)
        results.append(bool((await late.connect())[0]))
        for connection in [*lines[1:MOST_CONNECTIONS], late]:
            await connection.disconnect()
        return results

    assert asyncio.run(crowd()) == [True] * MOST_CONNECTIONS + [False, True]


def test_the_page_hears_that_its_plan_changed(editor: User) -> None:
    plan = make_plan(editor)

    async def story() -> list[Any]:
        connection = WebsocketCommunicator(PageSocket.as_asgi(), "/ws/plans")
        connection.scope["user"] = editor
        await connection.connect()
        await database_sync_to_async(runs.run)(plan.pk, "w")
        heard = [await connection.receive_json_from(), await connection.receive_json_from()]
        await connection.disconnect()
        return heard

    assert asyncio.run(story()) == [{"type": "changed", "data": {"topics": [f"plan:{plan.pk}", "plans"]}}] * 2
