"""Advice is on the channel's clock: recommendations, maps, bulk jobs and optimiser say
the same of every instant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from markup import tight

from calendars.advice.clocks import Clock, clocks_of, first_clocks
from calendars.advice.preferences import prefer
from calendars.advice.recommend import RecommendationQuery, recommend, weeks_about
from calendars.models import HourResult
from calendars.optimiser import services as optimisation
from calendars.optimiser.limits import Limits, PlatformLimits
from calendars.optimiser.question import Ground, read_ground
from calendars.results.upkeep import add_up_weeks
from calendars.timing.learning import log_rate
from calendars.video_batches.adapt import Source
from calendars.video_batches.services import BulkOrder, Video, generate
from cast import make_channel, make_content, make_post
from scheduling.models import Blackout, ChannelAccount, Post
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
NEW_YORK, BERLIN, TOKYO, KOLKATA = (
    "America/New_York",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Asia/Kolkata",
)
READERS = ("UTC", BERLIN, TOKYO, NEW_YORK)
# Clocks change in New York on the 14th of March, in Berlin on the 28th.
MARCH = datetime(2027, 3, 8, tzinfo=UTC)
LATE_MARCH = datetime(2027, 3, 22, tzinfo=UTC)
TWO_WEEKS = timedelta(days=14)
RECOMMENDATIONS = "/api/v1/scheduling/recommendations"
OPTIMIZE = "/api/v1/scheduling/optimize"
CALENDAR = "/api/v1/scheduling/calendar"


@pytest.fixture(autouse=True)
def march() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(MARCH, tick=False):
        yield


def teach(
    channel: ChannelAccount,
    rates: Mapping[int, float],
    posts: int = 17,
    format_: str = "",
) -> None:
    """So many measured posts on each weekday in these hours of the channel's clock,
    with these engagement rates.
    """
    for weekday in range(7):
        day = MARCH.date() - timedelta(days=7 - weekday)
        for hour, rate in rates.items():
            logged = log_rate(rate)
            HourResult.objects.create(
                account=channel,
                platform=channel.platform,
                format=format_,
                date=day,
                weekday=day.weekday(),
                hour=hour,
                posts=posts,
                rated=posts,
                log_sum=posts * logged,
                log_squares=posts * (logged**2 + 0.1),
            )
    add_up_weeks([channel.pk])


@pytest.fixture
def evening(workspace: Workspace) -> ChannelAccount:
    """A channel in New York with some 240 posts: 8 % at 20:00, 2 % at 09:00."""
    channel = make_channel(workspace, platform="tiktok", name="Clips", zone=NEW_YORK)
    teach(channel, {20: 0.08, 9: 0.02})
    return channel


def advised(client: Any, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(
        RECOMMENDATIONS, {"target_count": 200, "page_size": 200, **query}
    )
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


def on_clock(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone))


# --- one clock
# -------------------------------------------------------------------------------------------


def test_the_best_hour_is_the_channels_whatever_zone_is_asked(
    api: Any, viewer: User, evening: ChannelAccount
) -> None:
    client = api(viewer)
    answers = {
        zone: advised(client, platforms="tiktok", timezone=zone) for zone in READERS
    }
    for rows in answers.values():
        assert {on_clock(row["window_start"], NEW_YORK).hour for row in rows[:14]} == {
            20
        }
    instants = [
        [(row["window_start"], row["window_end"], row["score"]) for row in rows]
        for rows in answers.values()
    ]
    assert all(one == instants[0] for one in instants)
    text = answers[BERLIN][0]["explanation"]
    assert re.match(
        r"\w+day 20:00 to \d\d:00 in America/New York \(\w+day 0\d:00 to \d\d:00 in Europe/Berlin\): ",
        text,
    )


def test_the_page_shows_the_same_instants_in_every_zone(
    browse: Any, viewer: User, evening: ChannelAccount
) -> None:
    client = browse(viewer)
    shown = []
    for zone in READERS:
        answer = client.get(f"/recommendations?platform=tiktok&zone={zone}")
        page = tight(answer.content.decode())
        shown.append(re.findall(r'class="pick-when"><time datetime="([^"]+)"', page))
        assert "Hours in America/New York (Clips)" in page
        assert " in America/New York" in page
    assert len(shown[0]) == 12
    assert {on_clock(at, NEW_YORK).hour for at in shown[0]} == {20}
    assert all(instants == shown[0] for instants in shown)


def test_times_are_shown_in_the_zone_that_is_preferred(
    browse: Any, viewer: User, manager: User, evening: ChannelAccount
) -> None:
    prefer(manager, evening.workspace, {"zone": TOKYO}, own=False)
    assert (
        "Times are in Asia/Tokyo"
        in browse(viewer).get("/recommendations").content.decode()
    )
    prefer(viewer, evening.workspace, {"zone": NEW_YORK})
    assert (
        "Times are in America/New York"
        in browse(viewer).get("/recommendations").content.decode()
    )


def test_a_platform_without_a_channel_is_on_the_workspaces_clock(
    api: Any, manager: User, workspace: Workspace
) -> None:
    prefer(manager, workspace, {"zone": TOKYO})
    best = advised(api(manager), platforms="tiktok", timezone=BERLIN)[0]
    at = on_clock(best["window_start"], workspace.zone)
    assert (at.weekday(), at.hour) == (2, 16)


def test_channels_in_two_zones_have_windows_of_their_own(
    viewer: User, workspace: Workspace
) -> None:
    first = make_channel(workspace, platform="tiktok", name="A", zone=NEW_YORK)
    second = make_channel(workspace, platform="tiktok", name="B", zone=BERLIN)
    third = make_channel(workspace, platform="tiktok", name="C", zone="Europe/Paris")
    clocks = clocks_of(workspace, ("tiktok",))
    found = recommend(
        viewer, workspace, RecommendationQuery(tuple(clocks), MARCH, MARCH + TWO_WEEKS)
    )
    best = [one for one in found if one.window.week.score == 1.0]
    hours = {
        (one.clock.channels, one.window.start.astimezone(ZoneInfo(one.clock.zone)).hour)
        for one in best
    }
    assert hours == {((first,), 16), ((second, third), 16)}
    assert len(best) == 4
    assert len({(one.window.start, one.clock.zone) for one in found}) == len(found)


def test_programs_are_told_the_hours_of_the_channel_that_their_posts_go_to(
    api: Any, editor: User, stranger: User, workspace: Workspace
) -> None:
    make_channel(workspace, platform="tiktok", name="A", zone=NEW_YORK)
    other = make_channel(workspace, platform="tiktok", name="B", zone=BERLIN)
    client = api(editor)
    assert first_clocks(workspace, ("tiktok",))[0].zone == NEW_YORK
    assert (
        on_clock(advised(client, platforms="tiktok")[0]["window_start"], NEW_YORK).hour
        == 16
    )
    theirs = advised(client, channel_account_id=str(other.pk))
    assert {row["platforms"][0] for row in theirs} == {"tiktok"}
    assert on_clock(theirs[0]["window_start"], BERLIN).hour == 16
    assert client.get(RECOMMENDATIONS, {"channel_account_id": "one"}).status_code == 400
    assert (
        api(stranger)
        .get(RECOMMENDATIONS, {"channel_account_id": str(other.pk)})
        .status_code
        == 404
    )


def test_wishes_are_on_the_channels_clock(
    api: Any, manager: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="tiktok", zone=NEW_YORK)
    prefer(
        manager,
        workspace,
        {"weekdays_off": [2], "hours_off": [{"start": 22, "end": 15}], "zone": TOKYO},
        own=False,
    )
    starts = [
        on_clock(row["window_start"], NEW_YORK)
        for row in advised(api(manager), platforms="tiktok")
    ]
    assert starts
    assert all(at.weekday() != 2 and 15 <= at.hour < 22 for at in starts)
    known, post = asked_of(manager, workspace, channel, MARCH)
    hours = [MARCH + timedelta(hours=n) for n in range(14 * 24)]
    allowed = [
        at.astimezone(ZoneInfo(NEW_YORK)) for at in hours if known.allows(post, at)
    ]
    assert all(at.weekday() != 2 and 15 <= at.hour < 22 for at in allowed)


def test_the_calendars_tint_is_on_the_calendars_clock(
    browse: Any, viewer: User, evening: ChannelAccount
) -> None:
    viewer.zone = TOKYO
    viewer.save()
    best = {}
    for day in ("2027-03-10", "2027-03-17"):
        rows = browse(viewer).get(f"/recommendations/heat?date={day}").json()["hours"]
        top = max(score for _, _, _, score in rows)
        best[day] = {hour for _, hour, _, score in rows if score == top}
    # 20:00 in New York is 10:00 of the next day in Tokyo, and 09:00 while New York has summer time.
    assert best == {"2027-03-10": {10}, "2027-03-17": {9}}


def test_channels_and_range_ask_the_database_no_more(
    viewer: User, workspace: Workspace
) -> None:
    def queries(days: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            clocks = tuple(clocks_of(workspace, ("tiktok", "x")))
            recommend(
                viewer,
                workspace,
                RecommendationQuery(clocks, MARCH, MARCH + timedelta(days=days)),
            )
        return len(asked)

    make_channel(workspace, platform="x", zone=BERLIN)
    few = queries(7)
    for number, zone in enumerate((*READERS, KOLKATA, BERLIN)):
        make_channel(workspace, platform="tiktok", name=f"c{number}", zone=zone)
    assert queries(90) == few


# --- one belief
# ------------------------------------------------------------------------------------------


def asked_of(
    user: User,
    workspace: Workspace,
    channel: ChannelAccount,
    start: datetime,
    format_: str = "",
) -> tuple[Ground, Post]:
    """What the optimiser knows of a post on the channel."""
    post = make_post(
        channel,
        make_content(workspace),
        at=start + timedelta(hours=1, minutes=7),
        format=format_,
    )
    known = read_ground(user, workspace, [post.pk], Limits(), start, start + TWO_WEEKS)
    return known, known.posts[str(post.pk)]


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        (NEW_YORK, MARCH),
        (BERLIN, LATE_MARCH),
        (TOKYO, MARCH),
        (KOLKATA, MARCH),
        ("Australia/Lord_Howe", LATE_MARCH),
    ],
)
@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [("", ""), ("", "post"), ("post", ""), ("reel", "reel"), ("story", "story")],
)
def test_recommendations_and_optimiser_agree_at_every_instant(
    editor: User,
    workspace: Workspace,
    zone: str,
    start: datetime,
    wanted: str,
    chosen: str,
) -> None:
    channel = make_channel(workspace, platform="instagram", zone=zone)
    teach(channel, {7: 0.05, 18: 0.02}, posts=5)
    teach(channel, {21: 0.09, 11: 0.03}, posts=4, format_="reel")
    teach(channel, {2: 0.04}, posts=1, format_="post")
    with time_machine.travel(start, tick=False):
        known, post = asked_of(editor, workspace, channel, start, chosen)
        found = recommend(
            editor,
            workspace,
            RecommendationQuery((Clock.of(channel),), start, start + TWO_WEEKS, wanted),
        )
        week = weeks_about(editor, workspace, ["instagram"], wanted)["instagram"]
    assert len(found) > 50
    for one in found:
        told = (one.window.week.score, one.window.week.confidence)
        assert told == (
            known.score(post, one.window.start),
            known.hour(post, one.window.start).better,
        )
    for minutes in range(0, 14 * 24 * 60, 30):
        at = start + timedelta(minutes=minutes)
        assert week.hour_at(at, zone) == known.hour(post, at)


def test_a_format_with_few_results_is_believed_as_all_together(
    viewer: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="youtube", zone=NEW_YORK)
    teach(channel, {20: 0.08, 9: 0.02}, posts=3)
    few = weeks_about(viewer, workspace, ["youtube"], "video")["youtube"]
    teach(channel, {6: 0.08, 18: 0.02}, posts=1, format_="video")
    still = weeks_about(viewer, workspace, ["youtube"], "video")["youtube"]
    teach(channel, {5: 0.08, 17: 0.02}, posts=3, format_="video")
    own = weeks_about(viewer, workspace, ["youtube"], "video")["youtube"]
    assert [week.belief.posts for week in (few, still, own)] == [42, 56, 56]
    assert (
        weeks_about(viewer, workspace, ["youtube"])["youtube"].belief.posts
        == own.belief.posts
    )


@pytest.mark.parametrize("zone", [NEW_YORK, BERLIN])
def test_what_is_recommended_scores_the_same_once_it_is_booked(
    api: Any, editor: User, workspace: Workspace, zone: str
) -> None:
    channel = make_channel(workspace, platform="youtube", zone=zone)
    teach(channel, {20: 0.06, 16: 0.03}, posts=3)
    teach(channel, {9: 0.05}, posts=1, format_="video")
    client = api(editor)
    rows = advised(client, platforms="youtube", timezone=TOKYO)[:40]
    posts = [
        make_post(
            channel, make_content(workspace), at=on_clock(row["window_start"], "UTC")
        )
        for row in rows
    ]
    body = client.post(
        OPTIMIZE, {"post_ids": [str(post.pk) for post in posts]}, format="json"
    ).json()
    scores = {change["post_id"]: change["score_before"] for change in body["changes"]}
    assert [scores[str(post.pk)] for post in posts] == [row["score"] for row in rows]


# --- what is booked stays
# --------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", READERS)
def test_booked_recommendations_are_not_moved(
    api: Any, editor: User, evening: ChannelAccount, zone: str
) -> None:
    make_channel(evening.workspace, platform="tiktok", name="Other clips", zone=BERLIN)
    make_channel(evening.workspace, platform="youtube", name="Films", zone=TOKYO)
    client = api(editor)
    rows = advised(client, platforms="tiktok,youtube", timezone=zone)[:4]
    items = [
        {
            "content_id": f"c{n}",
            "platform": row["platforms"][0],
            "scheduled_time": row["window_start"],
        }
        for n, row in enumerate(rows)
    ]
    asked = {"title": "T", "timezone": zone, "items": items}
    calendar = client.post(CALENDAR, asked, format="json").json()
    targets = [
        {
            "content_id": one["content_id"],
            "platform": one["platform"],
            "current_scheduled_time": one["scheduled_time"],
        }
        for one in items
    ]
    limits = {"do_not_move_after": (MARCH + TWO_WEEKS).isoformat()}
    asked = {"schedule_id": calendar["id"], "targets": targets, "constraints": limits}
    body = client.post(OPTIMIZE, asked, format="json").json()
    assert body["metrics"]["changed_count"] == 0, body["changes"]
    assert [change["score_before"] for change in body["changes"]] == [
        row["score"] for row in rows
    ]
    assert {change["reason"] for change in body["changes"]} == {"already_at_best_time"}


def test_videos_that_a_bulk_job_placed_are_not_moved(
    editor: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="instagram", zone=NEW_YORK)
    teach(channel, {20: 0.08, 9: 0.02}, posts=3)
    teach(channel, {7: 0.08, 20: 0.02}, posts=3, format_="reel")
    videos = [
        Video(f"v{n}", Source(f"Tip {n}", "How to bleed a radiator")) for n in range(3)
    ]
    made = generate(
        editor, workspace, BulkOrder("spring", videos, ("instagram",), TOKYO)
    )
    assert {
        row.at.astimezone(ZoneInfo(NEW_YORK)).hour for row in made.rows if row.at
    } == {7}
    posts = list(Post.objects.all())
    assert {post.format for post in posts} == {"reel"}
    run = optimisation.optimise(
        editor, workspace, optimisation.Request([post.pk for post in posts])
    )
    assert run.moves == []


# --- a move has a reason
# ---------------------------------------------------------------------------------


def optimised(
    user: User, posts: list[Post], limits: Limits | None = None
) -> list[dict[str, Any]]:
    wanted = optimisation.Request([post.pk for post in posts], limits or Limits())
    changes: list[dict[str, Any]] = optimisation.optimise(
        user, posts[0].workspace, wanted
    ).changes
    return changes


def test_equal_scores_move_nothing(editor: User, workspace: Workspace) -> None:
    channel = make_channel(workspace, platform="linkedin", zone=NEW_YORK)
    tuesday = datetime(2027, 3, 9, 9, tzinfo=ZoneInfo(NEW_YORK))
    posts = [
        make_post(channel, make_content(workspace), at=tuesday + timedelta(minutes=17))
    ]
    changes = optimised(editor, posts, Limits(not_after=MARCH + timedelta(days=2)))
    assert (changes[0]["new_time"], changes[0]["reason"]) == (
        changes[0]["previous_time"],
        "already_at_best_time",
    )


def test_hours_with_the_full_score_are_no_better_than_each_other(
    editor: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="tiktok", zone=NEW_YORK)
    teach(channel, {20: 0.5, 13: 0.2, 5: 0.002})
    rows = recommend(
        editor,
        workspace,
        RecommendationQuery((Clock.of(channel),), MARCH, MARCH + TWO_WEEKS),
    )
    full = [one for one in rows if one.window.week.score == 1.0]
    assert full[0].window.week.value > full[-1].window.week.value + 0.1
    post = make_post(channel, make_content(workspace), at=full[-1].window.start)
    [change] = optimised(editor, [post])
    assert change["new_time"] == change["previous_time"]


def test_the_usual_rhythm_takes_no_post_away_from_where_it_stands(
    editor: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="youtube", zone=NEW_YORK)
    best = datetime(2027, 3, 10, 16, tzinfo=ZoneInfo(NEW_YORK))
    make_post(
        channel,
        make_content(workspace),
        state="scheduled",
        at=best - timedelta(hours=3),
    )
    post = make_post(channel, make_content(workspace), at=best)
    [change] = optimised(editor, [post])
    assert (change["new_time"], change["score_before"]) == (
        change["previous_time"],
        1.0,
    )
    run = optimisation.optimise(editor, workspace, optimisation.Request([post.pk]))
    assert (run.proof, run.gap_percent) == ("optimal", 0.0)


def test_a_rule_that_forces_a_move_is_named(
    editor: User, manager: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="youtube", zone=NEW_YORK)
    prefer(manager, workspace, {"gap_hours": 12}, own=False)
    best = datetime(2027, 3, 10, 16, tzinfo=ZoneInfo(NEW_YORK))
    make_post(
        channel,
        make_content(workspace),
        state="scheduled",
        at=best - timedelta(hours=3),
    )
    [change] = optimised(editor, [make_post(channel, make_content(workspace), at=best)])
    assert change["new_time"] != change["previous_time"]
    assert change["score_after"] <= change["score_before"]
    assert change["reason"] == "keeps_min_interval"


@pytest.mark.parametrize("asked", [True, False])
def test_a_move_out_of_a_blackout_names_it(
    api: Any, editor: User, workspace: Workspace, asked: bool
) -> None:
    channel = make_channel(workspace, platform="tiktok", zone=NEW_YORK)
    best = datetime(2027, 3, 10, 16, tzinfo=ZoneInfo(NEW_YORK))
    post = make_post(channel, make_content(workspace), at=best)
    begins, ends = best - timedelta(days=1), best + timedelta(days=30)
    limits: dict[str, Any] = {
        "do_not_move_after": (best + timedelta(days=2)).isoformat()
    }
    if asked:
        limits["blackout_windows"] = [
            {"start": begins.isoformat(), "end": ends.isoformat()}
        ]
    else:
        Blackout.objects.create(
            workspace=workspace,
            zone=NEW_YORK,
            begins_local=f"{begins:%Y-%m-%dT%H:%M}",
            ends_local=f"{ends:%Y-%m-%dT%H:%M}",
        )
    body = (
        api(editor)
        .post(
            OPTIMIZE, {"post_ids": [str(post.pk)], "constraints": limits}, format="json"
        )
        .json()
    )
    [change] = body["changes"]
    assert change["score_after"] < change["score_before"]
    assert change["reason"] == "leaves_blackout"


def test_a_move_from_a_day_off_names_it(
    browse: Any, editor: User, manager: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="tiktok", zone=NEW_YORK)
    prefer(manager, workspace, {"weekdays_off": [2]}, own=False)
    best = datetime(2027, 3, 10, 16, tzinfo=ZoneInfo(NEW_YORK))
    post = make_post(channel, make_content(workspace), at=best)
    run = optimisation.optimise(editor, workspace, optimisation.Request([post.pk]))
    assert run.changes[0]["reason"] == "leaves_time_off"
    page = browse(editor).get(f"/optimise/{run.pk}").content.decode()
    assert "Its time is on a day or hour off" in page
    assert (
        "Scores are of hours on each channel’s own clock. Times are in America/Los Angeles"
        in page
    )


def test_a_post_makes_room_for_one_that_gains_by_it(
    editor: User, workspace: Workspace
) -> None:
    channel = make_channel(workspace, platform="instagram", zone=NEW_YORK)
    noon = datetime(2027, 3, 9, 12, tzinfo=ZoneInfo(NEW_YORK))
    reel = make_post(channel, make_content(workspace), at=noon, format="reel")
    picture = make_post(channel, make_content(workspace), at=noon.replace(hour=3))
    rules = {"instagram": PlatformLimits(min_interval_minutes=180)}
    limits = Limits(
        not_before=noon.replace(hour=10),
        not_after=noon.replace(hour=14),
        platforms=rules,
    )
    changes = {
        change["post"]: change for change in optimised(editor, [reel, picture], limits)
    }
    moved, gained = changes[str(reel.pk)], changes[str(picture.pk)]
    assert (moved["score_before"], moved["score_after"], moved["reason"]) == (
        0.9,
        0.9,
        "makes_room_for_others",
    )
    assert gained["score_after"] > gained["score_before"]
