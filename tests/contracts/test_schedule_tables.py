"""Schedule assignments and recommended slots of the scheduling dialect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from calendar_parts import beat, make_calendar, publish_due
from django.utils import timezone

from calendars.models import TrialPost
from calendars.trials import services as trials
from cast import make_channel, make_content, make_post
from scheduling.domain import states as posting
from scheduling.models import Attempt, Post
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
ASSIGNMENTS = "/api/v1/scheduling/schedule-assignments"
SLOTS = "/api/v1/scheduling/recommended-slots"


def rows_of(api: Any, user: User, address: str) -> list[dict[str, Any]]:
    answer = api(user).get(address)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["data"])


@pytest.fixture
def calendar(channel: Any, editor: User, workspace: Workspace, time_machine):
    """Three items, the first of which a worker has published."""
    calendar = make_calendar(editor, workspace)
    time_machine.move_to(calendar.created_at + timedelta(hours=1, seconds=1))
    publish_due()
    beat()
    return calendar


def test_who_works_on_which_item_is_told(
    api, viewer: User, calendar, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(12):
        done, waiting, _ = rows_of(api, viewer, ASSIGNMENTS)
    assert (done["status"], done["worker_id"], done["retry_count"]) == (
        "published",
        "worker",
        0,
    )
    assert (waiting["worker_id"], waiting["last_retry_at"]) == (None, None)
    assert done.keys() == waiting.keys()
    assert done["schedule_id"] == calendar.wire_id


def test_tries_are_counted_with_the_last_error(api, viewer: User, calendar) -> None:
    item = calendar.items.get(position=1)
    for number in (1, 2, 3):
        now = timezone.now() + timedelta(minutes=number)
        Attempt.objects.create(
            post=item.post,
            number=number,
            state=posting.ATTEMPT_RETRY,
            worker=f"w{number}",
            lease_until=now,
            claimed_at=now,
        )
    Post.objects.filter(pk=item.post_id).update(last_error="Busy.")
    [row] = [
        row
        for row in rows_of(api, viewer, ASSIGNMENTS)
        if row["schedule_item_id"] == item.wire_id
    ]
    assert (row["worker_id"], row["retry_count"], row["last_error"]) == (
        "w3",
        2,
        "Busy.",
    )
    assert row["last_retry_at"] is not None


def test_assignments_are_narrowed_and_come_in_pages(
    api, viewer: User, editor: User, workspace: Workspace, calendar
) -> None:
    make_calendar(editor, workspace, count=12, title="Other")
    only = rows_of(api, viewer, f"{ASSIGNMENTS}?schedule_id={calendar.wire_id}")
    assert len(only) == 3
    [published] = rows_of(api, viewer, f"{ASSIGNMENTS}?status=published")
    assert published["status"] == "published"
    body = api(viewer).get(f"{ASSIGNMENTS}?page_size=10").json()
    rest = api(viewer).get(
        ASSIGNMENTS,
        {"page_size": 10, "page_token": body["page"]["next_page_token"]},
    )
    found = [row["id"] for row in body["data"] + rest.json()["data"]]
    assert len(found) == len(set(found)) == 15
    assert api(viewer).get(f"{ASSIGNMENTS}?status=lost").status_code == 422


def test_strangers_see_no_assignments_and_no_slots(
    api, stranger: User, calendar
) -> None:
    for address in (
        ASSIGNMENTS,
        SLOTS,
        f"{ASSIGNMENTS}?schedule_id={calendar.wire_id}",
    ):
        answer = api(stranger).get(address)
        assert answer.status_code in {403, 404} or answer.json()["data"] == []


def test_recommended_slots_are_those_that_a_trial_gave(
    api, viewer: User, editor: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace)
    begin = timezone.now().replace(hour=3, minute=0, second=0, microsecond=0)
    for n in range(12):
        at = begin + timedelta(days=1 + n // 2, hours=n % 2)
        make_post(channel, make_content(workspace), at=at)
    design = trials.Design(
        "Better?",
        [
            {"name": "control", "strategy": "standard"},
            {"name": "best", "strategy": "optimized"},
        ],
        begin,
        begin + timedelta(days=8),
    )
    trial = trials.start(editor, trials.create(editor, workspace, design).pk)
    rows = rows_of(api, viewer, f"{SLOTS}?trial_id={trial.wire_id}")
    kept = [
        row
        for row in TrialPost.objects.order_by("time_after", "pk")
        if row.time_after != row.time_before
    ]
    assert [row["post_id"] for row in rows] == [str(row.post_id) for row in kept]
    assert {row["trial_id"] for row in rows} == {trial.wire_id}
    assert {row["variant"] for row in rows} == {"best"}
    assert all(0 <= row["confidence_score"] <= 1 for row in rows)
    assert rows == rows_of(api, viewer, SLOTS)
    assert api(viewer).get(f"{SLOTS}?trial_id=trial_none").status_code == 404
