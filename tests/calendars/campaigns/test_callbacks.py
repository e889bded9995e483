"""Callbacks: told once, signed, tried again, never sent inside."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from calendar_parts import beat, make_calendar, publish_due, wishes
from django.utils import timezone
from receivers import Receiver, receiver

from calendars.campaigns import callbacks, follow
from calendars.campaigns import services as calendars
from calendars.campaigns.compose import Wish
from calendars.campaigns.tasks import ring_for_callbacks
from calendars.models import Callback, CallbackSecret, ContentCalendar
from common.signing import DELIVERY, SIGNATURE, TIMESTAMP, is_genuine
from scheduling.models import ChannelAccount
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def listener(settings) -> Iterator[Receiver]:
    settings.OUTGOING_ALLOW_PRIVATE = True
    with receiver() as running:
        yield running


@pytest.fixture
def calendar(
    listener: Receiver, channel: ChannelAccount, editor: User, workspace: Workspace
) -> ContentCalendar:
    [wish] = wishes(
        1,
        callbacks={
            "on_published": f"{listener.url}/out",
            "on_failed": f"{listener.url}/failed",
        },
    )
    named = {
        name: f"{listener.url}/{name}"
        for name in ("on_completed", "on_failed", "on_canceled")
    }
    return make_calendar(editor, workspace, wishes=[wish], callbacks=named)


def publish(calendar: ContentCalendar, time_machine: Any) -> None:
    time_machine.move_to(calendar.created_at + timedelta(hours=1, seconds=1))
    publish_due()
    beat()


def test_an_item_and_its_calendar_call_back(
    calendar: ContentCalendar, listener: Receiver, time_machine
) -> None:
    publish(calendar, time_machine)
    ring_for_callbacks()
    told = {one.path: one for one in listener.told}
    assert set(told) == {"/out", "/on_completed"}
    secret = callbacks.signing_secret(calendar.workspace_id)
    for one in told.values():
        headers = one.headers
        assert is_genuine(
            secret,
            headers[TIMESTAMP.lower()],
            one.body,
            headers[SIGNATURE.lower()],
            timezone.now().timestamp(),
        )
        assert uuid.UUID(headers[DELIVERY.lower()])
        assert set(json.loads(one.body)) == {"event", "id", "occurred_at", "data"}
    body = json.loads(told["/out"].body)
    assert (body["event"], body["data"]["state"]) == ("item.published", "published")
    assert (
        json.loads(told["/on_completed"].body)["data"]["summary"]["items_completed"]
        == 1
    )
    assert set(Callback.objects.values_list("state", flat=True)) == {"sent"}


def test_a_failure_calls_back_with_the_reason(
    calendar: ContentCalendar, listener: Receiver, time_machine
) -> None:
    ChannelAccount.objects.update(publisher="")
    publish(calendar, time_machine)
    ring_for_callbacks()
    bodies = {one.path: json.loads(one.body) for one in listener.told}
    assert set(bodies) == {"/failed", "/on_failed"}
    assert "not connected" in bodies["/failed"]["data"]["errors"][0]["error_message"]
    assert bodies["/on_failed"]["data"]["error_code"] == "nothing_published"


def test_canceling_calls_back(
    calendar: ContentCalendar, listener: Receiver, editor: User
) -> None:
    calendars.cancel(editor, calendar.pk)
    ring_for_callbacks()
    assert [one.path for one in listener.told] == ["/on_canceled"]


def test_nothing_is_told_twice(
    calendar: ContentCalendar, listener: Receiver, time_machine
) -> None:
    publish(calendar, time_machine)
    for _ in range(3):
        follow.follow(calendar.pk)
        ring_for_callbacks()
    assert len(listener.told) == 2


def test_a_receiver_that_is_away_is_tried_again_with_the_same_id(
    calendar: ContentCalendar, listener: Receiver, time_machine
) -> None:
    listener.answers = [500, 500]
    publish(calendar, time_machine)
    ring_for_callbacks()
    assert set(Callback.objects.values_list("state", "tries", "response_status")) == {
        ("pending", 1, 500)
    }
    ring_for_callbacks()
    assert len(listener.told) == 2
    time_machine.move_to(timezone.now() + timedelta(seconds=12))
    ring_for_callbacks()
    assert set(Callback.objects.values_list("state", "tries")) == {("sent", 2)}
    assert (
        len(listener.told) == 4
        and len({one.headers[DELIVERY.lower()] for one in listener.told}) == 2
    )


def test_one_that_never_answers_is_given_up(
    calendar: ContentCalendar, listener: Receiver, time_machine
) -> None:
    listener.answers = [503] * 40
    publish(calendar, time_machine)
    for _ in range(8):
        ring_for_callbacks()
        time_machine.move_to(timezone.now() + timedelta(hours=3))
    assert set(Callback.objects.values_list("state", "tries")) == {("failed", 6)}


def test_an_address_inside_is_never_asked(
    calendar: ContentCalendar, listener: Receiver, settings, time_machine
) -> None:
    settings.OUTGOING_ALLOW_PRIVATE = False
    publish(calendar, time_machine)
    ring_for_callbacks()
    assert listener.told == []
    assert set(Callback.objects.values_list("state", "last_error")) == {
        ("failed", "The address leads into a private network.")
    }


def test_items_without_addresses_call_nobody(
    channel: ChannelAccount, editor: User, workspace: Workspace, time_machine
) -> None:
    calendar = make_calendar(
        editor,
        workspace,
        wishes=[Wish("a", "instagram", timezone.now() + timedelta(hours=1))],
    )
    publish(calendar, time_machine)
    assert not Callback.objects.exists()


def test_the_secret_is_each_workspaces_own_and_for_managers(
    api, manager: User, stranger: User, editor: User, workspace: Workspace
) -> None:
    url = "/api/v1/scheduling/callbacks/secret"
    mine, theirs = (api(who).get(url).json() for who in (manager, stranger))
    assert (mine["tenant_id"], theirs["tenant_id"]) == ("h2o", "dry")
    assert mine["secret"].startswith("cbs_") and mine["secret"] != theirs["secret"]
    assert api(manager).get(url).json() == mine
    assert api(editor).get(url).status_code == 403
    stored = str(
        CallbackSecret.objects.filter(workspace=workspace)
        .values("secret")
        .get()["secret"]
        .sealed
    )
    assert mine["secret"] not in stored
