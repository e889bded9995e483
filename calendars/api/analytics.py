"""Analytics for programs: what posts came to in a range of days."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from calendars.api.doors import DialectView, bad_parameter
from calendars.bodies.results import (
    AnalyticsBody,
    BestTimeBody,
    CountsBody,
    ResultsBody,
    SumsBody,
)
from calendars.results.analytics import Counts, counts_of
from calendars.results.weekly_sums import (
    BestTime,
    Range,
    Results,
    Sums,
    ranked,
    results_of,
)
from calendars.vocabulary import wire_platform
from common.errors import Unprocessable
from common.wall_clocks import day_in
from scheduling.access import access_channel
from workspaces.doors import ApiRequest, workspace_of

USUAL = timedelta(days=28)
LONGEST = timedelta(days=366)


class Analytics(DialectView):
    @extend_schema(
        operation_id="read_analytics",
        parameters=[
            OpenApiParameter(
                "start_date",
                OpenApiTypes.DATE,
                description="The first day; 28 days before the end unless told",
            ),
            OpenApiParameter(
                "end_date",
                OpenApiTypes.DATE,
                description="The day after the last one; tomorrow unless told",
            ),
            OpenApiParameter(
                "channel_account_id",
                OpenApiTypes.UUID,
                description="Only this channel's posts",
            ),
        ],
        responses=AnalyticsBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """What posts came to from `start_date` to before `end_date` (local days, by
        default the last 28).
        """
        workspace = workspace_of(request)
        period = period_in(request)
        results = results_of(request.user, workspace, period)
        counts = counts_of(
            request.user, workspace, period.start, period.end, period.account
        )
        answer: AnalyticsBody = {**body(period, results), **counts_body(counts)}
        return Response(answer)


def period_in(request: ApiRequest) -> Range:
    """Raises InvalidInput for what is no date or id, Unprocessable for dates that
    contradict, Missing for a foreign channel.
    """
    today = timezone.now().date()
    end = _date(request, "end_date") or today + timedelta(days=1)
    start = _date(request, "start_date") or end - USUAL
    if not start < end <= start + LONGEST:
        text = f"end_date must be 1 to {LONGEST.days} days after start_date."
        raise Unprocessable(
            "The dates contradict each other.", {"query.end_date": [text]}
        )
    return Range(start, end, _channel(request))


def _date(request: ApiRequest, name: str) -> date | None:
    """The day of a parameter; None for none. Raises InvalidInput."""
    text = request.query_params.get(name)
    if not text:
        return None
    day = day_in(text)
    if day is None:
        raise bad_parameter(
            name, f"{name}: “{text[:20]}” is no day such as 2026-11-30."
        )
    return day


def _channel(request: ApiRequest) -> UUID | None:
    """The channel that is asked about, None for all of them. Raises InvalidInput for
    what is no id, Missing for a foreign one.
    """
    text = request.query_params.get("channel_account_id")
    if not text:
        return None
    try:
        key = UUID(text)
    except ValueError as error:
        why = "channel_account_id: not a UUID"
        raise bad_parameter("channel_account_id", why) from error
    return access_channel(request.user, key).pk


def body(period: Range, results: Results) -> ResultsBody:
    """Results of a period as the dialect has them; rates are shares from 0 to 1."""
    return {
        "start_date": period.start.isoformat(),
        "end_date": period.end.isoformat(),
        "total_measured": results.total.posts,
        "average_engagement_rate": results.total.rate,
        "totals": sums_body(results.total),
        "best_performing_times": [best_time_body(best) for best in results.best_times],
        "platform_performance": {
            wire_platform(name): sums_body(sums)
            for name, sums in ranked(results.by_platform)
        },
        "content_format_performance": {
            name or "unknown": sums_body(sums)
            for name, sums in ranked(results.by_format)
        },
        "trend": [
            {"date": day.isoformat(), **sums_body(sums)}
            for day, sums in results.by_day.items()
        ],
        "hours": [
            {"weekday": day, "hour": hour, **sums_body(sums)}
            for (day, hour), sums in results.by_hour.items()
        ],
        "optimization_recommendations": results.sentences,
    }


def best_time_body(best: BestTime) -> BestTimeBody:
    """An hour that did well."""
    return {
        "hour": best.hour,
        "average_engagement": best.engagement,
        "sample_size": best.sample,
    }


def counts_body(counts: Counts) -> CountsBody:
    """How many posts there were, in all and by platform."""
    return {
        "total_scheduled": counts.total,
        "total_posted": counts.published,
        "total_failed": counts.failed,
        "platform_distribution": {
            wire_platform(name): count for name, count in counts.by_platform.items()
        },
    }


def sums_body(sums: Sums) -> SumsBody:
    """Sums by their names, with their mean rate, None where nothing is rated."""
    return {
        "posts": sums.posts,
        "rated": sums.rated,
        "views": sums.views,
        "impressions": sums.impressions,
        "clicks": sums.clicks,
        "saves": sums.saves,
        "shares": sums.shares,
        "comments": sums.comments,
        "watch_time_seconds": sums.watch_time_seconds,
        "engagement_rate": sums.rate,
    }
