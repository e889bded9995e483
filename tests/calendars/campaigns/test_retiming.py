"""Calendars whose times change: the state that says so, and what followers are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from calendar_parts import beat, fresh, make_calendar, publish_due

from calendars import states
from calendars.models import CalendarItem, ContentCalendar, OptimizationRun
from calendars.optimiser import services as optimisation
from calendars.optimiser import worker
from scheduling.models import ChannelAccount
from scheduling.posts import services as posts
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
URL = "/api/v1/scheduling/optimize"


@pytest.fixture
def running(
    channel: ChannelAccount, editor: User, workspace: Workspace, time_machine
) -> ContentCalendar:
    """Four items, the first of which has gone out."""
    calendar = make_calendar(editor, workspace, count=4)
    time_machine.move_to(calendar.created_at + timedelta(hours=1, seconds=1))
    publish_due()
    beat()
    assert fresh(calendar).state == states.RUNNING
    return calendar


def open_posts(calendar: ContentCalendar) -> list[Any]:
    items = CalendarItem.objects.filter(calendar=calendar).open().in_time()
    return [item.post for item in items.select_related("post__account")]


def frames_after(calendar: ContentCalendar, number: int) -> list[tuple[str, Any]]:
    rows = calendar.events.filter(number__gt=number).order_by("number")
    return [(row.kind, row.data) for row in rows]


def ways(frames: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [
        (data["prior_state"], data["new_state"])
        for kind, data in frames
        if kind == "schedule.state_changed"
    ]


def request_for(calendar: ContentCalendar) -> optimisation.Request:
    keys = [post.pk for post in open_posts(calendar)]
    return optimisation.Request(keys, calendar_key=calendar.pk)


def test_a_post_that_is_moved_is_told_once(
    running: ContentCalendar, editor: User
) -> None:
    known = fresh(running).event_number
    post = open_posts(running)[0]
    at = post.scheduled_at + timedelta(days=3)
    posts.move(editor, post, at)
    beat()
    beat()
    item = CalendarItem.objects.get(post=post)
    told = [
        data for kind, data in frames_after(running, known) if kind == "item.updated"
    ]
    assert [data["id"] for data in told] == [item.wire_id]
    assert told[0]["scheduled_time"] == at.isoformat().replace("+00:00", "Z")


def test_nothing_is_told_of_items_that_stay(running: ContentCalendar) -> None:
    known = fresh(running).event_number
    beat()
    assert frames_after(running, known) == []


def test_a_calendar_is_optimizing_while_its_times_are_sought(
    running: ContentCalendar, editor: User, workspace: Workspace, settings
) -> None:
    settings.OPTIMIZE_AT_ONCE = 1
    known = fresh(running).event_number
    run = optimisation.optimise(editor, workspace, request_for(running))
    assert (run.state, fresh(running).state) == (states.PENDING, states.OPTIMIZING)
    worker.run(run.pk, "worker", 1.0)
    assert fresh(running).state == states.RUNNING
    assert ways(frames_after(running, known)) == [
        ("running", "optimizing"),
        ("optimizing", "running"),
    ]


def test_a_canceled_search_leaves_the_calendar_running(
    running: ContentCalendar, editor: User, workspace: Workspace, settings
) -> None:
    settings.OPTIMIZE_AT_ONCE = 1
    run = optimisation.optimise(editor, workspace, request_for(running))
    optimisation.cancel(editor, run.pk)
    assert fresh(running).state == states.RUNNING


def test_a_search_that_ended_unnoticed_is_noticed(
    running: ContentCalendar, editor: User, workspace: Workspace, settings
) -> None:
    settings.OPTIMIZE_AT_ONCE = 1
    run = optimisation.optimise(editor, workspace, request_for(running))
    OptimizationRun.objects.filter(pk=run.pk).update(state=states.FAILED)
    assert fresh(running).state == states.OPTIMIZING
    beat()
    assert fresh(running).state == states.RUNNING


def test_taking_better_times_over_is_told_with_each_new_time(
    running: ContentCalendar, editor: User, workspace: Workspace
) -> None:
    run = optimisation.optimise(editor, workspace, request_for(running))
    known = fresh(running).event_number
    applied = optimisation.apply(editor, run.pk)
    assert applied.moves
    frames = frames_after(running, known)
    assert ways(frames) == [("running", "optimizing"), ("optimizing", "running")]
    told = {data["id"]: data for kind, data in frames if kind == "item.updated"}
    moved = {change["post"]: change["new_time"] for change in applied.moves}
    items = CalendarItem.objects.filter(post__in=moved)
    assert told.keys() == {item.wire_id for item in items}
    beat()
    assert frames_after(running, known) == frames
    # Doing it again changes nothing, and tells nothing.
    optimisation.apply(editor, run.pk)
    assert frames_after(running, known) == frames


def test_a_calendar_that_has_not_begun_stays_pending(
    channel: ChannelAccount, editor: User, workspace: Workspace, settings
) -> None:
    settings.OPTIMIZE_AT_ONCE = 1
    calendar = make_calendar(editor, workspace)
    optimisation.optimise(editor, workspace, request_for(calendar))
    assert fresh(calendar).state == states.PENDING
