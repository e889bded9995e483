"""What became of a calendar, under the library's names."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from calendars import states
from calendars.advice import reasons
from calendars.campaigns.access import access_calendar
from calendars.library.manager import ContentCalendarManager
from calendars.library.shapes import CalendarAnalytics
from calendars.models import CalendarItem, KpiEvent
from calendars.models import ContentCalendar as CalendarRow
from calendars.results import weekly_sums
from common.mappings import JsonObject

# From so many posts on a platform or weekday something is said of it, from so many with
# high confidence.
LEAST_SAMPLES = 5
SURE_PLATFORM = 20
SURE_DAY = 15
GOOD_DAY = 0.05


class CalendarAnalyticsEngine:
    """What became of a calendar, and what its results say."""

    def __init__(self, calendar_manager: ContentCalendarManager) -> None:
        self.manager = calendar_manager

    def generate_calendar_analytics(self, calendar_id: str) -> CalendarAnalytics:
        """Raises Missing for a calendar that does not exist or belongs to others."""
        calendar = access_calendar(self.manager.reader(), uuid.UUID(str(calendar_id)))
        results = measured(calendar)
        counts = CalendarItem.objects.filter(calendar=calendar).aggregate(
            total=Count("pk"),
            posted=Count("pk", filter=Q(state=states.PUBLISHED)),
            failed=Count("pk", filter=Q(state=states.FAILED)),
        )
        by_platform = (
            CalendarItem.objects.filter(calendar=calendar)
            .order_by()
            .values_list("platform")
            .annotate(n=Count("pk"))
        )
        return CalendarAnalytics(
            str(calendar.pk),
            counts["total"],
            counts["posted"],
            counts["failed"],
            results.total.rate,
            [
                {
                    "hour": best.hour,
                    "average_engagement": best.engagement,
                    "sample_size": best.sample,
                }
                for best in results.best_times
            ],
            dict(by_platform),
            {
                name: sums.rate
                for name, sums in results.by_format.items()
                if sums.rate is not None
            },
            results.sentences,
        )

    def optimize_schedule_timing(self, calendar_id: str) -> list[JsonObject]:
        """Advice by platform and weekday where enough posts were measured."""
        results = measured(
            access_calendar(self.manager.reader(), uuid.UUID(str(calendar_id)))
        )
        platforms = [
            platform_advice(name, sums)
            for name, sums in results.by_platform.items()
            if sums.rated >= LEAST_SAMPLES
        ]
        days = weekly_sums.added(
            (day, sums) for (day, _), sums in results.by_hour.items()
        )
        good = (
            (day, sums)
            for day, sums in days.items()
            if sums.rated >= LEAST_SAMPLES and (sums.rate or 0) > GOOD_DAY
        )
        return platforms + [day_advice(day, sums) for day, sums in good]


def measured(calendar: CalendarRow) -> weekly_sums.Results:
    """The newest measurement of each of the calendar's own posts, summed."""
    events = list(
        KpiEvent.objects.filter(
            post__calendar_item__calendar=calendar, latest=True
        ).select_related("account")
    )
    parts = [(event, sums_of(event)) for event in events]
    since = timezone.now().date() - timedelta(days=weekly_sums.RECENT_DAYS)
    return weekly_sums.Results(
        sum((sums for _, sums in parts), weekly_sums.NOTHING),
        weekly_sums.added((event.posted_date, sums) for event, sums in parts),
        weekly_sums.added(
            ((event.posted_date.weekday(), event.posted_hour), sums)
            for event, sums in parts
        ),
        weekly_sums.added((event.account.platform, sums) for event, sums in parts),
        weekly_sums.added((event.format, sums) for event, sums in parts),
        sum(1 for event in events if event.posted_date >= since),
    )


def sums_of(event: KpiEvent) -> weekly_sums.Sums:
    """One measurement as sums of one post."""
    rate = event.rate
    return weekly_sums.Sums(
        1,
        int(rate is not None),
        rate or 0.0,
        event.views or 0,
        event.impressions or 0,
        event.clicks or 0,
        event.saves or 0,
        event.shares or 0,
        event.comments or 0,
        event.watch_time_seconds or 0.0,
    )


def platform_advice(name: str, sums: weekly_sums.Sums) -> JsonObject:
    """What the library says of a platform that does well."""
    text = f"{sums.rate or 0:.1%} mean engagement over {sums.rated} posts"
    return {
        "type": "platform_timing",
        "platform": name,
        "recommendation": text,
        "confidence": confidence(sums, SURE_PLATFORM),
    }


def day_advice(day: int, sums: weekly_sums.Sums) -> JsonObject:
    """What the library says of a weekday that does well, 0 being Monday."""
    name = reasons.DAYS[day]
    text = f"{name} does well: {sums.rate or 0:.1%} over {sums.rated} posts"
    return {
        "type": "day_optimization",
        "day": name.lower(),
        "recommendation": text,
        "confidence": confidence(sums, SURE_DAY),
    }


def confidence(sums: weekly_sums.Sums, enough: int) -> str:
    """`high` where at least so many posts have a rate, else `medium`."""
    return "high" if sums.rated >= enough else "medium"
