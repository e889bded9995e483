"""`GET /api/v1/scheduling/recommendations` and preferences on the wire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from calendars.advice.clocks import clocks_of
from calendars.advice.recommend import RecommendationQuery, recommend
from calendars.models import HourResult
from calendars.results.upkeep import add_up_weeks
from cast import make_channel, make_content, make_post
from scheduling.blackouts import services as blackouts
from workspaces.models import User, Workspace

URL = "/api/v1/scheduling/recommendations"
pytestmark = [pytest.mark.django_db]


def ask(client: Any, **query: Any) -> dict[str, Any]:
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content
    made: dict[str, Any] = answer.json()
    return made


def test_a_fresh_installation_recommends_from_the_table(api: Any, viewer: User) -> None:
    made = ask(api(viewer), platforms=["youtube", "linkedin"], target_count=10)
    assert made["page"] == {"next_page_token": None, "page_size": 50}
    assert len(made["data"]) == 10
    first = made["data"][0]
    assert set(first) == {
        "id",
        "window_start",
        "window_end",
        "score",
        "reasons",
        "platforms",
        "confidence",
        "content_types",
        "score_interval",
        "sample_size",
        "explanation",
        "created_at",
    }
    assert first["id"].startswith("rec_")
    assert first["platforms"][0] in ("youtube", "linkedin")
    assert 0 <= first["confidence"] <= 1
    assert first["score"] == max(row["score"] for row in made["data"]) == 1.0
    assert {"platform_optimized", "little_own_data", "low_competition"} <= set(
        first["reasons"]
    )
    assert "too little data of your own yet" in first["explanation"]


def test_lists_of_platforms_come_in_two_ways_and_twitter_is_x(
    api: Any, viewer: User
) -> None:
    joined = ask(api(viewer), platforms="twitter,tiktok", target_count=100)
    assert {row["platforms"][0] for row in joined["data"]} == {"x", "tiktok"}


def test_windows_lie_in_the_range_on_the_clock_of_the_channel(
    api: Any, viewer: User, workspace: Workspace
) -> None:
    make_channel(workspace, platform="facebook", zone="Europe/Berlin")
    start = datetime(2027, 3, 22, tzinfo=ZoneInfo("Europe/Berlin"))
    query = {
        "platforms": "facebook",
        "start_at": start.isoformat(),
        "end_at": (start + timedelta(days=14)).isoformat(),
        "timezone": "Asia/Tokyo",
        "target_count": 200,
    }
    rows = ask(api(viewer), **query)["data"]
    best = [
        datetime.fromisoformat(row["window_start"]).astimezone(start.tzinfo)
        for row in rows
        if row["score"] == 0.9
    ]
    assert {at.weekday() for at in best} == {2, 3}
    assert {at.hour for at in best} <= set(range(8, 18))
    assert {at.utcoffset() for at in best} == {timedelta(hours=1), timedelta(hours=2)}


def test_pages_follow_each_other_and_hold_while_windows_come_and_go(
    api: Any, viewer: User
) -> None:
    start = timezone.now() + timedelta(days=1)
    query = {
        "platforms": "x",
        "start_at": start.isoformat(),
        "target_count": 60,
        "page_size": 25,
    }
    pages, token = [], None
    while True:
        made = ask(api(viewer), **query, **({"page_token": token} if token else {}))
        pages.append([row["id"] for row in made["data"]])
        token = made["page"]["next_page_token"]
        if token is None:
            break
    assert [len(page) for page in pages] == [25, 25, 10]
    assert len({key for page in pages for key in page}) == 60
    rising = ask(api(viewer), **query, sort="created_at", order="asc")["data"]
    starts = [row["window_start"] for row in rising]
    assert starts == sorted(starts)


def test_own_results_lift_an_hour(api: Any, viewer: User, workspace: Workspace) -> None:
    channel = make_channel(workspace, platform="x")
    for week in range(12):
        day = timezone.now().date() - timedelta(
            days=timezone.now().weekday() + 7 * week + 2
        )
        for hour, log_rate in ((21, -1.6), (9, -4.0)):
            HourResult.objects.create(
                account=channel,
                platform="x",
                date=day,
                weekday=day.weekday(),
                hour=hour,
                posts=4,
                rated=4,
                log_sum=4 * log_rate,
                log_squares=4 * log_rate**2 + 0.2,
            )
    add_up_weeks([channel.pk])
    best = ask(api(viewer), platforms="x", timezone="UTC", target_count=1)["data"][0]
    assert datetime.fromisoformat(best["window_start"]).weekday() == 5
    assert "historical_engagement_high" in best["reasons"]
    assert best["sample_size"] >= 48


def test_hours_that_are_better_than_any_table_has_are_still_ranked(
    api: Any, viewer: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="x")
    for weekday, hour, log_rate in ((5, 21, -0.4), (6, 9, -1.0), (0, 4, -5.0)):
        day = timezone.now().date() - timedelta(
            days=14 + (timezone.now().weekday() - weekday) % 7
        )
        HourResult.objects.create(
            account=channel,
            platform="x",
            date=day,
            weekday=weekday,
            hour=hour,
            posts=50,
            rated=50,
            log_sum=50 * log_rate,
            log_squares=50 * log_rate**2 + 2,
        )
    add_up_weeks([channel.pk])
    rows = ask(
        api(viewer), platforms="x", timezone="UTC", target_count=200, page_size=200
    )["data"]
    starts = [
        datetime.fromisoformat(row["window_start"])
        for row in rows
        if row["score"] == 1.0
    ]
    assert {at.weekday() for at in starts[:2]} == {5}
    assert 6 in {at.weekday() for at in starts}


def test_wishes_and_blackouts_are_kept(
    api: Any, manager: User, workspace: Workspace
) -> None:
    client = api(manager)
    made = client.put(
        "/api/v1/scheduling/preferences",
        {
            "scope": "workspace",
            "weekdays_off": [2],
            "hours_off": [{"start": 22, "end": 15}],
        },
        format="json",
    )
    assert made.status_code == 200, made.content
    make_channel(workspace, platform="youtube")
    now = timezone.now()
    week = now + timedelta(days=7)
    blackouts.add_blackout(
        manager,
        workspace,
        {
            "begins_local": f"{now:%Y-%m-%dT%H:%M}",
            "ends_local": f"{week:%Y-%m-%dT%H:%M}",
            "zone": "UTC",
        },
    )
    rows = ask(client, platforms="youtube", timezone="UTC", target_count=200)["data"]
    starts = [datetime.fromisoformat(row["window_start"]) for row in rows]
    assert starts
    assert all(at.weekday() != 2 and 15 <= at.hour < 22 for at in starts)
    assert min(starts) >= now + timedelta(days=6, hours=23)


def test_near_other_posts_competition_is_not_low(
    api: Any, viewer: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="x")
    best = ask(api(viewer), platforms="x", target_count=1)["data"][0]
    make_post(
        channel,
        make_content(workspace),
        at=datetime.fromisoformat(best["window_start"]) + timedelta(minutes=30),
    )
    again = ask(api(viewer), platforms="x", target_count=1)["data"][0]
    assert again["id"] == best["id"]
    assert "low_competition" not in again["reasons"]


@pytest.mark.parametrize("most", [1, 7, 60, 5000])
def test_the_best_few_are_the_first_of_all(
    viewer: User, workspace: Workspace, most: int
) -> None:
    start = timezone.now()
    clocks = tuple(clocks_of(workspace, ("x", "tiktok", "linkedin")))
    wanted = RecommendationQuery(clocks, start, start + timedelta(days=30))
    found = [one.key for one in recommend(viewer, workspace, wanted)]
    assert [
        one.key for one in recommend(viewer, workspace, wanted, most=most)
    ] == found[:most]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"timezone": "Mars/Base"}, 400, "invalid_parameter"),
        ({"platforms": "myspace"}, 422, "validation_error"),
        ({"content_type": "rumour"}, 422, "validation_error"),
        ({"format": "hologram"}, 422, "validation_error"),
        ({"order": "up"}, 422, "validation_error"),
        ({"target_count": "201"}, 422, "validation_error"),
        ({"page_size": "9"}, 422, "validation_error"),
        ({"page_token": "nonsense"}, 400, "invalid_parameter"),
        ({"page_token": "W10"}, 400, "invalid_parameter"),
        ({"start_at": "soon"}, 400, "invalid_parameter"),
        ({"sort": "size"}, 422, "validation_error"),
        (
            {"start_at": "2027-01-02T00:00:00Z", "end_at": "2027-01-01T00:00:00Z"},
            422,
            "validation_error",
        ),
        (
            {"start_at": "2027-01-01T00:00:00Z", "end_at": "2028-01-01T00:00:00Z"},
            422,
            "validation_error",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_the_envelope(
    api: Any, viewer: User, query: dict[str, str], status: int, code: str
) -> None:
    answer = api(viewer).get(URL, query)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert answer.json()["error_message"]


def test_the_number_of_queries_does_not_depend_on_range_or_results(
    api: Any, viewer: User, workspace: Workspace, django_assert_max_num_queries: Any
) -> None:
    make_channel(workspace, platform="x")
    client, start = api(viewer), timezone.now()
    query = {
        "start_at": start.isoformat(),
        "end_at": (start + timedelta(days=90)).isoformat(),
        "target_count": "200",
    }
    with django_assert_max_num_queries(60):
        assert len(ask(client, **query)["data"]) == 50


def test_wishes_are_looked_up_from_the_narrowest_out(
    api: Any, manager: User, editor: User
) -> None:
    url, wide = "/api/v1/scheduling/preferences", {"scope": "workspace"}
    boss, mate = api(manager), api(editor)
    assert mate.put(url, wide | {"gap_hours": 5}, format="json").status_code == 403
    boss.put(url, wide | {"gap_hours": 5, "per_week_most": 9}, format="json")
    mate.put(url, {"platform": "x", "gap_hours": 7}, format="json")
    theirs = mate.get(url, {"platform": "x"}).json()
    assert (theirs["effective"]["gap_hours"], theirs["effective"]["per_week_most"]) == (
        7,
        9,
    )
    assert mate.get(url, {"platform": "linkedin"}).json()["effective"]["gap_hours"] == 5
    assert boss.get(url, {"platform": "x"}).json()["effective"]["gap_hours"] == 5
    own = next(row["id"] for row in theirs["data"] if row["scope"] == "own")
    assert boss.delete(f"{url}/{own}").status_code == 404
    assert mate.delete(f"{url}/{own}").status_code == 204
    assert (
        mate.put(url, {"weekdays_off": list(range(7))}, format="json").status_code
        == 422
    )
