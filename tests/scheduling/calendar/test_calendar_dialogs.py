"""Filling slots, adding posts and changing many at once from the calendar: with pieces
of pages, and without.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from media_files import upload

from cast import make_channel, make_content, make_post
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, MediaFile, Post
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
PIECE = {"hx-request": "true"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(post: Post) -> Post:
    post.refresh_from_db()
    return post


# --- an empty slot
# ---------------------------------------------------------------------------------------


def test_content_is_searched_and_put_into_the_slot(
    browse, editor: User, workspace: Workspace, slot: Post
) -> None:
    wanted, other = (
        make_content(workspace, title="Winter hours"),
        make_content(workspace, title="Summer hours"),
    )
    client, address = browse(editor), f"/calendar/slots/{slot.pk}"
    found = client.get(f"{address}?q=winter", headers=PIECE).content.decode()
    assert str(wanted.pk) in found
    assert str(other.pk) not in found
    assert "<html" not in found
    answer = client.post(
        address,
        {"content": wanted.pk, "caption": "Mine", "schedule": "1"},
        headers=PIECE,
    )
    assert answer.status_code == 204
    told = json.loads(answer["HX-Trigger"])
    assert told["toast"] == {"message": "Filled and scheduled.", "level": "success"}
    assert {"close-dialog", "live:posts"} < set(told)
    assert (shown(slot).state, slot.content, slot.caption_override) == (
        states.SCHEDULED,
        wanted,
        "Mine",
    )


def test_without_scripts_it_is_a_page_that_leads_to_the_post(
    browse, editor: User, slot: Post
) -> None:
    item, client = make_content(slot.workspace), browse(editor)
    page = client.get(f"/calendar/slots/{slot.pk}").content.decode()
    assert "<html" in page
    assert "Write it for me" in page
    answer = client.post(
        f"/calendar/slots/{slot.pk}", {"content": item.pk, "caption": ""}
    )
    assert answer["Location"] == f"/posts/{slot.pk}"
    assert shown(slot).state == states.DRAFT


def test_what_was_typed_and_chosen_stays_when_it_is_refused(
    browse, editor: User, workspace: Workspace
) -> None:
    """A channel that nothing is connected to cannot be scheduled on."""
    slot, item = (
        make_post(make_channel(workspace, publisher="")),
        make_content(workspace, title="The oldest"),
    )
    for n in range(25):
        make_content(workspace, title=f"Newer {n}")
    fields = {"content": item.pk, "caption": "My words", "schedule": "1"}
    answer = browse(editor).post(f"/calendar/slots/{slot.pk}", fields, headers=PIECE)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "not connected" in text
    assert "My words" in text
    assert f'value="{item.pk}" required checked' in text
    assert shown(slot).state == states.PLANNED


def test_a_slot_that_somebody_filled_meanwhile_says_so(
    browse, editor: User, draft: Post
) -> None:
    text = (
        browse(editor)
        .get(f"/calendar/slots/{draft.pk}", headers=PIECE)
        .content.decode()
    )
    assert "not empty any more" in text


def test_a_file_becomes_content_and_fills_the_slot(
    browse, editor: User, slot: Post
) -> None:
    fields = {"file": upload("boiler room.jpg"), "title": "", "caption": "Look at this"}
    answer = browse(editor).post(
        f"/calendar/slots/{slot.pk}/upload", fields, headers=PIECE
    )
    assert answer.status_code == 204
    assert (shown(slot).state, slot.content.title, slot.content.caption) == (
        "draft",
        "boiler room",
        "Look at this",
    )
    assert slot.content.media_places.count() == 1


def test_a_file_that_is_no_picture_is_refused_with_the_words_kept(
    browse, editor: User, slot: Post
) -> None:
    file = SimpleUploadedFile("list.png", b"not a picture", content_type="image/png")
    answer = browse(editor).post(
        f"/calendar/slots/{slot.pk}/upload",
        {"file": file, "title": "Kept"},
        headers=PIECE,
    )
    assert answer.status_code == 422
    assert 'value="Kept"' in answer.content.decode()
    assert shown(slot).state == states.PLANNED
    assert not ContentItem.objects.real().exists()


def test_a_file_for_a_slot_that_is_taken_leaves_nothing_behind_but_itself(
    browse, editor: User, draft: Post
) -> None:
    before = ContentItem.objects.count()
    answer = browse(editor).post(
        f"/calendar/slots/{draft.pk}/upload", {"file": upload()}, headers=PIECE
    )
    assert answer.status_code == 422
    assert (ContentItem.objects.count(), MediaFile.objects.count()) == (before, 1)


# --- a new post
# ------------------------------------------------------------------------------------------


def test_a_post_is_added_on_the_calendars_clock(
    browse, editor: User, workspace: Workspace
) -> None:
    """The channel's clock is another: 09:00 in Los Angeles is 17:00 UTC in winter."""
    channel, item = make_channel(workspace, zone="Asia/Tokyo"), make_content(workspace)
    with time_machine.travel(at("2026-11-20T12:00"), tick=False):
        client = browse(editor)
        address = "/calendar/new?at=2026-11-24T17%3A00%3A00%2B00%3A00"
        form = client.get(address).content.decode()
        assert 'value="2026-11-24"' in form
        assert 'value="09:00"' in form
        fields = {
            "account": channel.pk,
            "content": item.pk,
            "date": "2026-11-24",
            "time": "09:00",
            "caption": "",
        }
        assert (
            'value="2026-11-26"'
            in client.get("/calendar/new?date=2026-11-26&new=1").content.decode()
        )
        usual = client.get("/calendar/new?date=2026-12-24&view=week").content.decode()
        assert 'value="2026-11-20"' in usual
        assert 'value="05:00"' in usual
        assert client.post(address, fields, headers=PIECE).status_code == 204
        assert Post.objects.get().scheduled_at == at("2026-11-24T17:00")
        assert client.post(address, fields, headers=PIECE).status_code == 422


def test_a_local_time_that_is_skipped_is_the_one_after_the_gap(
    browse, editor: User, channel: ChannelAccount
) -> None:
    Workspace.objects.filter(pk=channel.workspace_id).update(zone="Europe/Berlin")
    item = make_content(channel.workspace)
    with time_machine.travel(at("2026-03-20T12:00"), tick=False):
        fields = {
            "account": channel.pk,
            "content": item.pk,
            "date": "2026-03-29",
            "time": "02:30",
            "caption": "",
        }
        browse(editor).post("/calendar/new", fields)
    assert Post.objects.get().scheduled_at == at("2026-03-29T01:30")


# --- many at once
# ----------------------------------------------------------------------------------------


@pytest.fixture
def three(channel: ChannelAccount) -> list[Post]:
    """Drafts of one channel, a day apart, in the order of time."""
    start = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    return [
        make_post(
            channel, make_content(channel.workspace), at=start + timedelta(days=n)
        )
        for n in range(3)
    ]


def bulk(client: Any, chosen: list[Post], act: str, **more: Any) -> str:
    fields = {"act": act, "post": [post.pk for post in chosen], **more}
    return str(
        client.post("/calendar/bulk?view=list", fields, follow=True).content.decode()
    )


@pytest.mark.parametrize(
    ("by", "unit", "step"),
    [
        ("1", "days", timedelta(days=1)),
        ("-1", "days", timedelta(days=-1)),
        ("2", "weeks", timedelta(days=14)),
        ("-5", "hours", timedelta(hours=-5)),
    ],
)
def test_posts_move_together_onto_each_others_times(
    browse, editor: User, three: list[Post], by: str, unit: str, step: timedelta
) -> None:
    # A clock that does not change, whenever this runs.
    Workspace.objects.update(zone="UTC")
    before = [post.scheduled_at for post in three]
    act = "earlier" if by.startswith("-") else "later"
    assert "Moved 3 posts." in bulk(
        browse(editor), three, act, by=by.lstrip("-"), unit=unit
    )
    assert [shown(post).scheduled_at for post in three] == [
        moment + step for moment in before
    ]


def test_days_keep_the_time_of_day_and_hours_pass(
    browse, editor: User, channel: ChannelAccount
) -> None:
    """Berlin's clocks go forward on the 29th of March: a day there has 23 hours."""
    Workspace.objects.filter(pk=channel.workspace_id).update(zone="Europe/Berlin")
    with time_machine.travel(at("2026-03-20T12:00"), tick=False):
        day, hours = (
            make_post(
                channel,
                make_content(channel.workspace),
                at=at("2026-03-28T08:00") + timedelta(minutes=n),
            )
            for n in range(2)
        )
        client = browse(editor)
        bulk(client, [day], "later", by="1", unit="days")
        bulk(client, [hours], "later", by="24", unit="hours")
    assert shown(day).scheduled_at == at("2026-03-29T07:00")
    assert shown(hours).scheduled_at == at("2026-03-29T08:01")


def test_what_cannot_be_done_is_named_and_the_rest_is_done(
    browse, editor: User, three: list[Post]
) -> None:
    Post.objects.filter(pk=three[1].pk).update(state=states.PUBLISHED)
    text = bulk(browse(editor), three, "schedule")
    assert "Scheduled 2 posts." in text
    assert "Left as it was: “Five signs”" in text
    assert [shown(post).state for post in three] == [
        "scheduled",
        "published",
        "scheduled",
    ]


def test_posts_are_canceled_together(browse, editor: User, three: list[Post]) -> None:
    assert "Canceled 3 posts." in bulk(browse(editor), three, "cancel")
    assert {shown(post).state for post in three} == {"canceled"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"act": "later", "by": "0"}, "Move posts by something"),
        ({"act": "earlier", "by": "9999"}, "at most 366 days"),
        ({"act": "explode"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said(
    browse, editor: User, three: list[Post], fields: dict[str, str], said: str
) -> None:
    text = (
        browse(editor)
        .post("/calendar/bulk", fields | {"post": [three[0].pk]}, follow=True)
        .content.decode()
    )
    assert said in text
    assert (
        "Choose posts first"
        in browse(editor)
        .post("/calendar/bulk", {"act": "cancel"}, follow=True)
        .content.decode()
    )


def test_one_foreign_post_and_nothing_is_done(
    browse, stranger: User, editor: User, three: list[Post]
) -> None:
    own = make_post(make_channel(stranger.memberships.get().workspace))
    fields = {"act": "cancel", "post": [three[0].pk, own.pk]}
    assert browse(stranger).post("/calendar/bulk", fields).status_code == 404
    assert browse(editor).post("/calendar/bulk", fields).status_code == 404
    assert {shown(post).state for post in [*three, own]} == {"draft", "planned"}


def test_the_list_offers_boxes_to_editors_only(
    browse, editor: User, viewer: User, three: list[Post]
) -> None:
    address = f"/calendar?view=list&date={three[0].scheduled_at:%Y-%m-%d}"
    assert 'name="post"' in browse(editor).get(address).content.decode()
    page = browse(viewer).get(address).content.decode()
    assert 'name="post"' not in page
    assert "calendar/bulk" not in page
