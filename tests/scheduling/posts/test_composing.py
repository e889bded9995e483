"""Making a post on one page, and the list of posts as cards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from media_files import upload

from cast import make_channel, make_content, make_post
from scheduling.domain.platforms.rules import Draft, room_of
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import User, Workspace


@pytest.fixture(autouse=True)
def clock(editor: User) -> None:
    editor.zone = "UTC"
    editor.save()


@pytest.fixture
def channels(workspace: Workspace) -> list[ChannelAccount]:
    return [
        make_channel(workspace, platform=name, name=f"On {name}")
        for name in ("x", "bluesky")
    ]


AT = (timezone.now() + timedelta(days=60)).replace(
    hour=15, minute=30, second=0, microsecond=0
)


def asked(channels: list[ChannelAccount], **more: Any) -> dict[str, Any]:
    fields = {
        "title": "Frost",
        "caption": "Drain the tap.",
        "hashtags": "#winter",
        "date": f"{AT:%Y-%m-%d}",
    }
    return (
        fields
        | {
            "time": "15:30",
            "channels": [str(one.pk) for one in channels],
            "schedule": "1",
        }
        | more
    )


def test_new_content_goes_to_every_channel_with_its_own_text(
    browse: Any, editor: User, channels: list
) -> None:
    own = {f"text_{channels[1].pk.hex}": "Only for the sky"}
    answer = browse(editor).post("/posts/new", asked(channels, **own))
    assert answer["Location"] == "/schedule"
    first, second = Post.objects.order_by("account__name").select_related(
        "content", "group"
    )[::-1]
    assert (first.text, second.text) == (
        "Drain the tap.\n\n#winter",
        "Only for the sky",
    )
    assert first.group == second.group
    assert {first.state, second.state} == {"scheduled"}
    assert first.scheduled_at == AT
    assert ContentItem.objects.get(title="Frost").owner == editor.username


def test_files_come_along_and_survive_a_refusal(
    browse: Any, editor: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="x", name="Full")
    make_post(channel, at=AT, state="scheduled")
    answer = browse(editor).post("/posts/new", asked([channel], files=upload()))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "already has a post at that time" in page
    item = ContentItem.objects.get(title="Frost")
    assert item.media_places.count() == 1
    assert f'value="{item.pk}" selected' in page
    again = browse(editor).post(
        "/posts/new", asked([channel], content=str(item.pk), time="17:00")
    )
    assert again.status_code == 302
    assert Post.objects.get(content=item).scheduled_at == AT.replace(hour=17, minute=0)
    assert ContentItem.objects.filter(title="Frost").count() == 1


def test_what_does_not_fit_is_refused_for_all_with_the_name(
    browse: Any, editor: User, channels: list
) -> None:
    answer = browse(editor).post("/posts/new", asked(channels, caption="long " * 70))
    assert answer.status_code == 422
    assert "On x: X takes 280" in answer.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("title", "Give the new content a title"),
        ("channels", "This field is required"),
        ("date", "field is required"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_stays(
    browse: Any, editor: User, channels: list, missing: str, said: str
) -> None:
    fields = asked(channels)
    del fields[missing]
    answer = browse(editor).post("/posts/new", fields)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert "Drain the tap." in answer.content.decode()
    assert not ContentItem.objects.filter(title="Frost").exists()


def test_previews_counts_and_the_picture_stay_after_a_refusal(
    browse: Any, editor: User, channels: list
) -> None:
    answer = browse(editor).post(
        "/posts/new", asked(channels, caption="long " * 70, files=upload("frost.jpg"))
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count('<article class="card preview"') == 2
    assert "room room-over" in page
    assert "Saved with the content chosen above" in page
    assert 'alt="frost.jpg"' in page
    # The browser need not put the file into the form again.
    assert "data-files-kept" in page


def test_files_of_a_form_that_makes_nothing_are_asked_for_again(
    browse: Any, editor: User, channels: list
) -> None:
    answer = browse(editor).post(
        "/posts/new", asked(channels, title="", files=upload())
    )
    page = answer.content.decode()
    assert "Choose your files again" in page
    assert page.count('<article class="card preview"') == 2
    assert "data-files-kept" not in page


def test_a_foreign_channel_is_no_choice(browse: Any, editor: User) -> None:
    foreign = make_channel(
        Workspace.objects.create(slug="theirs", name="Theirs"),
        platform="x",
        name="Theirs",
    )
    answer = browse(editor).post("/posts/new", asked([foreign]))
    assert answer.status_code == 422
    assert "Theirs" not in answer.content.decode()
    assert not Post.objects.exists()


def test_the_preview_counts_in_the_platforms_own_unit(
    browse: Any, editor: User, channels: list
) -> None:
    fields = asked(
        channels,
        caption="👍🏽" * 3 + " https://example.org/" + "long" * 30,
        hashtags="",
        title="",
    )
    page = browse(editor).post("/posts/new/preview", fields).content.decode()
    assert "<html" not in page
    # X counts an emoji as two and any link as 23; Bluesky counts what people see.
    assert "30 / 280" in page
    assert f"{3 + 1 + len('https://example.org/') + 120} / 300" in page
    assert not ContentItem.objects.filter(title="").exists()


def test_the_preview_of_half_a_form_is_no_error(
    browse: Any, editor: User, channels: list
) -> None:
    answer = browse(editor).post(
        "/posts/new/preview", {"channels": [str(channels[0].pk)], "link": "no link"}
    )
    assert answer.status_code == 200
    assert "No text yet" in answer.content.decode()


def test_without_javascript_a_button_previews(
    browse: Any, editor: User, channels: list
) -> None:
    answer = browse(editor).post("/posts/new", asked(channels, preview="1"))
    assert answer.content.decode().count('class="card preview"') == 2
    assert not Post.objects.exists()


def test_the_next_free_time_of_the_channel_is_offered(
    browse: Any, editor: User, channels: list
) -> None:
    page = browse(editor).get(f"/posts/new?account={channels[0].pk}").content.decode()
    soon = timezone.now() + timedelta(hours=1)
    assert f'value="{soon:%Y-%m-%d}"' in page
    assert (
        f'value="{soon:%H}:00"' in page
        or f'value="{soon + timedelta(hours=1):%H}:00"' in page
    )


def test_room_is_the_tightest_limit_that_holds() -> None:
    room = room_of(Draft("bluesky", "post", text="ä" * 10))
    assert room is not None
    assert (room.used, room.most, room.left) == (10, 300, 290)
    assert room_of(Draft("outbox", "post", text="x")) is None


# --- the list
# --------------------------------------------------------------------------------------------


def test_the_list_shows_days_numbers_and_what_can_be_done(
    browse: Any, editor: User, channels: list
) -> None:
    now = timezone.now()
    content = make_content(channels[0].workspace, title="Grants")
    make_post(
        channels[0], at=now + timedelta(days=2), state="scheduled", content=content
    )
    make_post(channels[1], at=now + timedelta(days=2), state="draft", content=content)
    make_post(channels[1], at=now - timedelta(days=2), state="failed", content=content)
    page = browse(editor).get("/schedule").content.decode()
    assert page.count('class="post-card"') == 2
    assert page.count('class="day-title"') == 1
    assert "Post now" in page
    assert "Reschedule" in page
    assert "Try again" in browse(editor).get("/schedule?show=trouble").content.decode()


def test_a_viewer_sees_cards_without_buttons(
    browse: Any, viewer: User, channels: list
) -> None:
    make_post(channels[0], at=timezone.now() + timedelta(days=2), state="scheduled")
    page = browse(viewer).get("/schedule").content.decode()
    assert 'class="post-card"' in page
    assert "Reschedule" not in page


def test_buttons_on_the_list_lead_back_to_it(
    browse: Any, editor: User, channels: list
) -> None:
    post = make_post(
        channels[0], at=timezone.now() + timedelta(days=2), state="scheduled"
    )
    client = browse(editor)
    moved = client.post(
        f"/posts/{post.pk}/move",
        {"date": f"{AT:%Y-%m-%d}", "time": "10:00", "back": "next"},
    )
    assert moved["Location"] == "/schedule?show=next"
    assert (
        client.post(f"/posts/{post.pk}/cancel", {"back": "https://evil.example"})[
            "Location"
        ]
        == f"/posts/{post.pk}"
    )
    post.refresh_from_db()
    assert post.state == "canceled"


def test_the_list_takes_as_many_queries_for_many_posts(
    browse: Any, editor: User, channels: list, django_assert_max_num_queries: Any
) -> None:
    client = browse(editor)
    for hour in range(30):
        make_post(
            channels[hour % 2],
            at=timezone.now() + timedelta(hours=hour + 1),
            state="scheduled",
        )
    client.get("/schedule")
    with django_assert_max_num_queries(15):
        assert client.get("/schedule").content.decode().count('class="post-card"') == 30
