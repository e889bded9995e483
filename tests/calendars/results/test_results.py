"""How posts did: sums by day, hour, platform and format; the page, the API, CSV out and CSV in."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from calendars.charts import bars, line
from calendars.models import HourResult, KpiEvent
from calendars.results.weekly_sums import BestTime, Range, Sums, best_times, results_of
from cast import make_channel, make_content, make_post
from scheduling.models import ChannelAccount
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db


def today() -> date:
    """The day on the workspace's clock."""
    return timezone.localdate(timezone=ZoneInfo("America/Los_Angeles"))


def measured(
    channel: ChannelAccount,
    day: date,
    hour: int,
    rate: float,
    posts: int = 1,
    format_: str = "",
) -> None:
    HourResult.objects.create(
        account=channel,
        platform=channel.platform,
        format=format_,
        date=day,
        weekday=day.weekday(),
        hour=hour,
        posts=posts,
        rated=posts,
        rate_sum=rate * posts,
        views=100 * posts,
    )


@pytest.fixture
def two_channels(workspace: Workspace) -> tuple[ChannelAccount, ChannelAccount]:
    """Instagram with 12 posts at 10 % at 9 h today and 3 at 4 % at 15 h; X with 2 at 1
    % at 9 h a week ago.
    """
    instagram = make_channel(workspace, name="gram", platform="instagram")
    x = make_channel(workspace, name="ex", platform="x")
    measured(instagram, today(), 9, 0.10, posts=12, format_="reel")
    measured(instagram, today(), 15, 0.04, posts=3, format_="post")
    measured(x, today() - timedelta(days=7), 9, 0.01, posts=2)
    return instagram, x


def whole(days: int = 28, **options: Any) -> Range:
    return Range(
        today() - timedelta(days=days - 1), today() + timedelta(days=1), **options
    )


def test_sums_are_the_same_however_they_are_grouped(
    viewer: User, workspace: Workspace, two_channels: Any
) -> None:
    results = results_of(viewer, workspace, whole())
    assert (results.total.posts, results.total.views) == (17, 1700)
    assert results.total.rate == pytest.approx((1.2 + 0.12 + 0.02) / 17)
    for parts in (
        results.by_day,
        results.by_hour,
        results.by_platform,
        results.by_format,
    ):
        assert sum(sums.posts for sums in parts.values()) == 17
    assert results.by_platform["x"].rate == pytest.approx(0.01)
    assert results.by_hour[today().weekday(), 9].posts >= 12


def test_range_and_channel_narrow_it(
    viewer: User, workspace: Workspace, two_channels: Any
) -> None:
    assert results_of(viewer, workspace, whole(days=7)).total.posts == 15
    assert (
        results_of(viewer, workspace, whole(account=two_channels[1].pk)).total.posts
        == 2
    )


def test_best_times_need_three_posts_and_there_are_five_at_most() -> None:
    parts = [(hour, Sums(rated=3, rate_sum=0.01 * hour)) for hour in range(8)] + [
        (23, Sums(rated=2, rate_sum=1.9))
    ]
    assert [one.hour for one in best_times(parts)] == [7, 6, 5, 4, 3]
    assert best_times(
        [(9, Sums(rated=2, rate_sum=0.2)), (9, Sums(rated=1, rate_sum=0.1))]
    ) == [BestTime(9, pytest.approx(0.1), 3)]


def test_sentences_follow_from_the_numbers(
    viewer: User, workspace: Workspace, two_channels: Any
) -> None:
    said = results_of(viewer, workspace, whole()).sentences
    assert said[0].startswith("Posts at 09:00 on the channel’s clock do best")
    assert "Instagram does best with 8.8% engagement, X least with 1.0%." in said
    assert any(text.startswith("Reel does best") for text in said)
    assert not any(text.startswith("Only") for text in said)


def test_nothing_measured_is_no_error(viewer: User, workspace: Workspace) -> None:
    results = results_of(viewer, workspace, whole())
    assert (results.total.rate, results.best_times) == (None, [])
    assert [text.split(":")[0] for text in results.sentences] == [
        "Only 0 measured posts in the last 30 days"
    ]


def test_the_api_tells_all_of_it(
    api: Any, viewer: User, workspace: Workspace, two_channels: Any
) -> None:
    make_post(
        two_channels[0],
        make_content(workspace),
        state="published",
        at=timezone.now(),
        published_at=timezone.now(),
    )
    make_post(
        two_channels[1], make_content(workspace), state="failed", at=timezone.now()
    )
    make_post(two_channels[1])
    body = api(viewer).get("/api/v1/scheduling/analytics").json()
    assert (body["total_scheduled"], body["total_posted"], body["total_failed"]) == (
        2,
        1,
        1,
    )
    assert body["platform_distribution"] == {"instagram": 1, "twitter": 1}
    assert body["best_performing_times"][0]["hour"] == 9
    assert body["best_performing_times"][1] == {
        "hour": 15,
        "average_engagement": 0.04,
        "sample_size": 3,
    }
    assert list(body["platform_performance"]) == ["instagram", "twitter"]
    assert body["content_format_performance"]["unknown"]["posts"] == 2
    assert len(body["trend"]) == 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("start_date=nonsense", 400),
        ("start_date=2026-02-01&end_date=2026-01-01", 422),
        ("channel_account_id=1", 400),
        ("start_date=2020-01-01&end_date=2026-01-01", 422),
        ("channel_account_id=6f1c2f0a-4a0e-4d6e-9c27-0c5b8f1f4b11", 404),
    ],
)
def test_what_makes_no_sense_is_refused(
    api: Any, viewer: User, query: str, status: int
) -> None:
    answer = api(viewer).get(f"/api/v1/scheduling/analytics?{query}")
    assert answer.status_code == status, answer.content


def test_strangers_see_none_of_it(
    api: Any, browse: Any, stranger: User, two_channels: Any
) -> None:
    assert (
        api(stranger).get("/api/v1/scheduling/analytics").json()["total_measured"] == 0
    )
    page = (
        browse(stranger)
        .get(f"/analytics?channel={two_channels[0].pk}")
        .content.decode()
    )
    assert "Not enough posts yet" not in page
    assert "gram" not in page


def test_the_page_shows_it_with_as_many_queries_for_a_year_as_for_a_week(
    browse: Any, viewer: User, two_channels: Any, django_assert_max_num_queries: Any
) -> None:
    client = browse(viewer)
    page = client.get("/analytics").content.decode()
    for text in (
        "What the numbers say",
        "Engagement by weekday and hour",
        "Best hours",
        "By platform",
        "By format",
    ):
        assert text in page
    for days in (7, 365):
        with django_assert_max_num_queries(16):
            assert client.get(f"/analytics?days={days}").status_code == 200
    only = client.get(f"/analytics?channel={two_channels[1].pk}").content.decode()
    assert "Reel" not in only


@pytest.mark.parametrize(
    ("table", "rows"), [("days", 2), ("hours", 2), ("platforms", 2), ("formats", 3)]
)
def test_every_table_is_there_as_csv(
    browse: Any, viewer: User, two_channels: Any, table: str, rows: int
) -> None:
    answer = browse(viewer).get(f"/analytics/{table}.csv")
    assert answer["Content-Type"].startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(found) >= rows
    assert sum(int(row["posts"]) for row in found) == 17
    assert browse(viewer).get("/analytics/secrets.csv").status_code == 404


def upload(browse: Any, user: User, text: str) -> str:
    file = SimpleUploadedFile("kpi.csv", text.encode(), "text/csv")
    answer = browse(user).post("/analytics/upload", {"file": file}, follow=True)
    return str(answer.content.decode())


def test_measurements_come_in_by_a_file(
    browse: Any, editor: User, workspace: Workspace, channel: ChannelAccount
) -> None:
    at = timezone.now()
    post = make_post(
        channel, make_content(workspace), state="published", at=at, published_at=at
    )
    text = f"event_id,event_time,post_id,views,likes\na,{at.isoformat()},{post.pk},10,3\nb,soon,{post.pk},1,1\n"
    page = upload(browse, editor, text)
    assert "1 new, 0 known already." in page
    assert "Row 3: event_time" in page
    assert "Column not used: likes (column E)." in page
    assert KpiEvent.objects.get().views == 10
    assert "0 new, 1 known already." in upload(browse, editor, text)


@pytest.mark.parametrize("text", ["event_id,event_time\n", "event_id\nx\n", "\x00,\n"])
def test_a_file_that_cannot_be_read_says_why(
    browse: Any, editor: User, text: str
) -> None:
    page = upload(browse, editor, text)
    assert any(
        words in page
        for words in ("Nothing was stored.", "Send 1 to 10,000", "cannot be read")
    )
    assert not KpiEvent.objects.exists()


def test_a_line_breaks_where_nothing_was_measured() -> None:
    days = [date(2026, 11, day) for day in range(1, 6)]
    drawn = line(list(zip(days, [1.0, 2.0, None, 4.0, 4.0], strict=True)))
    assert [len(path.split()) for path in drawn.paths] == [2, 2]
    assert len(drawn.dots) == 4
    assert drawn.dots[0][2] == "Sun 1 Nov: 1.0 %"
    assert line([]).paths == ()


def test_a_year_of_bars_has_room_and_few_labels() -> None:
    drawn = bars([(date(2026, 1, 1) + timedelta(days=n), n) for n in range(365)])
    assert min(bar.width for bar in drawn) > 0
    assert sum(bar.labelled for bar in drawn) == 11
    assert sum(bar.labelled for bar in drawn[:28]) == 1
    assert [bar.labelled for bar in bars([(date(2026, 1, 1), 1)] * 28)].count(True) == 4


def test_a_moment_in_the_range_is_counted_on_its_own_day(
    viewer: User, workspace: Workspace, channel: ChannelAccount
) -> None:
    day = date(2026, 11, 2)
    measured(channel, day, 0, 0.5)
    assert (
        results_of(viewer, workspace, Range(day, day + timedelta(days=1))).total.posts
        == 1
    )
    assert (
        results_of(viewer, workspace, Range(day - timedelta(days=1), day)).total.posts
        == 0
    )
