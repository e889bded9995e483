"""The plan socket's protocol, and the pages' own socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from patience import SECONDS
from patient_sockets import PatientSocket
from vials import make_comparison, make_plan

from fillplanner import runs
from fillplanner.live.consumers import MOST_CONNECTIONS, PageSocket, PlanSocket
from fillplanner.models import Plan
from fillplanner.services import plans
from workspaces.models import User
from workspaces.services.users import access_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer for this test's loop, no connections counted, and plans that wait until
    they are run by hand.
    """
    channel_layers.backends.clear()
    cache.clear()
    for module in ("plans", "comparisons"):
        monkeypatch.setattr(f"fillplanner.services.{module}.ring", lambda *args: None)


def line(token: str) -> PatientSocket:
    made = PatientSocket(PlanSocket.as_asgi(), f"/api/v1/ws?token={token}")
    made.scope["user"] = AnonymousUser()
    return made


def talk(user: User, story: Callable[[PatientSocket], Awaitable[Any]]) -> Any:
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
    async def story(connection: PatientSocket) -> list[Any]:
        answers = []
        for text in ('{"type": "ping"}', '{"type": "dance"}', "{}", "{"):
            await connection.send_to(text_data=text)
            answers.append(await connection.receive_json_from())
        return answers

    pong, unknown, untyped, broken = talk(editor, story)
    assert (pong["type"], pong["data"]) == ("pong", {})
    assert (unknown["type"], unknown["data"]["code"]) == (
        "error",
        "UNKNOWN_MESSAGE_TYPE",
    )
    assert {untyped["type"], broken["type"]} == {"error"}


@pytest.mark.parametrize(
    "channel",
    ["plan", "schedule:", "schedule:²", "user:²", "schedule:" + "9" * 5000, 7, None],
)
def test_a_channel_that_is_none_is_refused_and_the_line_stays(
    editor: User, channel: Any
) -> None:
    async def story(connection: PatientSocket) -> list[str]:
        await connection.send_json_to({"type": "subscribe", "channel": channel})
        refused = await connection.receive_json_from()
        await connection.send_json_to({"type": "ping"})
        return [refused["type"], (await connection.receive_json_from())["type"]]

    assert talk(editor, story) == ["error", "pong"]


def subscription(plan: Plan) -> dict[str, str]:
    return {"type": "subscribe", "channel": f"schedule:{plan.pk}"}


def test_a_subscriber_hears_how_the_plan_goes(editor: User) -> None:
    plan = make_plan(editor)

    async def story(connection: PatientSocket) -> list[Any]:
        await connection.send_json_to(subscription(plan))
        heard = [await connection.receive_json_from()]
        await database_sync_to_async(runs.run)(plan.pk, "w")
        while heard[-1]["type"] != "schedule.completed":
            heard.append(await connection.receive_json_from())
        return heard

    heard = talk(editor, story)
    assert [frame["type"] for frame in heard] == [
        "schedule.progress",
        "schedule.started",
        "schedule.completed",
    ]
    assert heard[0]["data"]["status"] == "pending"
    assert set(heard[0]["data"]) == {
        "schedule_id",
        "status",
        "progress",
        "message",
        "current_lot",
        "lots_completed",
        "lots_total",
        "elapsed_time",
        "estimated_remaining",
        "best",
        "lower_bound",
    }
    assert heard[-1]["data"]["makespan"] == 53.0
    assert set(heard[-1]["data"]) == {
        "schedule_id",
        "status",
        "makespan",
        "utilization",
        "changeovers",
        "lots_scheduled",
        "execution_time",
    }


def test_a_subscriber_hears_that_the_plan_was_cancelled(editor: User) -> None:
    plan = make_plan(editor)

    async def story(connection: PatientSocket) -> Any:
        await connection.send_json_to(subscription(plan))
        await connection.receive_json_from()
        await database_sync_to_async(plans.cancel)(editor, plan.pk)
        return await connection.receive_json_from()

    frame = talk(editor, story)
    assert (frame["type"], frame["data"]) == (
        "schedule.failed",
        {
            "schedule_id": plan.pk,
            "status": "failed",
            "error": "Cancelled by editor",
            "error_type": "cancelled",
        },
    )


@pytest.mark.parametrize("fails", [False, True])
def test_whoever_comes_late_hears_how_it_ended(editor: User, fails: bool) -> None:
    plan = make_plan(editor)
    if fails:
        Plan.objects.update(strategy="gone")
    runs.run(plan.pk, "w")

    async def story(connection: PatientSocket) -> Any:
        await connection.send_json_to(subscription(plan))
        return await connection.receive_json_from()

    assert talk(editor, story)["type"] == (
        "schedule.failed" if fails else "schedule.completed"
    )


def test_a_plan_that_is_done_while_somebody_subscribes_is_not_missed(
    editor: User, monkeypatch
) -> None:
    plan = make_plan(editor)
    join = PlanSocket.join

    async def finish_first(self: PlanSocket, group: str) -> None:
        await database_sync_to_async(runs.run)(plan.pk, "w")
        await join(self, group)

    monkeypatch.setattr(PlanSocket, "join", finish_first)

    async def story(connection: PatientSocket) -> Any:
        await connection.send_json_to(subscription(plan))
        return await connection.receive_json_from()

    assert talk(editor, story)["type"] == "schedule.completed"


def test_the_own_channel_carries_the_frames_of_all_own_plans_and_no_others(
    editor: User, manager: User
) -> None:
    theirs, plan = make_plan(manager), make_plan(editor)

    async def story(connection: PatientSocket) -> list[Any]:
        await connection.send_json_to(
            {"type": "subscribe", "channel": f"user:{editor.pk}"}
        )
        assert await connection.receive_nothing(timeout=0.2)
        for each in (theirs, plan):
            await database_sync_to_async(runs.run)(each.pk, "w")
        return [
            await connection.receive_json_from(),
            await connection.receive_json_from(),
        ]

    heard = talk(editor, story)
    assert [(frame["type"], frame["data"]["schedule_id"]) for frame in heard] == [
        ("schedule.started", plan.pk),
        ("schedule.completed", plan.pk),
    ]


def test_nobody_listens_to_somebody_elses_plan_or_channel(
    editor: User, manager: User
) -> None:
    plan = make_plan(editor)

    async def story(connection: PatientSocket) -> list[Any]:
        answers = []
        for channel in (f"schedule:{plan.pk}", f"user:{editor.pk}", "schedule:999999"):
            await connection.send_json_to({"type": "subscribe", "channel": channel})
            answers.append((await connection.receive_json_from())["data"].get("code"))
        await connection.send_json_to(
            {"type": "subscribe", "channel": f"user:{manager.pk}"}
        )
        assert await connection.receive_nothing(timeout=0.2)
        return answers

    assert talk(manager, story) == ["ACCESS_DENIED"] * 3


def test_a_subscriber_hears_how_a_comparison_goes(editor: User) -> None:
    comparison = make_comparison(editor)
    one, two = comparison.plans.order_by("pk").values_list("pk", flat=True)

    async def story(connection: PatientSocket) -> list[Any]:
        await connection.send_json_to(
            {"type": "subscribe", "channel": f"comparison:{comparison.pk}"}
        )
        heard = [await connection.receive_json_from()]
        for number in (one, two):
            await database_sync_to_async(runs.run)(number, "w")
        while heard[-1]["type"] != "comparison.completed":
            heard.append(await connection.receive_json_from())
        await connection.send_json_to(
            {"type": "unsubscribe", "channel": f"comparison:{comparison.pk}"}
        )
        await connection.send_json_to(
            {"type": "subscribe", "channel": f"comparison:{comparison.pk}"}
        )
        heard.append(await connection.receive_json_from())
        return heard

    *heard, late = talk(editor, story)
    assert [frame["type"].partition(".")[2] for frame in heard] == [
        "progress",
        "started",
        "progress",
        "progress",
        "completed",
    ]
    assert [frame["data"]["status"] for frame in heard] == [
        "pending",
        "running",
        "running",
        "running",
        "completed",
    ]
    assert late["data"] == heard[-1]["data"]


def test_nobody_listens_to_somebody_elses_comparison(
    editor: User, manager: User
) -> None:
    comparison = make_comparison(editor)

    async def story(connection: PatientSocket) -> list[Any]:
        answers = []
        for channel in (f"comparison:{comparison.pk}", "comparison:999999"):
            await connection.send_json_to({"type": "subscribe", "channel": channel})
            answers.append((await connection.receive_json_from())["data"].get("code"))
        await database_sync_to_async(runs.run)(comparison.plans.first().pk, "w")
        assert await connection.receive_nothing(timeout=0.3)
        return answers

    assert talk(manager, story) == ["ACCESS_DENIED"] * 2


def test_after_unsubscribing_it_is_quiet(editor: User) -> None:
    plan = make_plan(editor)

    async def story(connection: PatientSocket) -> bool:
        await connection.send_json_to(subscription(plan))
        await connection.receive_json_from()
        await connection.send_json_to(
            {"type": "unsubscribe", "channel": f"schedule:{plan.pk}"}
        )
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


async def until_kept(place: str, kept: bool) -> None:
    async with asyncio.timeout(SECONDS):
        while bool(await cache.aget(place)) is not kept:
            await asyncio.sleep(0.05)


def test_the_place_of_a_server_that_died_is_free_again(
    editor: User, monkeypatch
) -> None:
    monkeypatch.setattr("fillplanner.live.consumers.PLACE_KEPT_SECONDS", 1)
    monkeypatch.setattr("fillplanner.live.consumers.BEATS_A_PLACE", 1 / SECONDS)
    token = access_token(editor)

    async def fall_silent() -> None:
        dead = line(token)
        await dead.connect()
        await until_kept(f"plan-socket:{editor.pk}:0", False)
        await dead.disconnect()

    asyncio.run(fall_silent())


def test_the_place_of_the_living_is_kept(editor: User, monkeypatch) -> None:
    monkeypatch.setattr("fillplanner.live.consumers.BEATS_A_PLACE", 1000)
    token, place = access_token(editor), f"plan-socket:{editor.pk}:0"

    async def live_on() -> None:
        living = line(token)
        await living.connect()
        await cache.adelete(place)
        await until_kept(place, True)
        await living.disconnect()

    asyncio.run(live_on())


def test_the_page_hears_that_its_plan_changed(editor: User) -> None:
    plan = make_plan(editor)

    async def story() -> list[Any]:
        connection = PatientSocket(PageSocket.as_asgi(), "/ws/plans")
        connection.scope["user"] = editor
        await connection.connect()
        assert (await connection.receive_json_from())["type"] == "hello"
        await database_sync_to_async(runs.run)(plan.pk, "w")
        heard = [
            await connection.receive_json_from(),
            await connection.receive_json_from(),
        ]
        await connection.disconnect()
        return heard

    assert (
        asyncio.run(story())
        == [{"type": "changed", "data": {"topics": [f"plan:{plan.pk}", "plans"]}}] * 2
    )
