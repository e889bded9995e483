"""The content calendar library's names over our services: a script written for it runs here, for real accounts.

People are named as they sign in (user name or e-mail address) and must exist; each sees and changes what they may. A
manager without a name to go by acts for whoever it was told of first.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.utils import timezone as clock

from calendars import results, states, words
from calendars.adapting import Source, adapt, format_for
from calendars.models import CalendarItem, KpiEvent, PostingRhythm, TimingRow, VideoPlacement
from calendars.models import ContentCalendar as CalendarRow
from calendars.selectors import access_calendar, calendars_of, chain_of
from calendars.services import generating, preferences, timing
from calendars.services.bulk_rows import KINDS
from calendars.shapes import (
    FORMATS,
    CalendarAnalytics,
    ContentCalendar,
    ContentFormat,
    ContentScheduleItem,
    ExceptionType,
    OptimizationTrial,
    PerformanceKPIEvent,
    PlatformId,
    PlatformTimingData,
    ScheduleAssignment,
    ScheduleException,
    ScheduleStatus,
    UserSchedulingPreferences,
    our_format,
)
from common.errors import Forbidden, Missing
from scheduling import states as posting
from workspaces.models import User, Workspace
from workspaces.selectors import current_membership

__all__ = [
    "CalendarAnalytics", "CalendarAnalyticsEngine", "ContentCalendar", "ContentCalendarManager", "ContentFormat",
    "ContentScheduleItem", "CrossPlatformCoordinator", "ExceptionType", "OptimizationTrial", "PerformanceKPIEvent",
    "PlatformId", "PlatformTimingData", "ScheduleAssignment", "ScheduleException", "ScheduleGenerator",
    "ScheduleStatus", "UserSchedulingPreferences", "create_optimization_trial", "integrate_with_bulk_job_workflow",
]  # fmt: skip

USUAL_PLATFORMS = (PlatformId.YOUTUBE, PlatformId.TIKTOK, PlatformId.INSTAGRAM)
STATUSES = {
    posting.PLANNED: ScheduleStatus.PLANNED, posting.DRAFT: ScheduleStatus.PLANNED,
    posting.PUBLISHED: ScheduleStatus.POSTED, posting.FAILED: ScheduleStatus.FAILED,
    posting.CANCELED: ScheduleStatus.CANCELED,
}  # fmt: skip
# From so many posts on a platform or weekday something is said of it, from so many with high confidence.
LEAST_SAMPLES, SURE_PLATFORM, SURE_DAY, GOOD_DAY = 5, 20, 15, 0.05


class ContentCalendarManager:
    """Calendars, timing data and preferences. `storage_path` is not used: everything is in the product's database."""

    def __init__(self, storage_path: str = "data/content_calendar.db", user: User | None = None) -> None:
        self.acting = user

    def person(self, login: str) -> tuple[User, Workspace]:
        """Who is meant, and their workspace. Raises Missing for nobody, or somebody in no workspace."""
        user = User.objects.by_login(str(login))
        membership = current_membership(user, None) if user else None
        if user is None or membership is None:
            raise Missing(f"There is nobody called {login} in a workspace.")
        self.acting = self.acting or user
        return user, membership.workspace

    def reader(self) -> User:
        if self.acting is None:
            raise Forbidden("Say for whom the manager acts: ContentCalendarManager(user=...).")
        return self.acting

    def create_calendar(
        self, name: str, created_by: str, description: str = "", timezone: str = "UTC", bulk_job_id: str | None = None
    ) -> ContentCalendar:
        """A calendar without items; those of a bulk job get one of their own when they are generated."""
        user, workspace = self.person(created_by)
        row = generating.create_empty(user, workspace, name, timezone)
        return ContentCalendar(str(row.pk), name, created_by, description, timezone, bulk_job_id, row.created_at)

    def get_calendar(self, calendar_id: str) -> ContentCalendar | None:
        """None for one that does not exist or that the person may not see."""
        try:
            return calendar_of(access_calendar(self.reader(), uuid.UUID(str(calendar_id))))
        except (Missing, ValueError):
            return None

    def list_calendars(self, created_by: str, limit: int = 50) -> list[ContentCalendar]:
        """Those the person made, the newest first."""
        user, workspace = self.person(created_by)
        rows = calendars_of(user, workspace).filter(made_by=user).select_related("made_by")
        return [calendar_of(row) for row in rows[: max(0, limit)]]

    def save_platform_timing_data(self, data: PlatformTimingData) -> None:
        """Replace what holds for the platform and format on those days. Staff only: it holds for everybody."""
        spans = [(span["start"], span["end"]) for span in data.peak_hours]
        timing.replace(
            self.reader(),
            str(data.platform_id),
            our_format(data.content_format),
            data.days,
            spans,
            data.weight,
            data.source,
        )

    def get_platform_timing_data(
        self, platform: PlatformId | str, content_format: ContentFormat | None = None
    ) -> list[PlatformTimingData]:
        """What holds today, days with the same hours together."""
        format_ = our_format(content_format)
        rows = TimingRow.objects.on().filter(platform=str(platform), **({"format": format_} if format_ else {}))
        rhythm = (
            PostingRhythm.objects.on()
            .filter(platform=str(platform), format__in={"", format_})
            .order_by("-format")
            .first()
        )
        return [
            timing_of(list(group), rhythm)
            for _, group in groupby(rows.order_by("format", "first_hour", "last_hour", "weight", "weekday"), key=_kind)
        ]

    def set_user_scheduling_preferences(self, wishes: UserSchedulingPreferences) -> None:
        user, workspace = self.person(wishes.user_id)
        values = {
            "zone": wishes.timezone, "per_week_least": wishes.posting_frequency_min,
            "per_week_most": wishes.posting_frequency_max, "weekdays_off": wishes.days_blacklist or None,
            "hours_off": wishes.hours_blacklist or None, "quality_threshold": wishes.quality_threshold,
        }  # fmt: skip
        preferences.prefer(
            user, workspace, values, platform=str(wishes.platform_id or ""), format_=our_format(wishes.content_format)
        )

    def get_user_scheduling_preferences(
        self, user_id: str, platform: PlatformId | str | None = None
    ) -> UserSchedulingPreferences | None:
        """The person's own for the platform, else for every platform; None when they have said nothing."""
        user, workspace = self.person(user_id)
        rows = [row for row in chain_of(user, workspace, str(platform or "")) if row.user_id]
        if not rows:
            return None
        row = rows[0]
        return UserSchedulingPreferences(
            user_id, PlatformId(row.platform) if row.platform else None, row.zone, row.per_week_least,
            row.per_week_most, row.weekdays_off or [], row.hours_off or [], FORMATS.get((row.platform, row.format)),
            row.quality_threshold,
        )  # fmt: skip


def calendar_of(row: CalendarRow) -> ContentCalendar:
    placed = VideoPlacement.objects.filter(calendar=row).select_related("job").first()
    maker = row.made_by.username if row.made_by else ""
    return ContentCalendar(
        str(row.pk), row.title, maker, "", row.zone, placed.job.name if placed else None, row.created_at
    )


def _kind(row: TimingRow) -> tuple[Any, ...]:
    return row.format, row.first_hour, row.last_hour, row.weight


def timing_of(rows: Sequence[TimingRow], rhythm: PostingRhythm | None) -> PlatformTimingData:
    first = rows[0]
    return PlatformTimingData(
        PlatformId(first.platform), [row.weekday for row in rows],
        [{"start": first.first_hour, "end": first.last_hour}],
        rhythm.per_week_least if rhythm else 0, rhythm.per_week_most if rhythm else 0,
        FORMATS.get((first.platform, first.format)), first.source, first.weight,
    )  # fmt: skip


def said(thing: Any, *names: str) -> str:
    """The first of these that an object or a mapping has, as text."""
    values = (thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None) for name in names)
    return str(next((value for value in values if value not in (None, "")), ""))


def video_of(job: Any) -> generating.Video:
    kind = said(job, "content_format", "format", "output_format", "kind").lower()
    text = said(job, "description", "script", "text")
    source = Source(said(job, "title", "name"), text, (), KINDS.get(kind, kind or "video"), said(job, "mood"))
    return generating.Video(said(job, "id", "video_job_id"), source)


class ScheduleGenerator:
    """Items for the videos of a bulk job."""

    def __init__(self, calendar_manager: ContentCalendarManager) -> None:
        self.manager = calendar_manager

    def generate_schedule_for_bulk_job(
        self, bulk_job: Any, video_jobs: Iterable[Any], created_by: str, target_platforms: Sequence[PlatformId | str],
        timezone: str = "UTC",
    ) -> list[ContentScheduleItem]:  # fmt: skip
        """All items of the job on these platforms, those of earlier runs too: each video once on each."""
        platforms = [str(PlatformId(platform)) for platform in target_platforms]
        order = generating.BulkOrder(said(bulk_job, "id"), [video_of(job) for job in video_jobs], platforms, timezone)
        user, workspace = self.manager.person(created_by)
        return items_of(generating.generate(user, workspace, order), created_by)


def items_of(made: generating.Generated, created_by: str) -> list[ContentScheduleItem]:
    wanted = {(row.video_id, row.platform) for row in made.rows if row.at}
    placed = [one for one in made.job.placements.select_related("calendar") if (one.video_id, one.platform) in wanted]
    rows = CalendarItem.objects.filter(calendar__in={one.calendar_id for one in placed}).select_related("post__account")
    items = {(str(row.calendar_id), row.content_id, row.platform): row for row in rows}
    found = ((one, items.get((str(one.calendar_id), one.video_id, one.platform))) for one in placed)
    return [item_of(one, item, created_by) for one, item in found if item is not None]


def item_of(placed: VideoPlacement, item: CalendarItem, created_by: str) -> ContentScheduleItem:
    post, zone = item.post, placed.calendar.zone if placed.calendar else "UTC"
    state = STATUSES.get(post.state, ScheduleStatus.SCHEDULED) if post else ScheduleStatus.CANCELED
    format_ = post.chosen_format if post else format_for("video", placed.platform)
    return ContentScheduleItem(
        str(item.pk), str(item.calendar_id), placed.video_id, PlatformId(placed.platform),
        FORMATS[placed.platform, format_], placed.at.astimezone(ZoneInfo(zone)), zone, state, placed.key,
        created_by, placed.job.name, post.scheduled_at if post else None,
    )  # fmt: skip


class CrossPlatformCoordinator:
    """One video on several platforms."""

    def __init__(self, calendar_manager: ContentCalendarManager) -> None:
        self.manager = calendar_manager

    def coordinate_content_distribution(
        self, video_job_id: str, platforms: Sequence[PlatformId | str], created_by: str
    ) -> dict[PlatformId, str]:
        """The id of its item on each platform, at times that keep apart; asking again gives the same ids."""
        job = {"id": f"video {video_job_id}"}
        items = ScheduleGenerator(self.manager).generate_schedule_for_bulk_job(
            job, [{"id": video_job_id, "title": video_job_id}], created_by, platforms
        )
        return {item.platform_id: item.id for item in items}

    def optimize_for_platform(self, platform: PlatformId | str, data: dict[str, Any]) -> dict[str, Any]:
        """The data with title, description and hashtags as the platform wants them, and its hints."""
        source = Source(
            said(data, "title"), said(data, "description", "text"),
            tuple(data.get("hashtags") or data.get("tags") or ()),
            KINDS.get(said(data, "format"), said(data, "format") or "video"), said(data, "mood"), said(data, "link"),
        )  # fmt: skip
        made = adapt(source, str(PlatformId(platform)))
        return data | {
            "title": made.title, "description": made.text, "hashtags": list(made.hashtags),
            "content_format": FORMATS[made.platform, made.format], **made.extras,
        }  # fmt: skip


class CalendarAnalyticsEngine:
    """What became of a calendar, and what its results say."""

    def __init__(self, calendar_manager: ContentCalendarManager) -> None:
        self.manager = calendar_manager

    def generate_calendar_analytics(self, calendar_id: str) -> CalendarAnalytics:
        """Raises Missing for a calendar that does not exist or belongs to others."""
        calendar = access_calendar(self.manager.reader(), uuid.UUID(str(calendar_id)))
        found = measured(calendar)
        counts = CalendarItem.objects.filter(calendar=calendar).aggregate(
            total=Count("pk"), posted=Count("pk", filter=Q(state=states.PUBLISHED)),
            failed=Count("pk", filter=Q(state=states.FAILED)),
        )  # fmt: skip
        by_platform = (
            CalendarItem.objects.filter(calendar=calendar).order_by().values_list("platform").annotate(n=Count("pk"))
        )
        return CalendarAnalytics(
            str(calendar.pk), counts["total"], counts["posted"], counts["failed"], found.total.rate,
            [
                {"hour": one.hour, "average_engagement": one.engagement, "sample_size": one.sample}
                for one in found.best_times
            ],
            dict(by_platform), {name: sums.rate for name, sums in found.by_format.items() if sums.rate is not None},
            found.sentences,
        )  # fmt: skip

    def optimize_schedule_timing(self, calendar_id: str) -> list[dict[str, Any]]:
        """Advice by platform and weekday where enough posts were measured."""
        found = measured(access_calendar(self.manager.reader(), uuid.UUID(str(calendar_id))))
        platforms = [
            platform_advice(name, sums) for name, sums in found.by_platform.items() if sums.rated >= LEAST_SAMPLES
        ]
        days = results.added((day, sums) for (day, _), sums in found.by_hour.items())
        good = (
            (day, sums) for day, sums in days.items() if sums.rated >= LEAST_SAMPLES and (sums.rate or 0) > GOOD_DAY
        )
        return platforms + [day_advice(day, sums) for day, sums in good]


def measured(calendar: CalendarRow) -> results.Results:
    """The newest measurement of each of the calendar's own posts, summed."""
    events = list(
        KpiEvent.objects.filter(post__calendar_item__calendar=calendar, latest=True).select_related("account")
    )
    parts = [(event, sums_of(event)) for event in events]
    since = clock.now().date() - timedelta(days=results.RECENT_DAYS)
    return results.Results(
        sum((sums for _, sums in parts), results.NOTHING),
        results.added((event.posted_date, sums) for event, sums in parts),
        results.added(((event.posted_date.weekday(), event.posted_hour), sums) for event, sums in parts),
        results.added((event.account.platform, sums) for event, sums in parts),
        results.added((event.format, sums) for event, sums in parts),
        sum(1 for event in events if event.posted_date >= since),
    )


def sums_of(event: KpiEvent) -> results.Sums:
    rate = event.rate
    return results.Sums(
        1, int(rate is not None), rate or 0.0, event.views or 0, event.impressions or 0, event.clicks or 0,
        event.saves or 0, event.shares or 0, event.comments or 0, event.watch_time_seconds or 0.0,
    )  # fmt: skip


def platform_advice(name: str, sums: results.Sums) -> dict[str, Any]:
    sure = "high" if sums.rated >= SURE_PLATFORM else "medium"
    text = f"{sums.rate or 0:.1%} mean engagement over {sums.rated} posts"
    return {"type": "platform_timing", "platform": name, "recommendation": text, "confidence": sure}


def day_advice(day: int, sums: results.Sums) -> dict[str, Any]:
    sure = "high" if sums.rated >= SURE_DAY else "medium"
    name = words.DAYS[day]
    text = f"{name} does well: {sums.rate or 0:.1%} over {sums.rated} posts"
    return {"type": "day_optimization", "day": name.lower(), "recommendation": text, "confidence": sure}


def integrate_with_bulk_job_workflow(
    calendar_manager: ContentCalendarManager, bulk_job: Any, video_jobs: Iterable[Any], created_by: str,
    target_platforms: Sequence[PlatformId | str] | None = None,
) -> list[ContentScheduleItem]:  # fmt: skip
    """The items of the job's videos on the platforms, by default YouTube, TikTok and Instagram."""
    platforms = USUAL_PLATFORMS if target_platforms is None else target_platforms
    return ScheduleGenerator(calendar_manager).generate_schedule_for_bulk_job(
        bulk_job, video_jobs, created_by, platforms
    )


def create_optimization_trial(
    user_id: str, hypothesis: str, calendar_manager: ContentCalendarManager, start_at: datetime | None = None
) -> OptimizationTrial:
    """A trial's plan with the usual variants, KPI and guardrail: it is handed back and not kept."""
    calendar_manager.person(user_id)
    return OptimizationTrial(user_id, f"trial_{uuid.uuid4().hex}", hypothesis, start_at or clock.now())
