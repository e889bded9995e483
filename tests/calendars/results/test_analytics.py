"""Numbers about what went out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from calendars.charts import HEIGHT, bars
from calendars.results.analytics import by_channel, published_by_day
from cast import make_channel, make_content, make_post
from scheduling.models import Post
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.services]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def published(workspace: Workspace, name: str, at: datetime, delay: float = 0) -> Post:
    channel = workspace.channel_accounts.filter(name=name).first() or make_channel(
        workspace, name=name
    )
    content = make_content(workspace)
    return make_post(
        channel,
        content,
        state="published",
        at=at,
        published_at=at + timedelta(seconds=delay),
    )


def test_a_row_a_channel_with_success_and_mean_delay(
    viewer: User, workspace: Workspace
) -> None:
    published(workspace, "a", NOON, delay=2)
    published(workspace, "a", NOON + timedelta(hours=1), delay=4)
    make_post(
        workspace.channel_accounts.get(name="a"),
        make_content(workspace),
        state="failed",
        at=NOON + timedelta(hours=2),
    )
    make_post(
        make_channel(workspace, name="b"),
        make_content(workspace),
        state="draft",
        at=NOON,
    )
    first, second = by_channel(viewer, workspace, NOON, NOON + timedelta(days=1))
    assert (first.name, first.published, first.failed, first.mean_delay) == (
        "a",
        2,
        1,
        3.0,
    )
    assert round(first.success) == 67
    assert (second.name, second.waiting, second.success, second.mean_delay) == (
        "b",
        1,
        None,
        None,
    )


def test_days_are_those_of_the_chosen_clock(viewer: User, workspace: Workspace) -> None:
    published(workspace, "a", datetime(2026, 11, 20, 3, tzinfo=UTC))
    days = [date(2026, 11, 19), date(2026, 11, 20)]
    assert published_by_day(viewer, workspace, days, "UTC") == [
        (days[0], 0),
        (days[1], 1),
    ]
    assert published_by_day(viewer, workspace, days, "America/Los_Angeles") == [
        (days[0], 1),
        (days[1], 0),
    ]


def test_bars_are_scaled_to_the_best_day() -> None:
    drawn = bars(
        [(date(2026, 11, day), value) for day, value in ((1, 0), (2, 2), (3, 4))]
    )
    assert [bar.height for bar in drawn] == [0, HEIGHT / 2, HEIGHT]
    assert [bar.y for bar in drawn] == [HEIGHT, HEIGHT / 2, 0]
    assert [bar.height for bar in bars([(date(2026, 11, 1), 0)])] == [0]


def test_the_page_shows_the_numbers_and_says_so_when_there_are_none(
    browse, viewer: User, workspace: Workspace
) -> None:
    assert b"No posts in this time" in browse(viewer).get("/analytics").content
    published(workspace, "a", timezone.now() - timedelta(days=1))
    page = browse(viewer).get("/analytics").content.decode()
    assert "<desc" in page
    assert "1 posts in 28 days" in page
