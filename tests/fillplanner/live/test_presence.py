"""Figures of the plan socket: who is connected, who listens to what."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from channels.layers import channel_layers
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from patient_sockets import PatientSocket
from redis.exceptions import ConnectionError as Unreachable
from vials import make_plan

from fillplanner.live import presence
from fillplanner.live.consumers import PlanSocket
from workspaces.models import User
from workspaces.services.users import access_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    channel_layers.backends.clear()
    cache.clear()
    monkeypatch.setattr("fillplanner.services.plans.ring", lambda *args: None)


async def connect(token: str, *channels: str) -> PatientSocket:
    connection = PatientSocket(PlanSocket.as_asgi(), f"/api/v1/ws?token={token}")
    connection.scope["user"] = AnonymousUser()
    await connection.connect()
    await connection.receive_json_from()
    for channel in channels:
        await connection.send_json_to({"type": "subscribe", "channel": channel})
    # What was sent before the ping is done once the pong is there.
    await connection.send_json_to({"type": "ping"})
    while (await connection.receive_json_from())["type"] != "pong":
        pass
    return connection


def test_connections_and_channels_are_counted_and_only_ones_own_are_named(
    editor: User, manager: User
) -> None:
    plan, theirs = make_plan(editor), make_plan(manager)
    mine, other = access_token(editor), access_token(manager)
    own, shared = f"schedule:{plan.pk}", f"user:{editor.pk}"

    async def story() -> list[dict[str, Any]]:
        lines = [
            await connect(mine, own, shared),
            await connect(mine, own),
            await connect(other, f"schedule:{theirs.pk}"),
        ]
        found = [await asyncio.to_thread(presence.stats, editor.pk)]
        await lines[0].send_json_to({"type": "unsubscribe", "channel": own})
        await lines[0].send_json_to({"type": "ping"})
        await lines[0].receive_json_from()
        await lines[2].disconnect()
        found.append(await asyncio.to_thread(presence.stats, editor.pk))
        for line in lines[:2]:
            await line.disconnect()
        return [*found, await asyncio.to_thread(presence.stats, editor.pk)]

    full, fewer, none = asyncio.run(story())
    assert full == {
        "total_connections": 3,
        "total_channels": 3,
        "total_users": 2,
        "channels": {own: 2, shared: 1},
    }
    assert fewer == {
        "total_connections": 2,
        "total_channels": 2,
        "total_users": 1,
        "channels": {own: 1, shared: 1},
    }
    assert none == {
        "total_connections": 0,
        "total_channels": 0,
        "total_users": 0,
        "channels": {},
    }


def test_a_cache_that_is_away_costs_the_figures_only(monkeypatch) -> None:
    def away(*args: object, **options: object) -> None:
        raise Unreachable

    monkeypatch.setattr(presence.cache, "get", away)
    monkeypatch.setattr(presence.cache, "delete", away)
    presence.note(1, "somebody", ["schedule:1"], 90)
    presence.forget("somebody")
