"""Items for the videos of bulk jobs under the library's names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from calendars.library.manager import ContentCalendarManager
from calendars.library.shapes import (
    FORMATS,
    ContentScheduleItem,
    LeftOut,
    PlatformId,
    ScheduledItems,
    ScheduleStatus,
)
from calendars.models import CalendarItem, VideoPlacement
from calendars.video_batches import services as generating
from calendars.video_batches.adapt import Source, adapt, format_for, stickers_for
from calendars.video_batches.rows import KINDS
from scheduling.domain import states as posting

USUAL_PLATFORMS = (PlatformId.YOUTUBE, PlatformId.TIKTOK, PlatformId.INSTAGRAM)
STATUSES = {
    posting.PLANNED: ScheduleStatus.PLANNED,
    posting.DRAFT: ScheduleStatus.PLANNED,
    posting.PUBLISHED: ScheduleStatus.POSTED,
    posting.FAILED: ScheduleStatus.FAILED,
    posting.CANCELED: ScheduleStatus.CANCELED,
}


def first_text(thing: Any, *names: str) -> str:
    """The first of these that an object or a mapping has, as text."""
    values = (
        thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)
        for name in names
    )
    return str(next((value for value in values if value not in (None, "")), ""))


def video_of(job: Any) -> generating.Video:
    """A job of any maker, read by the names that makers use."""
    return generating.Video(first_text(job, "id", "video_job_id"), source_of(job))


def source_of(job: Any) -> Source:
    """What a job's video is about."""
    return Source(
        first_text(job, "title", "name"),
        first_text(job, "description", "script", "text"),
        (),
        kind_of(job),
        first_text(job, "mood"),
    )


def kind_of(job: Any) -> str:
    """What kind of content a job makes, in our word where there is one; by default a
    video.
    """
    kind = first_text(job, "content_format", "format", "output_format", "kind").lower()
    return KINDS.get(kind, kind or "video")


class ScheduleGenerator:
    """Items for the videos of a bulk job."""

    def __init__(self, calendar_manager: ContentCalendarManager) -> None:
        self.manager = calendar_manager

    def generate_schedule_for_bulk_job(
        self,
        bulk_job: Any,
        video_jobs: Iterable[Any],
        created_by: str,
        target_platforms: Sequence[PlatformId | str],
        timezone: str = "UTC",
    ) -> ScheduledItems:
        """All items of the job on these platforms, those of earlier runs too: each
        video once on each. `left_out` says what found no time, and why.
        """
        platforms = [str(PlatformId(platform)) for platform in target_platforms]
        order = generating.BulkOrder(
            first_text(bulk_job, "id"),
            [video_of(job) for job in video_jobs],
            platforms,
            timezone,
        )
        user, workspace = self.manager.person(created_by)
        generated = generating.generate(user, workspace, order)
        items = ScheduledItems(items_of(generated, created_by))
        items.left_out = left_out_of(generated)
        return items


def left_out_of(generated: generating.Generated) -> list[LeftOut]:
    """The videos that got no time on a platform."""
    return [
        LeftOut(row.video_id, PlatformId(row.platform), row.problem)
        for row in generated.rows
        if row.problem
    ]


def items_of(
    generated: generating.Generated, created_by: str
) -> list[ContentScheduleItem]:
    """What has been placed, in the library's shape; two queries."""
    timed = {(row.video_id, row.platform) for row in generated.rows if row.at}
    placements = [
        placement
        for placement in generated.job.placements.select_related("calendar")
        if (placement.video_id, placement.platform) in timed
    ]
    calendars = {placement.calendar_id for placement in placements}
    rows = CalendarItem.objects.filter(calendar__in=calendars).select_related(
        "post__account"
    )
    by_key: dict[tuple[UUID | None, str, str], CalendarItem] = {
        (row.calendar_id, row.content_id, row.platform): row for row in rows
    }
    items = []
    for placement in placements:
        key = (placement.calendar_id, placement.video_id, placement.platform)
        if row := by_key.get(key):
            items.append(item_of(placement, row, created_by))
    return items


def item_of(
    placed: VideoPlacement, item: CalendarItem, created_by: str
) -> ContentScheduleItem:
    """One placement in the library's shape, on its calendar's clock."""
    post = item.post
    zone = placed.calendar.zone if placed.calendar else "UTC"
    state = (
        STATUSES.get(post.state, ScheduleStatus.SCHEDULED)
        if post
        else ScheduleStatus.CANCELED
    )
    format_ = post.chosen_format if post else format_for("video", placed.platform)
    return ContentScheduleItem(
        str(item.pk),
        str(item.calendar_id),
        placed.video_id,
        PlatformId(placed.platform),
        FORMATS[placed.platform, format_],
        placed.at.astimezone(ZoneInfo(zone)),
        zone,
        state,
        placed.key,
        created_by,
        placed.job.name,
        post.scheduled_at if post else None,
    )


class CrossPlatformCoordinator:
    """One video on several platforms."""

    def __init__(self, calendar_manager: ContentCalendarManager) -> None:
        self.manager = calendar_manager

    def coordinate_content_distribution(
        self, video_job_id: str, platforms: Sequence[PlatformId | str], created_by: str
    ) -> dict[PlatformId, str]:
        """The id of its item on each platform, at times that keep apart; asking again
        gives the same ids.
        """
        job = {"id": f"video {video_job_id}"}
        items = ScheduleGenerator(self.manager).generate_schedule_for_bulk_job(
            job, [{"id": video_job_id, "title": video_job_id}], created_by, platforms
        )
        return {item.platform_id: item.id for item in items}

    def optimize_for_platform(
        self, platform: PlatformId | str, data: dict[str, Any]
    ) -> dict[str, Any]:
        """The data with title, description and hashtags as the platform wants them, and
        its hints.
        """
        source = Source(
            first_text(data, "title"),
            first_text(data, "description", "text"),
            tuple(data.get("hashtags") or data.get("tags") or ()),
            KINDS.get(
                first_text(data, "format"), first_text(data, "format") or "video"
            ),
            first_text(data, "mood"),
            first_text(data, "link"),
        )
        adapted = adapt(source, str(PlatformId(platform)))
        hints = dict(adapted.extras)
        if platform == PlatformId.INSTAGRAM:
            hints["story_elements"] = stickers_for(source)
        return data | {
            "title": adapted.title,
            "description": adapted.text,
            "hashtags": list(adapted.hashtags),
            "content_format": FORMATS[adapted.platform, adapted.format],
            **hints,
        }


def integrate_with_bulk_job_workflow(
    calendar_manager: ContentCalendarManager,
    bulk_job: Any,
    video_jobs: Iterable[Any],
    created_by: str,
    target_platforms: Sequence[PlatformId | str] | None = None,
) -> ScheduledItems:
    """The items of the job's videos on the platforms, by default YouTube, TikTok and
    Instagram; `left_out` says what found no time.
    """
    platforms = USUAL_PLATFORMS if target_platforms is None else target_platforms
    return ScheduleGenerator(calendar_manager).generate_schedule_for_bulk_job(
        bulk_job, video_jobs, created_by, platforms
    )
