"""Content calendars move by themselves: items follow posts, calendars follow items."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from calendar_parts import (
    beat,
    fresh,
    item_states,
    make_calendar,
    publish_due,
    told,
    wishes,
)
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from together import at_once, faults

from calendars import states
from calendars.campaigns import follow, housekeeping
from calendars.campaigns import services as calendars
from calendars.campaigns.services import CalendarRequest
from calendars.models import (
    CalendarEvent,
    CalendarItem,
    ClientContent,
    ContentCalendar,
)
from cast import make_channel
from common.errors import Conflict, Forbidden, InvalidInput
from scheduling.domain import states as posting
from scheduling.models import ChannelAccount, Post
from scheduling.posts import outcomes
from scheduling.posts import services as posts
from scheduling.publishing import publish as publishing
from workspaces.models import AuditEntry, StoredReply, User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
HOUR = timedelta(hours=1)


@pytest.fixture
def calendar(
    channel: ChannelAccount, editor: User, workspace: Workspace
) -> ContentCalendar:
    """Three items, one an hour from in an hour on."""
    return make_calendar(editor, workspace)


def nth_post(calendar: ContentCalendar, n: int) -> Post:
    post = CalendarItem.objects.get(calendar=calendar, position=n).post
    assert post is not None
    return post


# --- by itself
# -------------------------------------------------------------------------------------------


def test_a_calendar_is_worked_through_by_itself(
    calendar: ContentCalendar, time_machine
) -> None:
    beat()
    assert (fresh(calendar).state, item_states(calendar)) == (
        states.PENDING,
        ["scheduled"] * 3,
    )
    seen = []
    for n in range(3):
        time_machine.move_to(
            calendar.created_at + HOUR * (n + 1) + timedelta(seconds=1)
        )
        publish_due()
        beat()
        seen.append((fresh(calendar).state, item_states(calendar).count("published")))
    assert seen == [("running", 1), ("running", 2), ("completed", 3)]
    assert (
        calendar.started_at
        and calendar.ended_at
        and calendar.ended_at - calendar.started_at > HOUR
    )
    kinds = told(calendar)
    assert kinds[:4] == [
        "schedule.created",
        "item.created",
        "item.created",
        "item.created",
    ]
    assert kinds[4:7] == [
        "item.published",
        "schedule.progress",
        "schedule.state_changed",
    ]
    assert kinds[-1] == "schedule.completed"
    changes = (
        calendar.events.filter(kind="schedule.state_changed")
        .order_by("number")
        .values_list("data", flat=True)
    )
    assert [(one["prior_state"], one["new_state"]) for one in changes] == [
        ("pending", "running"),
        ("running", "completing"),
        ("completing", "completed"),
    ]


def test_nothing_is_left_to_do_for_one_that_is_up_to_date(
    calendar: ContentCalendar, time_machine
) -> None:
    time_machine.move_to(calendar.created_at + HOUR + timedelta(seconds=1))
    publish_due()
    beat()
    assert follow.lagging() == []
    before = len(told(calendar))
    follow.follow(calendar.pk)
    assert len(told(calendar)) == before


def test_it_runs_when_its_first_time_has_come(
    calendar: ContentCalendar, time_machine
) -> None:
    time_machine.move_to(calendar.created_at + HOUR + timedelta(seconds=1))
    beat()
    assert fresh(calendar).state == states.RUNNING


def test_failures_and_cancels_count_and_the_rest_completes(
    calendar: ContentCalendar, editor: User, channel: ChannelAccount, time_machine
) -> None:
    posts.cancel(editor, nth_post(calendar, 2))
    time_machine.move_to(calendar.created_at + HOUR + timedelta(seconds=1))
    publish_due()
    ChannelAccount.objects.update(publisher="")
    time_machine.move_to(calendar.created_at + HOUR * 2 + timedelta(seconds=1))
    publish_due()
    beat()
    assert item_states(calendar) == ["published", "failed", "canceled"]
    assert fresh(calendar).state == states.COMPLETED


def test_one_of_which_nothing_went_out_has_failed(
    calendar: ContentCalendar, time_machine
) -> None:
    ChannelAccount.objects.update(publisher="")
    time_machine.move_to(calendar.created_at + HOUR * 3 + timedelta(seconds=1))
    publish_due()
    beat()
    assert fresh(calendar).state == states.FAILED
    data = calendar.events.get(kind="schedule.failed").data
    assert (data["error_code"], data["error_class"]) == (
        "nothing_published",
        "permanent",
    )


def test_a_person_who_cancels_every_post_cancels_the_calendar(
    calendar: ContentCalendar, editor: User
) -> None:
    for post in Post.objects.all():
        posts.cancel(editor, post)
    beat()
    assert (fresh(calendar).state, set(item_states(calendar))) == (
        states.CANCELED,
        {"canceled"},
    )


def test_a_draft_that_was_posted_by_hand_counts_as_published(
    calendar: ContentCalendar, editor: User
) -> None:
    post = nth_post(calendar, 0)
    posts.unschedule(editor, post)
    beat()
    assert item_states(calendar)[0] == "scheduled"
    outcomes.mark_published(editor, post, "https://example.org/1")
    beat()
    assert item_states(calendar)[0] == "published"


def test_a_deleted_channel_cancels_its_items(
    calendar: ContentCalendar, channel: ChannelAccount
) -> None:
    channel.delete()
    beat()
    assert (fresh(calendar).state, set(item_states(calendar))) == (
        states.CANCELED,
        {"canceled"},
    )


def test_a_failed_item_stays_failed_when_its_post_is_tried_again(
    calendar: ContentCalendar, editor: User, time_machine
) -> None:
    post = nth_post(calendar, 0)
    Post.objects.filter(pk=post.pk).update(state=posting.FAILED, last_error="no")
    beat()
    Post.objects.filter(pk=post.pk).update(state=posting.SCHEDULED)
    beat()
    assert item_states(calendar)[0] == "failed"


# --- the deadline
# ----------------------------------------------------------------------------------------


def test_what_has_not_gone_out_within_the_deadline_is_skipped(
    calendar: ContentCalendar, editor: User, time_machine
) -> None:
    for n in (0, 1):
        posts.unschedule(editor, nth_post(calendar, n))
    time_machine.move_to(calendar.created_at + HOUR * 3 + timedelta(seconds=1))
    publish_due()
    beat()
    assert item_states(calendar) == ["skipped", "scheduled", "published"]
    late = nth_post(calendar, 0)
    reason = "It had not gone out 2:00:00 after its time."
    assert (late.state, late.last_error) == (posting.CANCELED, reason)
    entry = AuditEntry.objects.get(action="canceled", thing=f"post:{late.pk}")
    assert (entry.actor_name, entry.after["last_error"]) == ("system", reason)
    time_machine.move_to(calendar.created_at + HOUR * 4 + timedelta(seconds=1))
    beat()
    assert item_states(calendar) == ["skipped", "skipped", "published"]
    assert fresh(calendar).state == states.COMPLETED
    assert (
        CalendarItem.objects.first().skipped_because
        == "It had not gone out 2:00:00 after its time."
    )


def test_a_post_that_is_going_out_is_not_skipped(
    calendar: ContentCalendar, time_machine
) -> None:
    post = nth_post(calendar, 0)
    time_machine.move_to(calendar.created_at + HOUR + timedelta(seconds=1))
    assert publishing.claim(post.pk, "slow worker") is not None
    time_machine.move_to(calendar.created_at + HOUR * 3 + timedelta(seconds=2))
    beat()
    assert item_states(calendar)[0] == "scheduled"


def test_a_longer_deadline_waits_longer(
    channel: ChannelAccount, editor: User, workspace: Workspace, time_machine
):
    calendar = make_calendar(editor, workspace, 1, deadline=timedelta(hours=24))
    posts.unschedule(editor, nth_post(calendar, 0))
    time_machine.move_to(calendar.created_at + HOUR * 24)
    beat()
    assert item_states(calendar) == ["scheduled"]
    time_machine.move_to(calendar.created_at + HOUR * 25 + timedelta(seconds=1))
    beat()
    assert item_states(calendar) == ["skipped"]


# --- canceling
# -------------------------------------------------------------------------------------------


def test_canceling_waits_for_what_is_going_out(
    calendar: ContentCalendar, editor: User, time_machine
) -> None:
    post = nth_post(calendar, 0)
    time_machine.move_to(calendar.created_at + HOUR + timedelta(seconds=1))
    attempt = publishing.claim(post.pk, "slow worker")
    beat()
    assert calendars.cancel(editor, calendar.pk).state == states.CANCELING
    assert item_states(calendar) == ["scheduled", "canceled", "canceled"]
    publishing.record(attempt, publishing.send_claimed(attempt))
    beat()
    assert (fresh(calendar).state, item_states(calendar)[0]) == (
        states.CANCELED,
        "published",
    )


def test_canceling_is_audited_and_only_once(
    calendar: ContentCalendar, editor: User, viewer: User
) -> None:
    with pytest.raises(Forbidden):
        calendars.cancel(viewer, calendar.pk)
    calendars.cancel(editor, calendar.pk)
    with pytest.raises(Conflict, match="This calendar is canceled"):
        calendars.cancel(editor, calendar.pk)
    actions = AuditEntry.objects.filter(thing=f"calendar:{calendar.pk}").values_list(
        "action", flat=True
    )
    assert sorted(actions) == ["canceled", "created"]


# --- what is told
# ----------------------------------------------------------------------------------------


def test_what_is_told_is_numbered_without_a_gap_and_in_time(
    calendar: ContentCalendar, time_machine
) -> None:
    time_machine.move_to(calendar.created_at - timedelta(minutes=5), tick=False)
    calendars.cancel(calendar.made_by, calendar.pk)
    rows = list(calendar.events.order_by("number"))
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert all(one.at < two.at for one, two in zip(rows, rows[1:], strict=False))
    assert fresh(calendar).event_number == len(rows)


def test_what_was_told_long_ago_is_forgotten(
    calendar: ContentCalendar, time_machine, settings
) -> None:
    time_machine.move_to(
        timezone.now() + timedelta(days=settings.SCHEDULING_EVENTS_DAYS, minutes=-1)
    )
    housekeeping.forget_old()
    assert CalendarEvent.objects.exists()
    time_machine.move_to(timezone.now() + timedelta(minutes=2))
    housekeeping.forget_old()
    assert not CalendarEvent.objects.exists()


# --- many, and at once
# -----------------------------------------------------------------------------------


def test_a_thousand_items_take_as_many_queries_as_three(
    channel: ChannelAccount, editor: User, workspace: Workspace
) -> None:
    make_calendar(editor, workspace, 1)
    counts = []
    for size in (3, 900):
        Post.objects.all().delete()
        ClientContent.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            make_calendar(editor, workspace, size)
        counts.append(
            [one["sql"] for one in queries.captured_queries if counted(one["sql"])]
        )
    assert len(counts[0]) == len(counts[1]) <= 10, "\n".join(
        sql[:150] for sql in counts[1]
    )


def counted(sql: str) -> bool:
    """Not what begins or ends a transaction, nor a bulk insert, of which large ones
    come in parts.
    """
    bulk = (
        "contentitem",
        "clientcontent",
        "scheduling_post",
        "calendaritem",
        "calendarevent",
    )
    is_bulk = sql.startswith("INSERT") and any(name in sql[:60] for name in bulk)
    return not is_bulk and not sql.startswith(
        ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    )


@pytest.mark.parametrize("expand", ["items", "conflicts"])
def test_a_large_page_takes_few_queries(
    api,
    channel: ChannelAccount,
    editor: User,
    workspace: Workspace,
    expand: str,
    django_assert_max_num_queries,
) -> None:
    calendar = make_calendar(editor, workspace, 300)
    client = api(editor)
    with django_assert_max_num_queries(8):
        answer = client.get(
            f"/api/v1/scheduling/calendar/{calendar.wire_id}",
            {"expand": expand, "page_size": 200},
        )
    assert len(answer.json()[expand]) == (200 if expand == "items" else 0)


def test_absurd_calendars_are_refused(
    channel: ChannelAccount, editor: User, viewer: User, workspace: Workspace
):
    for count in (0, 1001):
        with pytest.raises(InvalidInput, match="1 to 1000 items"):
            make_calendar(editor, workspace, count)
    with pytest.raises(Forbidden):
        make_calendar(viewer, workspace)


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_with_one_key_make_one_calendar(
    channel: ChannelAccount, editor: User, workspace: Workspace
) -> None:
    asked = wishes(5)

    def ask() -> str:
        reply = calendars.create_once(
            editor,
            workspace,
            "one key",
            {"n": 5},
            lambda key: CalendarRequest("Once", asked, key=key),
            lambda made: {"id": made.wire_id},
        )
        return reply.body["id"]

    answers = at_once(*[ask] * 20)
    made = ContentCalendar.objects.get()
    assert answers == [made.wire_id] * 20
    assert (Post.objects.count(), StoredReply.objects.count(), made.items.count()) == (
        5,
        1,
        5,
    )


@pytest.mark.django_db(transaction=True)
def test_many_who_follow_at_once_tell_everything_once(
    calendar: ContentCalendar, channel: ChannelAccount, editor: User
) -> None:
    for post in Post.objects.all():
        posts.cancel(editor, post)
    assert faults(at_once(*[partial(follow.follow, calendar.pk)] * 8)) == []
    kinds = told(calendar)
    assert (kinds.count("item.updated"), kinds.count("schedule.canceled")) == (3, 1)
    assert fresh(calendar).state == states.CANCELED


@pytest.mark.django_db(transaction=True)
def test_two_calendars_at_once_never_share_a_time(
    channel: ChannelAccount, editor: User, workspace: Workspace
) -> None:
    asked = wishes(20)
    results = at_once(
        *(
            partial(
                calendars.create, editor, workspace, CalendarRequest(f"C{n}", asked)
            )
            for n in range(6)
        )
    )
    assert faults(results, but=Conflict) == []
    made = [one for one in results if not isinstance(one, Conflict)]
    assert made
    placed: list[Any] = list(
        Post.objects.exclude(scheduled_at=None).values_list("scheduled_at", flat=True)
    )
    assert len(placed) == len(set(placed)) == 20
    assert Post.objects.count() == 20 * len(made)


def test_channels_that_are_active_come_first(
    editor: User, workspace: Workspace
) -> None:
    make_channel(workspace, name="A resting", status="paused")
    make_channel(workspace, name="B apart", status="unconnected")
    wanted = make_channel(workspace, name="C ready")
    make_channel(workspace, name="D ready")
    make_calendar(editor, workspace, 1)
    assert Post.objects.get().account == wanted
