"""A script written for the content calendar library runs on our models, without the
library's defects.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from calendars.library import (
    CalendarAnalyticsEngine,
    ContentCalendarManager,
    ContentFormat,
    CrossPlatformCoordinator,
    PlatformId,
    PlatformTimingData,
    ScheduleGenerator,
    ScheduleStatus,
    UserSchedulingPreferences,
    create_optimization_trial,
    get_optimization_trial,
    integrate_with_bulk_job_workflow,
    start_optimization_trial,
)
from calendars.models import CalendarItem, TimingRow, Trial, TrialPost
from calendars.results.services import Measurement, ingest
from cast import join, person
from common.errors import Forbidden, InvalidInput, Missing
from scheduling.models import Post
from workspaces.models import User, Workspace
from workspaces.roles import Role

pytestmark = pytest.mark.django_db


@dataclass
class VideoJob:
    id: str
    title: str = "Boiler tips"
    description: str = "How to bleed a radiator"


@dataclass
class BulkJob:
    id: str = "bulk_12345678"
    video_jobs: list[VideoJob] = field(default_factory=list)


@pytest.fixture
def user(workspace: Workspace) -> User:
    return join(person("user_123"), workspace, Role.EDITOR)


def test_the_scripts_of_the_summary_run(user: User) -> None:
    manager = ContentCalendarManager()
    wishes = UserSchedulingPreferences(
        user_id="user_123",
        platform_id=PlatformId.YOUTUBE,
        timezone="America/New_York",
        posting_frequency_min=2,
        posting_frequency_max=5,
    )
    manager.set_user_scheduling_preferences(wishes)
    kept = manager.get_user_scheduling_preferences("user_123", PlatformId.YOUTUBE)
    assert kept == wishes
    jobs = [VideoJob("video_1"), VideoJob("video_2")]
    items = integrate_with_bulk_job_workflow(manager, BulkJob(), jobs, "user_123")
    assert {(item.video_job_id, str(item.platform_id)) for item in items} == {
        (video, platform)
        for video in ("video_1", "video_2")
        for platform in ("youtube", "tiktok", "instagram")
    }
    engine = CalendarAnalyticsEngine(manager)
    analytics = engine.generate_calendar_analytics(items[0].calendar_id)
    assert (
        analytics.total_scheduled,
        analytics.total_posted,
        analytics.average_engagement_rate,
    ) == (6, 0, None)
    assert analytics.platform_distribution == {
        "youtube": 2,
        "tiktok": 2,
        "instagram": 2,
    }
    assert engine.optimize_schedule_timing(items[0].calendar_id) == []
    trial = create_optimization_trial(
        "user_123", "Testing optimized vs standard posting times", manager
    )
    assert (trial.primary_kpi, trial.guardrails) == (
        "engagement_rate",
        {"min_engagement_rate": 0.02},
    )
    assert {name: one["posting_times"] for name, one in trial.variants.items()} == {
        "control": "standard",
        "variant_a": "optimized",
        "variant_b": "experimental",
    }
    assert trial.results_summary is None


def test_a_trial_is_kept_started_and_measured(user: User, workspace: Workspace) -> None:
    manager = ContentCalendarManager()
    jobs = [VideoJob(f"video_{n}") for n in range(3)]
    integrate_with_bulk_job_workflow(
        manager, BulkJob(), jobs, "user_123", [PlatformId.TIKTOK]
    )
    made = create_optimization_trial("user_123", "Evenings do better", manager)
    assert Trial.objects.get().wire_id == f"trial_{uuid.UUID(made.trial_id).hex}"
    begun = start_optimization_trial(made.trial_id, manager)
    assert begun.hypothesis == "Evenings do better"
    given = TrialPost.objects.all()[0]
    ingest(
        user,
        workspace,
        [
            Measurement(
                "k", timezone.now(), given.post_id, numbers={"engagement_rate": 0.3}
            )
        ],
    )
    summary = get_optimization_trial(made.trial_id, manager).results_summary
    assert summary is not None
    assert {one["name"]: one["measured"] for one in summary["variants"]} == {
        name: int(name == given.variant) for name in made.variants
    }
    assert sum(one["posts"] for one in summary["variants"]) == 3
    assert all(
        "not enough data" in sentence.lower() for sentence in summary["sentences"]
    )


def test_nobody_sees_the_trials_of_others(user: User, stranger: User) -> None:
    made = create_optimization_trial("user_123", "Evenings", ContentCalendarManager())
    with pytest.raises(Missing):
        get_optimization_trial(made.trial_id, ContentCalendarManager(user=stranger))


def test_items_say_where_and_when_and_have_a_key_of_their_own(
    user: User, workspace: Workspace
) -> None:
    items = ScheduleGenerator(ContentCalendarManager()).generate_schedule_for_bulk_job(
        BulkJob(),
        [VideoJob("v1"), VideoJob("v2")],
        "user_123",
        [PlatformId.TIKTOK, PlatformId.INSTAGRAM],
        "Asia/Tokyo",
    )
    assert {item.content_format for item in items} == {
        ContentFormat.TIKTOK_VIDEO,
        ContentFormat.INSTAGRAM_REELS,
    }
    assert {item.status for item in items} <= {
        ScheduleStatus.PLANNED,
        ScheduleStatus.SCHEDULED,
    }
    assert len({item.idempotency_key for item in items}) == 4
    assert all(
        len(item.idempotency_key) == 64 and item.planned_start > timezone.now()
        for item in items
    )
    # Times are told in the zone that was asked for; the hours are those of the channel,
    # and the best come first.
    best = min(
        items,
        key=lambda item: (item.platform_id != PlatformId.TIKTOK, item.video_job_id),
    )
    assert best.planned_start.tzinfo == ZoneInfo("Asia/Tokyo")
    there = best.planned_start.astimezone(ZoneInfo(workspace.zone))
    assert (there.weekday(), there.hour) == (2, 16)


def test_running_it_again_plans_nothing_twice(user: User) -> None:
    manager = ContentCalendarManager()
    first = integrate_with_bulk_job_workflow(
        manager, BulkJob(), [VideoJob("v")], "user_123"
    )
    again = integrate_with_bulk_job_workflow(
        manager, BulkJob(), [VideoJob("v")], "user_123"
    )
    assert again == first
    assert Post.objects.exclude(content__is_placeholder=True).count() == 3


def test_different_jobs_get_different_times(user: User) -> None:
    manager = ContentCalendarManager()
    jobs = [BulkJob(f"job {n}") for n in range(3)]
    times = [
        item.planned_start
        for job in jobs
        for item in integrate_with_bulk_job_workflow(
            manager, job, [VideoJob(job.id)], "user_123", [PlatformId.TIKTOK]
        )
    ]
    assert len(set(times)) == 3


def test_hours_and_days_that_are_off_are_off(user: User, workspace: Workspace) -> None:
    manager = ContentCalendarManager()
    manager.set_user_scheduling_preferences(
        UserSchedulingPreferences(
            "user_123",
            timezone="UTC",
            days_blacklist=[2],
            hours_blacklist=[{"start": 22, "end": 16}],
            posting_frequency_max=2,
        )
    )
    jobs = [VideoJob(f"v{n}") for n in range(5)]
    items = integrate_with_bulk_job_workflow(
        manager, BulkJob(), jobs, "user_123", [PlatformId.TIKTOK]
    )
    times = sorted(item.planned_start for item in items)
    assert times
    there = [at.astimezone(ZoneInfo(workspace.zone)) for at in times]
    assert all(at.weekday() != 2 and 16 <= at.hour < 22 for at in there)
    assert all(
        later - earlier >= timedelta(hours=12) for earlier, later in pairwise(times)
    )


def test_weekdays_are_named_as_the_library_names_them(user: User) -> None:
    manager = ContentCalendarManager(user=person("staff", is_staff=True))
    wishes = UserSchedulingPreferences("user_123", days_blacklist=["sat", "sun"])
    manager.set_user_scheduling_preferences(wishes)
    kept = manager.get_user_scheduling_preferences("user_123")
    assert kept and kept.days_blacklist == ["sat", "sun"]
    wishes = UserSchedulingPreferences("user_123", days_blacklist=["Monday", 6])
    manager.set_user_scheduling_preferences(wishes)
    kept = manager.get_user_scheduling_preferences("user_123")
    assert kept and kept.days_blacklist == ["mon", "sun"]
    timing = manager.get_platform_timing_data(PlatformId.X)
    assert "tue" in ", ".join(str(day) for row in timing for day in row.days)


@pytest.mark.parametrize("day", ["su", "someday", 7, -1, ""])
def test_what_is_no_weekday_is_said_to_be_none(user: User, day: int | str) -> None:
    wishes = UserSchedulingPreferences("user_123", days_blacklist=[day])
    with pytest.raises(InvalidInput, match="no weekday"):
        ContentCalendarManager().set_user_scheduling_preferences(wishes)


def test_what_found_no_time_is_told(user: User) -> None:
    manager = ContentCalendarManager()
    wishes = UserSchedulingPreferences("user_123", posting_frequency_max=1)
    manager.set_user_scheduling_preferences(wishes)
    jobs = [VideoJob(f"v{n}") for n in range(9)]
    items = integrate_with_bulk_job_workflow(
        manager, BulkJob(), jobs, "user_123", [PlatformId.TIKTOK]
    )
    assert items.left_out
    assert {item.video_job_id for item in items} | {
        row.video_job_id for row in items.left_out
    } == {job.id for job in jobs}
    assert all(row.reason for row in items.left_out)


def test_instagram_gets_the_elements_of_a_story(user: User) -> None:
    coordinator = CrossPlatformCoordinator(ContentCalendarManager())
    data = {"title": "Tip", "link": "https://h2o.example"}
    adapted = coordinator.optimize_for_platform(PlatformId.INSTAGRAM, data)
    assert adapted["story_elements"] == ["question", "poll", "link"]


def test_one_video_is_coordinated_over_platforms(user: User) -> None:
    coordinator = CrossPlatformCoordinator(ContentCalendarManager())
    platforms = list(PlatformId)
    found = coordinator.coordinate_content_distribution(
        "video_1", platforms, "user_123"
    )
    assert set(found) == set(platforms)
    assert (
        coordinator.coordinate_content_distribution("video_1", platforms, "user_123")
        == found
    )
    rows = CalendarItem.objects.filter(pk__in=found.values())
    assert {row.calendar_id for row in rows} != {None}
    times = sorted(row.asked_at for row in rows)
    assert all(
        later - earlier >= timedelta(hours=2) for earlier, later in pairwise(times)
    )
    data = {"title": "T" * 80, "description": "d", "hashtags": ["home heating"]}
    assert (
        len(coordinator.optimize_for_platform(PlatformId.YOUTUBE, data)["title"]) == 60
    )
    assert coordinator.optimize_for_platform(PlatformId.FACEBOOK, data)["hashtags"] == [
        "HomeHeating"
    ]


def test_calendars_are_made_read_and_listed_by_their_own_people(
    user: User, stranger: User
) -> None:
    manager = ContentCalendarManager("anywhere.db")
    made = manager.create_calendar("Spring", "user_123", timezone="Europe/Berlin")
    shown = manager.get_calendar(made.id)
    assert shown is not None
    assert (shown.name, shown.timezone, shown.created_by) == (
        "Spring",
        "Europe/Berlin",
        "user_123",
    )
    assert [one.id for one in manager.list_calendars("user_123")] == [made.id]
    other = ContentCalendarManager(user=stranger)
    assert other.get_calendar(made.id) is None
    assert other.list_calendars("stranger") == []
    assert manager.get_calendar("nonsense") is None
    with pytest.raises(Missing):
        CalendarAnalyticsEngine(other).generate_calendar_analytics(made.id)
    with pytest.raises(Forbidden):
        ContentCalendarManager().get_calendar(made.id)
    with pytest.raises(Missing):
        manager.create_calendar("Spring", "nobody")


def test_results_are_those_of_the_calendars_own_posts(
    user: User, workspace: Workspace
) -> None:
    manager = ContentCalendarManager()
    jobs = [VideoJob(f"v{n}") for n in range(6)]
    items = integrate_with_bulk_job_workflow(
        manager, BulkJob(), jobs, "user_123", [PlatformId.TIKTOK]
    )
    posts = [item.post for item in CalendarItem.objects.select_related("post")]
    out = timezone.now() - timedelta(days=1)
    ingest(
        user,
        workspace,
        [
            Measurement(
                f"e{n}",
                timezone.now(),
                post.pk,
                posted_at=out,
                numbers={"engagement_rate": 0.1},
            )
            for n, post in enumerate(posts)
        ],
    )
    # The same video elsewhere, measured by others, does not count here.
    channel = posts[0].account
    other = Measurement(
        "x",
        timezone.now(),
        account_id=channel.pk,
        content_key="v0",
        posted_at=out,
        numbers={"engagement_rate": 0.9},
    )
    ingest(user, workspace, [other])
    engine = CalendarAnalyticsEngine(manager)
    analytics = engine.generate_calendar_analytics(items[0].calendar_id)
    assert analytics.average_engagement_rate == pytest.approx(0.1)
    assert [one["sample_size"] for one in analytics.best_performing_times] == [6]
    advice = {
        row["type"]: row
        for row in engine.optimize_schedule_timing(items[0].calendar_id)
    }
    assert advice["platform_timing"]["confidence"] == "medium"
    assert advice["day_optimization"]["day"] in {
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    }


def test_timing_data_are_there_at_once_and_change_by_staff_alone(user: User) -> None:
    before = TimingRow.objects.count()
    manager = ContentCalendarManager(user=user)
    ContentCalendarManager()
    assert TimingRow.objects.count() == before
    assert any(
        "wed" in row.days for row in manager.get_platform_timing_data(PlatformId.TIKTOK)
    )
    wanted = PlatformTimingData(
        PlatformId.TIKTOK, [2], [{"start": 9, "end": 9}], source="our own study"
    )
    with pytest.raises(Forbidden):
        manager.save_platform_timing_data(wanted)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.refresh_from_db()
    manager.save_platform_timing_data(wanted)
    wednesday = [
        row
        for row in manager.get_platform_timing_data(PlatformId.TIKTOK)
        if "wed" in row.days
    ]
    assert [(row.peak_hours, row.source) for row in wednesday] == [
        ([{"start": 9, "end": 10}], "our own study")
    ]
