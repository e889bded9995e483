"""The page socket: members hear of changes, others hear nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from patient_sockets import PatientSocket

from scheduling.consumers import PageSocket
from scheduling.models import Post
from scheduling.posts import services as posts
from workspaces.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


@pytest.fixture(autouse=True)
def fresh_layer() -> None:
    """A layer for this test's loop: connections of an earlier loop are dead."""
    channel_layers.backends.clear()


def line_of(user: Any) -> PatientSocket:
    line = PatientSocket(PageSocket.as_asgi(), "/ws/scheduling")
    line.scope["user"] = user
    return line


async def _after_a_change(
    listener: User, editor: User, post: Post, look: Callable[[PatientSocket], Any]
) -> Any:
    line = line_of(listener)
    connected, _ = await line.connect()
    assert connected
    assert (await line.receive_json_from())["type"] == "hello"
    await database_sync_to_async(posts.cancel)(editor, post)
    found = await look(line)
    await line.disconnect()
    return found


def test_a_member_hears_which_topics_changed(
    viewer: User, editor: User, slot: Post
) -> None:
    heard = asyncio.run(
        _after_a_change(viewer, editor, slot, PatientSocket.receive_json_from)
    )
    assert heard == {
        "type": "changed",
        "data": {"topics": [f"post:{slot.pk}", "posts"]},
    }


def test_who_joins_late_is_told_when_something_last_changed(
    viewer: User, editor: User, slot: Post
) -> None:
    async def changed_at() -> float:
        line = line_of(viewer)
        await line.connect()
        hello = await line.receive_json_from()
        await line.disconnect()
        assert hello["type"] == "hello"
        return hello["data"]["changed_at"] or 0

    before = timezone.now().timestamp()
    assert asyncio.run(changed_at()) < before
    posts.cancel(editor, slot)
    channel_layers.backends.clear()
    assert before <= asyncio.run(changed_at()) <= timezone.now().timestamp()


def test_a_stranger_hears_nothing(stranger: User, editor: User, slot: Post) -> None:
    assert asyncio.run(
        _after_a_change(stranger, editor, slot, PatientSocket.receive_nothing)
    )


def test_nobody_in_particular_is_turned_away() -> None:
    async def knock() -> bool:
        connected, _ = await line_of(AnonymousUser()).connect()
        return bool(connected)

    assert not asyncio.run(knock())


def test_a_ping_is_answered_and_nonsense_explained(viewer: User) -> None:
    async def talk() -> list[dict[str, Any]]:
        line = line_of(viewer)
        await line.connect()
        await line.receive_json_from()
        answers = []
        for text in ('{"type": "ping"}', "{nonsense", "[1]"):
            await line.send_to(text_data=text)
            answers.append(await line.receive_json_from())
        await line.disconnect()
        return answers

    pong, broken, wrong = asyncio.run(talk())
    assert pong["type"] == "pong"
    assert broken["type"] == wrong["type"] == "error"


@pytest.mark.parametrize(("is_over", "answer"), [(False, "pong"), (True, 4401)])
def test_a_line_ends_with_its_session(
    viewer: User, is_over: bool, answer: str | int
) -> None:
    session = SessionStore()
    session["opened"] = True
    session.save()
    if is_over:
        Session.objects.all().delete()

    async def heard() -> str | int:
        line = line_of(viewer)
        line.scope["session"] = session
        await line.connect()
        await line.receive_json_from()
        await line.send_json_to({"type": "ping"})
        output = await line.receive_output()
        return output.get("code") or json.loads(output["text"])["type"]

    assert asyncio.run(heard()) == answer
