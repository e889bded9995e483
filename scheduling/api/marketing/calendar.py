"""Topping off and the calendar."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import InvalidInput
from common.mappings import JsonObject
from scheduling.access import posts_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.queries import TENANT
from scheduling.api.marketing.words import naive, post_body
from scheduling.channels import services as channels
from scheduling.channels.topoff import HORIZON_DAYS, LONGEST_HORIZON_DAYS
from scheduling.domain import states
from workspaces.doors import ApiRequest
from workspaces.roles import Role

# What one answer may hold: a web process has to keep all of it in memory.
MOST_POSTS = 50_000
MOST_LOOSE = 1_000


class TopOffAnswer(serializers.Serializer[Any]):
    accounts_processed = serializers.IntegerField()
    instances_created = serializers.IntegerField()
    instances_skipped = serializers.IntegerField()
    window_start = serializers.CharField()
    window_end = serializers.CharField()
    message = serializers.CharField()


class TopOffCalendar(APIView):
    scope = "posts"

    @extend_schema(
        request=None,
        responses=TopOffAnswer,
        parameters=[
            TENANT,
            OpenApiParameter("days", int, description="1 to 90, default 28"),
        ],
    )
    def post(self, request: ApiRequest) -> Response:
        """Add the missing planned slots of the next days for every active channel account."""
        days = queries.number(request, "days", HORIZON_DAYS, 1, LONGEST_HORIZON_DAYS)
        report = channels.top_off(
            request.user, queries.tenant(request, Role.EDITOR), days
        )
        return Response(
            {
                "accounts_processed": report.accounts,
                "instances_created": report.created,
                "instances_skipped": report.skipped,
                "window_start": naive(report.start),
                "window_end": naive(report.end),
                "message": report.message,
            }
        )


class Calendar(APIView):
    scope = "posts"

    @extend_schema(
        parameters=[
            TENANT,
            OpenApiParameter(
                "start_date", str, description="Default: the start of today (UTC)"
            ),
            OpenApiParameter(
                "end_date",
                str,
                description="Default: 31 days after the start; at most 100 days after",
            ),
            OpenApiParameter(
                "include_unscheduled",
                bool,
                description="Adds the newest posts without a time",
            ),
        ],
    )
    def get(self, request: ApiRequest) -> Response:
        """Posts with a time, by UTC date, each day's in order; both ends of the range count."""
        workspace = queries.tenant(request)
        start, end = queries.date_range(request)
        with_untimed = queries.flag(request, "include_unscheduled")
        posts = posts_of(request.user, workspace)
        within = posts.filter(scheduled_at__gte=start, scheduled_at__lte=end)
        timed = within.order_by("scheduled_at", "pk")
        if timed[MOST_POSTS:].exists():
            raise InvalidInput(
                f"There are more than {MOST_POSTS:,} posts in this range. Ask for a shorter one."
            )
        days: dict[str, list[JsonObject]] = defaultdict(list)
        for post in timed.iterator():
            days[str(post.utc_date)].append(post_body(post, workspace.slug))
        if not with_untimed:
            return Response(days)
        untimed = posts.filter(scheduled_at__isnull=True)
        newest = untimed.order_by("-created_at", "pk")[:MOST_LOOSE]
        bodies = [post_body(post, workspace.slug) for post in newest]
        return Response({"scheduled": days, "unscheduled": bodies})


class SystemHealth(APIView):
    scope = "posts"

    @extend_schema(parameters=[TENANT])
    def get(self, request: ApiRequest) -> Response:
        """How many posts are scheduled, published, failed, and how many slots ahead are empty."""
        rows = posts_of(request.user, queries.tenant(request)).order_by()
        empty = rows.filter(
            state=states.PLANNED, scheduled_at__gte=timezone.now()
        ).count()
        return Response(
            {
                "scheduled_count": rows.filter(state=states.SCHEDULED).count(),
                "published_count": rows.filter(state=states.PUBLISHED).count(),
                "failed_count": rows.filter(state=states.FAILED).count(),
                "empty_slots": empty,
                "timestamp": timezone.now().isoformat(),
            }
        )
