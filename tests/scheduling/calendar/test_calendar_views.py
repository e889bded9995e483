"""The posting calendar without scripts: month, week, day and list, on either clock,
narrowed as somebody wants.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from calendar_parts import make_calendar
from django.utils import timezone

from calendars.models import CalendarItem
from cast import make_channel, make_content, make_post
from scheduling.domain import states
from scheduling.domain.hours import clock_note, frame_of, hours_of
from scheduling.models import Blackout, ChannelAccount, Post
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
VIEWS = ("month", "week", "day", "list")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def text_of(client: Any, query: str) -> str:
    answer = client.get(f"/calendar?{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_shows_the_post_at_its_local_time(
    browse, viewer: User, channel: ChannelAccount, view: str
) -> None:
    """17:05 UTC is 09:05 in Los Angeles, the workspace's zone."""
    post = make_post(
        channel, make_content(channel.workspace), at=at("2026-11-24T17:05")
    )
    text = text_of(browse(viewer), f"view={view}&date=2026-11-24")
    assert f'id="slot-{post.pk}"' in text
    assert ">09:05</time>" in text
    assert "Five signs" in text
    assert "in America/Los_Angeles time" in text


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_its_own_days_and_no_others(
    browse, viewer: User, channel: ChannelAccount, view: str
) -> None:
    for day in (1, 24, 30):
        make_post(channel, at=at(f"2026-11-{day:02}T20:00"))
    shown = text_of(browse(viewer), f"view={view}&date=2026-11-24").count('id="slot-')
    assert shown == {"month": 3, "week": 1, "day": 1, "list": 3}[view]


def test_the_zone_is_the_persons_or_the_workspaces(
    browse, viewer: User, channel: ChannelAccount
) -> None:
    User.objects.filter(pk=viewer.pk).update(zone="Asia/Tokyo")
    make_post(channel, at=at("2026-11-24T17:05"))
    client = browse(User.objects.get(pk=viewer.pk))
    own = text_of(client, "view=day&date=2026-11-25")
    assert ">02:05</time>" in own
    assert "in Asia/Tokyo time" in own
    assert "zone=workspace" in own
    theirs = text_of(client, "view=day&date=2026-11-24&zone=workspace")
    assert ">09:05</time>" in theirs


def test_nothing_is_to_choose_where_the_zones_are_one(
    browse, viewer: User, channel: ChannelAccount
) -> None:
    assert "zone=workspace" not in text_of(browse(viewer), "view=week")


# --- clock changes
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "zone", "count", "said"),
    [
        (
            "2026-03-29",
            "Europe/Berlin",
            23,
            "has 23 hours: at 02:00 clocks go forward to 03:00",
        ),
        (
            "2026-10-25",
            "Europe/Berlin",
            25,
            "has 25 hours: at 03:00 clocks go back to 02:00",
        ),
        (
            "2026-09-06",
            "America/Santiago",
            23,
            "has 23 hours: at 00:00 clocks go forward to 01:00",
        ),
        (
            "2026-04-05",
            "Australia/Lord_Howe",
            25,
            "has 24.5 hours: at 02:00 clocks go back to 01:30",
        ),
        ("2026-11-24", "Europe/Berlin", 24, ""),
    ],
)
def test_a_day_has_the_hours_that_its_clocks_have(
    day: str, zone: str, count: int, said: str
) -> None:
    hours = hours_of(date.fromisoformat(day), zone)
    assert len(hours) == count
    assert all(
        one.end == other.start for one, other in zip(hours, hours[1:], strict=False)
    )
    assert said in clock_note(date.fromisoformat(day), zone)
    assert bool(clock_note(date.fromisoformat(day), zone)) is bool(said)


def test_a_frame_is_without_gaps_over_a_clock_change() -> None:
    frame = frame_of("week", date(2026, 10, 25), "Europe/Berlin")
    assert (frame.end - frame.start) == timedelta(days=7, hours=1)
    assert frame_of("day", date(2026, 3, 29), "Europe/Berlin").end == at(
        "2026-03-29T22:00"
    )


def test_the_doubled_hour_is_there_twice_and_the_skipped_one_is_said(
    browse, viewer: User, workspace: Workspace, channel: ChannelAccount
) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(zone="Europe/Berlin")
    first, second = (
        make_post(channel, at=at(f"2026-10-25T0{hour}:30")) for hour in (0, 1)
    )
    client = browse(viewer)
    autumn = text_of(client, "view=day&date=2026-10-25")
    assert "has 25 hours" in autumn
    assert (
        autumn.index("02:00 CEST")
        < autumn.index(f"slot-{first.pk}")
        < autumn.index("02:00 CET")
    )
    assert autumn.index("02:00 CET") < autumn.index(f"slot-{second.pk}")
    assert ">02:30 CEST</time>" in autumn
    assert ">02:30 CET</time>" in autumn
    spring = text_of(client, "view=week&date=2026-03-29")
    assert spring.count("skipped: clocks go forward") == 1
    assert "has 23 hours" in spring


# --- filters
# ---------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(workspace: Workspace, channel: ChannelAccount) -> dict[str, Post]:
    """A draft and an empty slot on Facebook, a scheduled post on X."""
    other = make_channel(workspace, platform="x", name="H2O on X")
    item = make_content(workspace)
    day = at("2026-11-24T18:00")
    return {
        "draft": make_post(channel, item, at=day),
        "slot": make_post(channel, at=day + timedelta(hours=1)),
        "scheduled": make_post(other, item, at=day, state=states.SCHEDULED),
    }


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("platform=x", {"scheduled"}),
        ("state=draft", {"draft"}),
        ("state=draft&state=planned", {"draft", "slot"}),
        ("channel={channel}", {"draft", "slot"}),
        ("channel={channel}&state=planned", {"slot"}),
        ("platform=nextdoor", set()),
        (
            "channel=nonsense&state=nonsense&platform=nonsense&calendar=nonsense",
            {"draft", "slot", "scheduled"},
        ),
    ],
)
def test_filters_narrow_every_view(
    browse, viewer: User, mixed: dict[str, Post], view: str, query: str, left: set[str]
) -> None:
    chosen = query.format(channel=mixed["draft"].account_id)
    text = text_of(browse(viewer), f"view={view}&date=2026-11-24&{chosen}")
    assert {
        name for name, post in mixed.items() if f'id="slot-{post.pk}"' in text
    } == left


def test_filters_stay_in_every_link(
    browse, viewer: User, mixed: dict[str, Post]
) -> None:
    text = text_of(
        browse(viewer), "view=week&date=2026-11-24&platform=x&state=scheduled"
    )
    links = [
        link
        for link in re.findall(r'href="(/calendar\?[^"]*|\?[^"]*)"', text)
        if "Clear" not in link
    ]
    ways = [link for link in links if "view=" in link and "date=" in link]
    assert len(ways) > 10
    assert sum("platform=x" not in link for link in ways) == 1
    assert '<option value="x" selected>' in text
    going = text[text.index('class="menu-panel cal-go"') :].partition("</form>")[0]
    assert re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', going) == [
        ("view", "week"),
        ("platform", "x"),
        ("state", "scheduled"),
    ]
    assert 'value="2026-11-24"' in going
    assert '<input type="hidden" name="state" value="scheduled">' in text


def test_states_are_counted_whatever_states_are_chosen(
    browse, viewer: User, mixed: dict[str, Post]
) -> None:
    for view in VIEWS:
        text = text_of(browse(viewer), f"view={view}&date=2026-11-24&state=draft")
        counts = dict(re.findall(r'data-flash="count-(\w+)">(\d+)<', text))
        assert counts == {"planned": "1", "draft": "1", "scheduled": "1"}


def test_a_content_calendar_is_a_filter(
    browse, editor: User, workspace: Workspace, mixed: dict[str, Post]
) -> None:
    made = make_calendar(editor, workspace, count=1)
    item = CalendarItem.objects.get(calendar=made)
    Post.objects.filter(pk=item.post_id).update(scheduled_at=at("2026-11-24T20:00"))
    text = text_of(browse(editor), f"view=week&date=2026-11-24&calendar={made.pk}")
    assert re.findall(r'id="slot-([\w-]+)"', text) == [str(item.post_id)]
    assert f'<option value="{made.pk}" selected>' in text


# --- what else a calendar says
# ---------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["month", "week"])
def test_a_crowded_place_shows_the_first_and_leads_to_the_rest(
    browse, viewer: User, channel: ChannelAccount, view: str
) -> None:
    for minute in range(7):
        make_post(channel, at=at("2026-11-24T18:00") + timedelta(minutes=minute))
    text = text_of(browse(viewer), f"view={view}&date=2026-11-24")
    assert text.count('id="slot-') == 4
    assert "3 more" in text
    assert text_of(browse(viewer), "view=list&date=2026-11-24").count('id="slot-') == 7


@pytest.mark.parametrize("view", ["month", "week", "day"])
def test_closed_time_is_shaded_and_named(
    browse, viewer: User, workspace: Workspace, channel: ChannelAccount, view: str
) -> None:
    make_channel(workspace, platform="x", name="H2O on X")
    values = {
        "begins_local": "2026-11-24T10:00",
        "ends_local": "2026-11-24T12:00",
        "zone": workspace.zone,
    }
    blackout = Blackout.objects.create(
        workspace=workspace, reason="Stocktaking", platform="x", **values
    )
    text = text_of(browse(viewer), f"view={view}&date=2026-11-24")
    assert text.count("closed-some") == {"month": 1, "week": 2, "day": 2}[view]
    assert "Stocktaking (every X channel)" in text
    assert "closed-all" in text_of(
        browse(viewer), f"view={view}&date=2026-11-24&platform=x"
    )
    assert "closed-" not in text_of(
        browse(viewer), f"view={view}&date=2026-11-24&platform=facebook"
    )
    Blackout.objects.create(workspace=workspace, kind=Blackout.Kind.OVERRIDE, **values)
    assert blackout.reason not in text_of(
        browse(viewer), f"view={view}&date=2026-11-24"
    )


@pytest.mark.parametrize(
    "query",
    ["view=year", "date=2026-02-30", "date=soon", "date=0001-01-01", "month=2026-13"],
)
def test_what_cannot_be_shown_is_explained(browse, viewer: User, query: str) -> None:
    answer = browse(viewer).get(f"/calendar?{query}")
    assert answer.status_code == 400
    assert b"That did not work" in answer.content


@pytest.mark.parametrize("view", VIEWS)
def test_another_workspaces_posts_are_not_there(
    browse, stranger: User, slot: Post, view: str
) -> None:
    text = text_of(
        browse(stranger),
        f"view={view}&date={slot.scheduled_at:%Y-%m-%d}&channel={slot.account_id}",
    )
    assert str(slot.pk) not in text
    assert "H2O on Facebook" not in text


@pytest.mark.parametrize("view", VIEWS)
def test_a_piece_has_the_same_posts_and_nothing_around_them(
    browse, viewer: User, slot: Post, view: str
) -> None:
    address = f"/calendar?view={view}&date={slot.scheduled_at.astimezone(timezone.get_fixed_timezone(-480)):%Y-%m-%d}"
    piece = browse(viewer).get(address, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in piece
    assert f'id="slot-{slot.pk}"' in piece


@pytest.mark.parametrize("view", VIEWS)
def test_the_number_of_questions_does_not_grow_with_the_rows(
    browse, editor: User, workspace: Workspace, view: str, django_assert_max_num_queries
) -> None:
    item, start = make_content(workspace), at("2026-11-24T18:00")
    for n in range(8):
        channel = make_channel(workspace, name=f"channel {n}")
        make_post(channel, item, at=start, state=states.SCHEDULED)
        make_post(channel, at=start + timedelta(hours=n + 1))
        Blackout.objects.create(
            workspace=workspace,
            account=channel,
            zone="UTC",
            begins_local="2026-11-25T00:00",
            ends_local="2026-11-26T00:00",
        )
    make_calendar(editor, workspace, count=2)
    client = browse(editor)
    with django_assert_max_num_queries(15):
        text_of(client, f"view={view}&date=2026-11-24")


def test_topping_off_comes_back_to_the_same_view(
    browse, editor: User, channel: ChannelAccount
) -> None:
    answer = browse(editor).post(
        "/calendar/top-off?view=week&date=2026-11-24&platform=x", {"days": "28"}
    )
    assert answer["Location"] == "/calendar?view=week&date=2026-11-24&platform=x"
