"""Measurements: taken in once each, the newest of each post counts, sums by the
channel's own hour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from calendars.advice.access import history_of
from calendars.models import HourResult, KpiEvent, WeekResult
from calendars.results.services import Measurement, ingest
from calendars.results.upkeep import LEARNED_DAYS, age_weeks, forget_old_measurements
from calendars.timing.learning import cell_of
from cast import make_channel, make_content, make_post
from common.errors import Forbidden
from scheduling.models import ChannelAccount, Post
from workspaces.models import User, Workspace

# 08:30 in Los Angeles, where the channel is.
OUT = datetime(2026, 11, 16, 16, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def days_later() -> Iterator[None]:
    """Results are learned from for about a year, and kept for half of one."""
    with time_machine.travel(OUT + timedelta(days=6), tick=True):
        yield


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace, platform="x", zone="America/Los_Angeles")


@pytest.fixture
def post(channel: ChannelAccount) -> Post:
    return make_post(
        channel,
        make_content(channel.workspace),
        state="published",
        at=OUT,
        published_at=OUT,
    )


def measured(
    event_id: str, post: Post, hours: float = 1, **numbers: float
) -> Measurement:
    return Measurement(event_id, OUT + timedelta(hours=hours), post.pk, numbers=numbers)


@pytest.mark.django_db
def test_measurements_add_up_in_the_channels_own_hour(
    editor: User, workspace: Workspace, post: Post
) -> None:
    intake = ingest(
        editor, workspace, [measured("a", post, views=100, engagement_rate=0.05)]
    )
    assert (intake.stored, intake.known, intake.errors) == (1, 0, [])
    hour = HourResult.objects.get()
    assert (hour.date.isoformat(), hour.weekday, hour.hour, hour.posts, hour.views) == (
        "2026-11-16",
        0,
        8,
        1,
        100,
    )
    history = history_of(editor, workspace, "x")
    assert history.posts == 1
    assert history.sums[cell_of(0, 8)] == pytest.approx(math.log(0.05))


@pytest.mark.django_db
def test_sending_twice_changes_nothing(
    editor: User, workspace: Workspace, post: Post
) -> None:
    one = measured("a", post, views=100)
    ingest(editor, workspace, [one, one])
    again = ingest(editor, workspace, [one])
    assert (again.stored, again.known) == (0, 1)
    assert KpiEvent.objects.count() == 1
    assert HourResult.objects.get().views == 100


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_only_the_newest_measurement_of_a_post_counts(
    editor: User, workspace: Workspace, post: Post, order: tuple[int, ...]
) -> None:
    rows = [
        measured(
            f"e{n}",
            post,
            hours=n + 1,
            views=100 * (n + 1),
            impressions=1000,
            clicks=10 * (n + 1),
        )
        for n in range(3)
    ]
    for n in order:
        ingest(editor, workspace, [rows[n]])
    hour = HourResult.objects.get()
    assert (hour.posts, hour.views, hour.rated) == (1, 300, 1)
    assert hour.rate_sum == pytest.approx(0.03)
    assert list(
        KpiEvent.objects.filter(latest=True).values_list("event_id", flat=True)
    ) == ["e2"]


@pytest.mark.django_db
def test_rows_that_are_wrong_are_named_and_the_others_taken(
    editor: User, viewer: User, workspace: Workspace, post: Post, stranger: User
) -> None:
    foreign = make_channel(stranger.memberships.get().workspace, name="Foreign")
    rows = [
        measured("ok", post, views=1),
        Measurement("none", OUT),
        measured("far", post, hours=24 * 400),
        measured("less", post, views=-1),
        measured("nan", post, views=math.nan),
        measured("rate", post, engagement_rate=1.5),
        Measurement("foreign", OUT, account_id=foreign.pk),
    ]
    intake = ingest(editor, workspace, rows)
    assert intake.stored == 1
    assert [text.split(":")[0] for text in intake.errors] == [
        f"Row {n}" for n in range(1, 7)
    ]
    with pytest.raises(Forbidden):
        ingest(viewer, workspace, rows)


@pytest.mark.django_db
def test_old_measurements_go_and_their_sums_stay(
    editor: User, workspace: Workspace, post: Post
) -> None:
    ingest(editor, workspace, [measured("a", post, views=7)])
    KpiEvent.objects.update(event_time=timezone.now() - timedelta(days=181))
    assert forget_old_measurements() == 1
    assert not KpiEvent.objects.exists()
    assert HourResult.objects.get().views == 7


@pytest.mark.django_db
def test_what_is_learned_from_follows_the_measurements(
    editor: User, workspace: Workspace, post: Post
) -> None:
    first = measured("a", post, hours=1, engagement_rate=0.05)
    ingest(editor, workspace, [first])
    ingest(editor, workspace, [measured("b", post, hours=2, engagement_rate=0.2)])
    week = WeekResult.objects.get()
    assert (week.account_id, week.weekday, week.hour, week.rated) == (
        post.account_id,
        0,
        8,
        1,
    )
    assert week.log_sum == pytest.approx(math.log(0.2))
    assert history_of(editor, workspace, "x").squares.sum() == pytest.approx(
        math.log(0.2) ** 2
    )


@pytest.mark.django_db
def test_results_of_more_than_a_year_ago_are_no_longer_learned_from(
    editor: User, workspace: Workspace, post: Post
) -> None:
    ingest(editor, workspace, [measured("a", post, engagement_rate=0.05)])
    assert age_weeks() == 1
    assert history_of(editor, workspace, "x").posts == 1
    HourResult.objects.update(
        date=timezone.now().date() - timedelta(days=LEARNED_DAYS + 1)
    )
    age_weeks()
    assert history_of(editor, workspace, "x").posts == 0


@pytest.mark.django_db
def test_the_api_takes_one_many_and_csv(
    api: Any, editor: User, workspace: Workspace, post: Post
) -> None:
    client, url = api(editor), "/api/v1/scheduling/kpi-events"
    row = {
        "event_id": "one",
        "event_time": OUT.isoformat(),
        "post_id": str(post.pk),
        "views": 5,
        "engagement_rate": 0.1,
    }
    assert client.post(url, row, format="json").json() == {
        "stored": 1,
        "known": 0,
        "errors": [],
    }
    assert (
        client.post(url, [row, row | {"event_id": "two"}], format="json").json()[
            "stored"
        ]
        == 1
    )
    text = f"event_id,event_time,post_id,views\nthree,{OUT.isoformat()},{post.pk},9\nfour,never,{post.pk},9\n"
    answer = client.post(
        url, {"file": SimpleUploadedFile("k.csv", text.encode())}, format="multipart"
    )
    assert answer.json()["stored"] == 1
    assert answer.json()["errors"][0].startswith("Row 3: event_time:")
    refused = client.post(url, [{"event_id": "x"}], format="json")
    assert refused.status_code == 400
    assert refused.json()["error_code"] == "invalid_request"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"views": "5"}, "body.views"),
        ({"event_time": "2999-01-01T00:00:00Z"}, "body"),
        ({"views": -1}, "body"),
    ],
)
def test_an_event_that_is_sent_alone_and_wrong_is_refused(
    api: Any, editor: User, post: Post, wrong: dict[str, Any], place: str
) -> None:
    good = {
        "event_id": "one",
        "event_time": OUT.isoformat(),
        "post_id": str(post.pk),
    }
    client, url = api(editor), "/api/v1/scheduling/kpi-events"
    refused = client.post(url, good | wrong, format="json")
    assert refused.status_code == 422
    assert list(refused.json()["detail"]["fields"]) == [place]
    report = client.post(url, [good, good | wrong], format="json").json()
    assert (report["stored"], len(report["errors"])) == (1, 1)


@pytest.mark.django_db
def test_many_measurements_take_few_queries(
    editor: User,
    workspace: Workspace,
    channel: ChannelAccount,
    django_assert_max_num_queries: Any,
) -> None:
    rows = [
        Measurement(
            f"e{n}",
            OUT,
            None,
            channel.pk,
            f"video{n}",
            OUT - timedelta(hours=n % 300),
            numbers={"views": n, "engagement_rate": 0.02},
        )
        for n in range(2000)
    ]
    with django_assert_max_num_queries(80):
        assert ingest(editor, workspace, rows).stored == 2000
    assert HourResult.objects.count() == 300
    assert history_of(editor, workspace, "x").posts == 2000
