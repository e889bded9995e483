"""Calendars, timing data and preferences under the library's names."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from calendars.advice import preferences
from calendars.advice import tables as timing
from calendars.advice.access import chain_of, spans_of
from calendars.campaigns.access import access_calendar, calendars_of
from calendars.library.shapes import (
    FORMATS,
    ContentCalendar,
    ContentFormat,
    PlatformId,
    PlatformTimingData,
    UserSchedulingPreferences,
    our_format,
    weekday_names,
    weekday_number,
)
from calendars.models import ContentCalendar as CalendarRow
from calendars.models import PostingRhythm, TimingRow, VideoPlacement
from calendars.video_batches import services as generating
from common.errors import Forbidden, Missing
from common.mappings import Values
from workspaces.models import User, Workspace
from workspaces.selectors import current_membership


class ContentCalendarManager:
    """Calendars, timing data and preferences. `storage_path` is not used: everything is
    in the product's database.
    """

    def __init__(
        self, storage_path: str = "data/content_calendar.db", user: User | None = None
    ) -> None:
        self.acting = user

    def person(self, login: str) -> tuple[User, Workspace]:
        """Who is meant, and their workspace. Raises Missing for nobody, or somebody in
        no workspace.
        """
        user = User.objects.by_login(str(login))
        membership = current_membership(user, None) if user else None
        if user is None or membership is None:
            raise Missing(f"There is nobody called {login} in a workspace.")
        self.acting = self.acting or user
        return user, membership.workspace

    def reader(self) -> User:
        """For whom it reads. Raises Forbidden where nobody is named."""
        if self.acting is None:
            raise Forbidden(
                "Say for whom the manager acts: ContentCalendarManager(user=...)."
            )
        return self.acting

    def create_calendar(
        self,
        name: str,
        created_by: str,
        description: str = "",
        timezone: str = "UTC",
        bulk_job_id: str | None = None,
    ) -> ContentCalendar:
        """A calendar without items; those of a bulk job get one of their own when they
        are generated.
        """
        user, workspace = self.person(created_by)
        row = generating.create_empty(user, workspace, name, timezone)
        return ContentCalendar(
            str(row.pk),
            name,
            created_by,
            description,
            timezone,
            bulk_job_id,
            row.created_at,
        )

    def get_calendar(self, calendar_id: str) -> ContentCalendar | None:
        """None for one that does not exist or that the person may not see."""
        try:
            return calendar_of(
                access_calendar(self.reader(), uuid.UUID(str(calendar_id)))
            )
        except (Missing, ValueError):
            return None

    def list_calendars(self, created_by: str, limit: int = 50) -> list[ContentCalendar]:
        """Those the person made, the newest first."""
        user, workspace = self.person(created_by)
        rows = (
            calendars_of(user, workspace).filter(made_by=user).select_related("made_by")
        )
        return [calendar_of(row) for row in rows[: max(0, limit)]]

    def save_platform_timing_data(self, data: PlatformTimingData) -> None:
        """Replace what holds for the platform and format on those days. Staff only: it
        holds for everybody.
        """
        spans = spans_of(data.peak_hours)
        timing.replace(
            self.reader(),
            str(data.platform_id),
            our_format(data.content_format),
            [weekday_number(day) for day in data.days],
            spans,
            data.weight,
            data.source,
        )

    def get_platform_timing_data(
        self, platform: PlatformId | str, content_format: ContentFormat | None = None
    ) -> list[PlatformTimingData]:
        """What holds today, days with the same hours together."""
        format_ = our_format(content_format)
        rows = TimingRow.objects.on().filter(
            platform=str(platform), **({"format": format_} if format_ else {})
        )
        rhythm = (
            PostingRhythm.objects.on()
            .filter(platform=str(platform), format__in={"", format_})
            .order_by("-format")
            .first()
        )
        return [
            timing_of(list(group), rhythm)
            for _, group in groupby(
                rows.order_by("format", "first_hour", "last_hour", "weight", "weekday"),
                key=_kind,
            )
        ]

    def set_user_scheduling_preferences(
        self, wishes: UserSchedulingPreferences
    ) -> None:
        """Keep them as the person's own, for their platform and format or for all."""
        user, workspace = self.person(wishes.user_id)
        preferences.prefer(
            user,
            workspace,
            values_in(wishes),
            platform=str(wishes.platform_id or ""),
            format_=our_format(wishes.content_format),
        )

    def get_user_scheduling_preferences(
        self, user_id: str, platform: PlatformId | str | None = None
    ) -> UserSchedulingPreferences | None:
        """The person's own for the platform, else for every platform; None when they
        have said nothing.
        """
        user, workspace = self.person(user_id)
        rows = [
            row for row in chain_of(user, workspace, str(platform or "")) if row.user_id
        ]
        if not rows:
            return None
        row = rows[0]
        return UserSchedulingPreferences(
            user_id,
            PlatformId(row.platform) if row.platform else None,
            row.zone,
            row.per_week_least,
            row.per_week_most,
            weekday_names(row.weekdays_off or []),
            row.hours_off or [],
            FORMATS.get((row.platform, row.format)),
            row.quality_threshold,
        )


def values_in(wishes: UserSchedulingPreferences) -> Values:
    """What is wished, by our names for it; None where nothing is."""
    days_off = [weekday_number(day) for day in wishes.days_blacklist]
    return {
        "zone": wishes.timezone,
        "per_week_least": wishes.posting_frequency_min,
        "per_week_most": wishes.posting_frequency_max,
        "weekdays_off": days_off or None,
        "hours_off": wishes.hours_blacklist or None,
        "quality_threshold": wishes.quality_threshold,
    }


def calendar_of(row: CalendarRow) -> ContentCalendar:
    """A calendar in the library's shape; of its jobs the first."""
    maker = row.made_by.username if row.made_by else ""
    return ContentCalendar(
        str(row.pk),
        row.title,
        maker,
        "",
        row.zone,
        first_job_of(row),
        row.created_at,
    )


def first_job_of(calendar: CalendarRow) -> str | None:
    """The name of the first bulk job that placed videos in it; None where none did."""
    placements = VideoPlacement.objects.filter(calendar=calendar)
    placement = placements.select_related("job").first()
    return placement.job.name if placement else None


def _kind(row: TimingRow) -> tuple[Any, ...]:
    """What days have in common that are told together."""
    return row.format, row.first_hour, row.last_hour, row.weight


def timing_of(
    rows: Sequence[TimingRow], rhythm: PostingRhythm | None
) -> PlatformTimingData:
    """What is known of a platform's week in the library's shape.

    rows: of one platform and format, at least one.
    """
    first = rows[0]
    return PlatformTimingData(
        PlatformId(first.platform),
        weekday_names(row.weekday for row in rows),
        [{"start": first.first_hour, "end": first.last_hour}],
        rhythm.per_week_least if rhythm else 0,
        rhythm.per_week_most if rhythm else 0,
        FORMATS.get(first.kind),
        first.source,
        first.weight,
    )
