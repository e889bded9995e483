"""Posts dropped elsewhere in the calendar: the server decides, and a clock change loses nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cast import make_channel, make_content, make_post
from scheduling.domain import states
from scheduling.models import Blackout, ChannelAccount, Post
from workspaces.models import AuditEntry, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def drop(client: Any, post: Post, query: str = "", **fields: str) -> Any:
    return client.post(
        f"/calendar/posts/{post.pk}{query}",
        {"seen": post.scheduled_at.isoformat()} | fields,
    )


def when(post: Post) -> datetime:
    post.refresh_from_db()
    return post.scheduled_at


@pytest.fixture
def berlin(workspace: Workspace) -> Workspace:
    Workspace.objects.filter(pk=workspace.pk).update(zone="Europe/Berlin")
    workspace.refresh_from_db()
    return workspace


@pytest.fixture
def march() -> Any:
    """Before the clocks go forward in Europe."""
    with time_machine.travel(at("2026-03-20T12:00"), tick=False):
        yield


def test_a_post_goes_to_the_instant_of_an_hour(
    browse, editor: User, draft: Post
) -> None:
    later = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    answer = drop(browse(editor), draft, at=later.isoformat())
    assert answer.status_code == 200
    assert when(draft) == later
    said = answer.json()
    assert said["message"].startswith("Moved to ")
    assert datetime.fromisoformat(said["at"]) == later
    assert (
        AuditEntry.objects.filter(action="moved", thing=f"post:{draft.pk}").count() == 1
    )


@pytest.mark.usefixtures("march")
def test_another_day_keeps_the_time_of_day_over_a_clock_change(
    browse, editor: User, berlin: Workspace, channel: ChannelAccount
) -> None:
    """09:00 in Berlin is 08:00 UTC on the 27th of March and 07:00 UTC on the 30th."""
    post = make_post(channel, make_content(berlin), at=at("2026-03-27T08:00"))
    assert drop(browse(editor), post, date="2026-03-30").status_code == 200
    assert when(post) == at("2026-03-30T07:00")


@pytest.mark.usefixtures("march")
def test_a_time_that_does_not_exist_becomes_the_one_after_the_gap(
    browse, editor: User, berlin: Workspace, channel: ChannelAccount
) -> None:
    post = make_post(channel, make_content(berlin), at=at("2026-03-27T01:30"))
    answer = drop(browse(editor), post, date="2026-03-29")
    assert when(post) == at("2026-03-29T01:30")
    assert (
        "02:30 does not exist on that day in Europe/Berlin" in answer.json()["message"]
    )
    assert "Sun 29 Mar, 03:30" in answer.json()["message"]


@pytest.mark.usefixtures("march")
@pytest.mark.parametrize(
    ("instant", "clock"),
    [
        ("2026-10-25T00:30", "02:30 CEST"),
        ("2026-10-25T01:30", "02:30 CET"),
    ],
)
def test_both_hours_of_a_doubled_one_can_be_dropped_on(
    browse,
    editor: User,
    berlin: Workspace,
    channel: ChannelAccount,
    instant: str,
    clock: str,
) -> None:
    post = make_post(channel, make_content(berlin), at=at("2026-10-20T00:30"))
    answer = drop(browse(editor), post, at=at(instant).isoformat())
    assert when(post) == at(instant)
    assert clock in answer.json()["message"]


@pytest.mark.usefixtures("march")
def test_the_day_is_of_the_zone_that_the_page_shows(
    browse, editor: User, berlin: Workspace, channel: ChannelAccount
) -> None:
    User.objects.filter(pk=editor.pk).update(zone="Asia/Tokyo")
    own, theirs = (
        make_post(channel, make_content(berlin), at=at(f"2026-03-25T1{n}:00"))
        for n in (6, 7)
    )
    client = browse(User.objects.get(pk=editor.pk))
    drop(client, own, date="2026-03-28")
    drop(client, theirs, "?zone=workspace", date="2026-03-28")
    # 16:00 UTC is 01:00 of the next day in Tokyo; 17:00 UTC is 18:00 in Berlin.
    assert when(own) == at("2026-03-27T16:00")
    assert when(theirs) == at("2026-03-28T17:00")


# --- the server has the last word
# ------------------------------------------------------------------------


def test_a_post_that_somebody_moved_meanwhile_stays_where_they_put_it(
    browse, editor: User, draft: Post
) -> None:
    theirs = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    answer_to_old = {"seen": draft.scheduled_at.isoformat()}
    Post.objects.filter(pk=draft.pk).update(scheduled_at=theirs)
    wanted = (timezone.now() + timedelta(days=5)).isoformat()
    answer = browse(editor).post(
        f"/calendar/posts/{draft.pk}", {"at": wanted, **answer_to_old}
    )
    assert answer.status_code == 409
    assert "Somebody else moved this post meanwhile" in answer.json()["message"]
    assert when(draft) == theirs


def test_a_time_that_the_channel_has_taken_is_a_conflict(
    browse, editor: User, draft: Post
) -> None:
    other = make_post(
        draft.account, draft.content, at=draft.scheduled_at + timedelta(hours=3)
    )
    before = draft.scheduled_at
    answer = drop(browse(editor), draft, at=other.scheduled_at.isoformat())
    assert answer.status_code == 409
    assert "already has a post at that time" in answer.json()["message"]
    assert when(draft) == before


@pytest.mark.parametrize(
    "state", [states.PUBLISHING, states.PUBLISHED, states.CANCELED]
)
def test_what_is_out_of_hand_is_a_conflict(
    browse, editor: User, draft: Post, state: str
) -> None:
    Post.objects.filter(pk=draft.pk).update(state=state)
    wanted = (timezone.now() + timedelta(days=5)).isoformat()
    assert drop(browse(editor), draft, at=wanted).status_code == 409


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"at": "2020-01-01T00:00:00Z"}, 400, "has passed"),
        ({"at": "2099-01-01T00:00:00Z"}, 400, "more than two years"),
        ({"at": "soon"}, 422, "not an ISO 8601"),
        ({"date": "2026-02-30"}, 422, "valid date"),
        ({}, 422, "Say where"),
    ],
)
def test_what_cannot_be_is_said(
    browse, editor: User, draft: Post, fields: dict[str, str], status: int, said: str
) -> None:
    before = draft.scheduled_at
    answer = drop(browse(editor), draft, **fields)
    assert (answer.status_code, said in answer.json()["message"]) == (status, True)
    assert when(draft) == before


def test_closed_time_takes_nothing(browse, editor: User, draft: Post) -> None:
    day = timezone.now() + timedelta(days=2)
    Blackout.objects.create(
        workspace=draft.workspace,
        reason="Stocktaking",
        zone="UTC",
        begins_local=f"{day:%Y-%m-%d}T00:00",
        ends_local=f"{day:%Y-%m-%d}T23:59",
    )
    answer = drop(browse(editor), draft, at=f"{day:%Y-%m-%d}T12:00:00Z")
    assert answer.status_code == 400
    assert "Stocktaking" in answer.json()["message"]


def test_a_scheduled_post_is_due_where_it_was_dropped(
    browse, editor: User, channel: ChannelAccount
) -> None:
    post = make_post(channel, make_content(channel.workspace), state=states.SCHEDULED)
    later = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    drop(browse(editor), post, at=later.isoformat())
    assert when(post) == post.due_at == later


def test_viewers_and_strangers_move_nothing(
    browse, viewer: User, stranger: User, draft: Post
) -> None:
    before, wanted = (
        draft.scheduled_at,
        (timezone.now() + timedelta(days=5)).isoformat(),
    )
    assert drop(browse(viewer), draft, at=wanted).status_code == 403
    assert drop(browse(stranger), draft, at=wanted).status_code == 404
    assert when(draft) == before
    shown = f"/calendar?view=day&date={before.astimezone(timezone.get_fixed_timezone(-480)):%Y-%m-%d}"
    assert "is-open" not in browse(viewer).get(shown).content.decode()


def test_only_open_posts_can_be_taken_up(
    browse, editor: User, workspace: Workspace
) -> None:
    channel, start = (
        make_channel(workspace, name="Another"),
        timezone.now() + timedelta(hours=1),
    )
    for n, state in enumerate(states.POST.states):
        make_post(
            channel,
            make_content(workspace),
            state=state,
            at=start + timedelta(minutes=n),
        )
    text = browse(editor).get("/calendar?view=list").content.decode()
    text += (
        browse(editor)
        .get(f"/calendar?view=list&date={(start + timedelta(days=20)):%Y-%m}-01")
        .content.decode()
    )
    assert set(_open_states(text)) <= set(states.OPEN)


def _open_states(text: str) -> list[str]:
    return [
        part.split(" ")[0]
        for part in text.split('class="slot slot-')[1:]
        if "is-open" in part.split(">")[0]
    ]
