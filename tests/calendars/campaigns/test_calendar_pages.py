"""The pages of content calendars."""

from __future__ import annotations

from datetime import timedelta

import pytest
from calendar_parts import beat, make_calendar, publish_due, wishes
from django.utils import timezone

from calendars.campaigns.compose import Wish
from calendars.models import ContentCalendar
from cast import PASSWORD, make_channel
from scheduling.models import ChannelAccount
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar(
    channel: ChannelAccount, editor: User, workspace: Workspace
) -> ContentCalendar:
    return make_calendar(editor, workspace)


def test_the_list_shows_each_with_its_progress(
    browse, viewer: User, calendar: ContentCalendar, time_machine
) -> None:
    time_machine.move_to(calendar.created_at + timedelta(hours=1, seconds=1))
    publish_due()
    beat()
    text = browse(viewer).get("/calendars").content.decode()
    assert "November" in text and "Running" in text and "33 %" in text
    assert 'href="/calendars"' in browse(viewer).get("/calendar").content.decode()


def test_an_empty_list_says_how_one_is_made(browse, viewer: User) -> None:
    assert b"No content calendars yet" in browse(viewer).get("/calendars").content


def test_a_calendar_shows_items_and_what_is_in_their_way(
    browse, viewer: User, editor: User, workspace: Workspace
):
    make_channel(workspace, status="paused")
    [wish] = wishes(1)
    calendar = make_calendar(
        editor, workspace, wishes=[wish, Wish("late", "linkedin", wish.at)]
    )
    text = browse(viewer).get(f"/calendars/{calendar.pk}").content.decode()
    assert "H2O on Facebook is paused." in text and "It waits as a draft." in text
    assert "LinkedIn (not connected) is not connected" in text
    assert "video-0" in text and calendar.wire_id in text
    assert "Cancel calendar" not in text
    only = (
        browse(viewer).get(f"/calendars/{calendar.pk}?state=scheduled").content.decode()
    )
    assert only.count("row-link") == 1


def test_what_is_in_the_way_of_many_is_said_once(
    browse, viewer: User, editor: User, workspace: Workspace
) -> None:
    make_channel(workspace, status="paused")
    calendar = make_calendar(editor, workspace, 7)
    text = browse(viewer).get(f"/calendars/{calendar.pk}").content.decode()
    assert text.count("H2O on Facebook is paused.") == 1
    assert (
        "They wait as drafts." in text and "7 items:" in text and "and 2 more" in text
    )
    assert text.count("Something is in the way") == 2 * 7


def test_items_come_in_the_order_of_their_times(
    browse, viewer: User, editor: User, workspace: Workspace, channel
):
    calendar = make_calendar(editor, workspace, wishes=wishes(3)[::-1])
    text = browse(viewer).get(f"/calendars/{calendar.pk}").content.decode()
    assert text.index("video-0") < text.index("video-1") < text.index("video-2")


def test_the_audit_trail_says_how_many_items_it_was_made_with(
    browse, manager: User, calendar: ContentCalendar
) -> None:
    text = browse(manager).get("/workspaces/audit").content.decode()
    assert f"calendar:{calendar.pk}" in text
    assert "items" in text


def test_an_editor_cancels_it(browse, editor: User, calendar: ContentCalendar) -> None:
    client = browse(editor)
    assert b"Cancel calendar" in client.get(f"/calendars/{calendar.pk}").content
    answer = client.post(f"/calendars/{calendar.pk}/cancel", follow=True)
    assert b"Canceled. Nothing more goes out." in answer.content
    assert b"Cancel calendar" not in answer.content
    again = client.post(f"/calendars/{calendar.pk}/cancel", follow=True)
    assert b"This calendar is canceled" in again.content


def test_pages_take_few_queries(
    browse,
    viewer: User,
    editor: User,
    workspace: Workspace,
    channel: ChannelAccount,
    django_assert_max_num_queries,
) -> None:
    calendar = make_calendar(editor, workspace, 120)
    for n in range(3):
        make_calendar(
            editor,
            workspace,
            1,
            title=f"C{n}",
            wishes=[Wish("x", "instagram", timezone.now())],
        )
    client = browse(viewer)
    with django_assert_max_num_queries(8):
        client.get("/calendars")
    with django_assert_max_num_queries(14):
        client.get(f"/calendars/{calendar.pk}")


def test_the_admin_shows_calendars_and_changes_no_state(
    browse, calendar: ContentCalendar
) -> None:
    root = User.objects.create_user(
        "root", "root@example.org", PASSWORD, is_staff=True, is_superuser=True
    )
    client = browse(root)
    for page in ("contentcalendar", "calendaritem", "calendarevent", "callback"):
        assert client.get(f"/admin/calendars/{page}/").status_code == 200
    text = client.get(
        f"/admin/calendars/contentcalendar/{calendar.pk}/change/"
    ).content.decode()
    assert 'name="state"' not in text and 'name="title"' in text
