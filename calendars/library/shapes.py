"""The words and shapes of the content calendar library, as its scripts import them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from calendars.timing.tables import WEEKDAYS as FULL_WEEKDAYS
from common.errors import InvalidInput
from common.mappings import JsonObject


class ScheduleStatus(StrEnum):
    PLANNED = "planned"
    SCHEDULED = "scheduled"
    POSTED = "posted"
    FAILED = "failed"
    CANCELED = "canceled"


class PlatformId(StrEnum):
    YOUTUBE = "youtube"
    TIKTOK = "tiktok"
    INSTAGRAM = "instagram"
    X = "x"
    LINKEDIN = "linkedin"
    FACEBOOK = "facebook"


class ContentFormat(StrEnum):
    YOUTUBE_VIDEO = "youtube_video"
    YOUTUBE_SHORTS = "youtube_shorts"
    TIKTOK_VIDEO = "tiktok_video"
    INSTAGRAM_FEED = "instagram_feed"
    INSTAGRAM_REELS = "instagram_reels"
    INSTAGRAM_STORIES = "instagram_stories"
    X_TWEET = "x_tweet"
    X_THREAD = "x_thread"
    LINKEDIN_POST = "linkedin_post"
    LINKEDIN_ARTICLE = "linkedin_article"
    FACEBOOK_POST = "facebook_post"
    FACEBOOK_REELS = "facebook_reels"


class ExceptionType(StrEnum):
    BLACKOUT_WINDOW = "blackout_window"
    MANUAL_OVERRIDE = "manual_override"
    TECHNICAL_MAINTENANCE = "technical_maintenance"
    COMPLIANCE_LOCKDOWN = "compliance_lockdown"
    HOLIDAY_OBSERVANCE = "holiday_observance"
    PLATFORM_OUTAGE = "platform_outage"


# The library's words for our formats of a platform; Facebook's videos are posts to it.
FORMATS: dict[tuple[str, str], ContentFormat] = {
    ("youtube", "video"): ContentFormat.YOUTUBE_VIDEO,
    ("youtube", "short"): ContentFormat.YOUTUBE_SHORTS,
    ("tiktok", "video"): ContentFormat.TIKTOK_VIDEO,
    ("instagram", "post"): ContentFormat.INSTAGRAM_FEED,
    ("instagram", "reel"): ContentFormat.INSTAGRAM_REELS,
    ("instagram", "story"): ContentFormat.INSTAGRAM_STORIES,
    ("x", "post"): ContentFormat.X_TWEET,
    ("x", "thread"): ContentFormat.X_THREAD,
    ("linkedin", "post"): ContentFormat.LINKEDIN_POST,
    ("linkedin", "article"): ContentFormat.LINKEDIN_ARTICLE,
    ("facebook", "post"): ContentFormat.FACEBOOK_POST,
    ("facebook", "video"): ContentFormat.FACEBOOK_POST,
    ("facebook", "reel"): ContentFormat.FACEBOOK_REELS,
}


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def weekday_number(day: int | str) -> int:
    """0 (Monday) to 6 for such a number, or for a weekday's name or its beginning of at
    least three letters. Raises InvalidInput for anything else.
    """
    if isinstance(day, int) and 0 <= day < len(WEEKDAYS):
        return day
    name = str(day).strip().lower()
    matching = [full for full in FULL_WEEKDAYS if full.startswith(name)]
    if len(name) < len(WEEKDAYS[0]) or not matching:
        raise InvalidInput(
            f"“{day}” is no weekday; name it as in {', '.join(WEEKDAYS)}."
        )
    return FULL_WEEKDAYS.index(matching[0])


def weekday_names(numbers: Iterable[int]) -> list[str]:
    """The library's names of weekdays, Monday being 0."""
    return [WEEKDAYS[number] for number in numbers]


def our_format(word: str | None) -> str:
    """Our format for one of the library's words; blank for none."""
    for (_, format_), name in FORMATS.items():
        if name == word:
            return format_
    return ""


@dataclass
class ContentCalendar:
    id: str
    name: str
    created_by: str
    description: str = ""
    timezone: str = "UTC"
    bulk_job_id: str | None = None
    created_at: datetime | None = None


@dataclass
class ContentScheduleItem:
    id: str
    calendar_id: str
    video_job_id: str
    platform_id: PlatformId
    content_format: ContentFormat
    planned_start: datetime
    timezone: str
    status: ScheduleStatus
    idempotency_key: str
    created_by: str
    bulk_job_id: str | None = None
    scheduled_at: datetime | None = None


@dataclass
class LeftOut:
    """A video that got no time on a platform, and why."""

    video_job_id: str
    platform_id: PlatformId
    reason: str


class ScheduledItems(list[ContentScheduleItem]):
    """The items of a job, and what was left out of it."""

    left_out: Sequence[LeftOut] = ()


@dataclass
class ScheduleAssignment:
    schedule_item_id: str
    worker_id: str
    scheduled_at: datetime
    status: ScheduleStatus = ScheduleStatus.PLANNED
    last_error: str | None = None
    retry_count: int = 0
    last_retry_at: datetime | None = None


@dataclass
class ScheduleException:
    exception_type: ExceptionType
    window_start: datetime
    window_end: datetime
    reason: str = ""
    schedule_item_id: str | None = None


@dataclass
class PerformanceKPIEvent:
    video_job_id: str
    platform_id: PlatformId
    event_time: datetime
    views: int | None = None
    impressions: int | None = None
    watch_time_seconds: float | None = None
    engagement_rate: float | None = None
    clicks: int | None = None
    saves: int | None = None
    shares: int | None = None
    comments: int | None = None
    followers_delta: int | None = None
    metadata: JsonObject = field(default_factory=dict)


def standard_variants() -> JsonObject:
    """The three variants that the library compares unless told otherwise."""
    return {
        "control": {"posting_times": "standard"},
        "variant_a": {"posting_times": "optimized"},
        "variant_b": {"posting_times": "experimental"},
    }


@dataclass
class OptimizationTrial:
    user_id: str
    trial_id: str
    hypothesis: str
    start_at: datetime
    end_at: datetime | None = None
    variants: JsonObject = field(default_factory=standard_variants)
    primary_kpi: str = "engagement_rate"
    guardrails: dict[str, float] = field(
        default_factory=lambda: {"min_engagement_rate": 0.02}
    )
    results_summary: JsonObject | None = None


@dataclass
class PlatformTimingData:
    """Days are weekdays by name ("mon"), or 0 (Monday) to 6; an hour that ends where it
    starts is that one hour.
    """

    platform_id: PlatformId
    days: Sequence[int | str]
    peak_hours: list[dict[str, int]]
    posting_frequency_min: int = 0
    posting_frequency_max: int = 0
    content_format: ContentFormat | None = None
    source: str = ""
    weight: float = 1.0


@dataclass
class UserSchedulingPreferences:
    """Days are weekdays by name ("sat"), or 0 (Monday) to 6."""

    user_id: str
    platform_id: PlatformId | None = None
    timezone: str = ""
    posting_frequency_min: int | None = None
    posting_frequency_max: int | None = None
    days_blacklist: Sequence[int | str] = field(default_factory=list)
    hours_blacklist: list[dict[str, int]] = field(default_factory=list)
    content_format: ContentFormat | None = None
    quality_threshold: float | None = None
    metadata: JsonObject = field(default_factory=dict)


@dataclass
class CalendarAnalytics:
    calendar_id: str
    total_scheduled: int
    total_posted: int
    total_failed: int
    average_engagement_rate: float | None
    best_performing_times: list[JsonObject]
    platform_distribution: dict[str, int]
    content_format_performance: dict[str, float]
    optimization_recommendations: list[str]
