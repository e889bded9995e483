"""Topping off and the calendar."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from scheduling import states
from scheduling.api.marketing import queries
from scheduling.api.marketing.queries import TAGS, TENANT
from scheduling.api.marketing.words import naive, post_body
from scheduling.selectors import posts_of
from scheduling.services import channels
from scheduling.topoff import HORIZON_DAYS, LONGEST_HORIZON_DAYS
from workspaces.doors import ApiRequest
from workspaces.roles import Role


class TopOffAnswer(serializers.Serializer[Any]):
    accounts_processed = serializers.IntegerField()
    instances_created = serializers.IntegerField()
    instances_skipped = serializers.IntegerField()
    window_start = serializers.CharField()
    window_end = serializers.CharField()
    message = serializers.CharField()


class TopOff(APIView):
    scope = "posts"

    @extend_schema(
        tags=TAGS, request=None, responses=TopOffAnswer,
        parameters=[TENANT, OpenApiParameter("days", int, description="1 to 90, default 28")],
    )  # fmt: skip
    def post(self, request: ApiRequest) -> Response:
        """Add the missing planned slots of the next days for every active channel account."""
        days = queries.number(request, "days", HORIZON_DAYS, 1, LONGEST_HORIZON_DAYS)
        report = channels.top_off(request.user, queries.tenant(request, Role.EDITOR), days)
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
        tags=TAGS, responses=OpenApiTypes.OBJECT,
        parameters=[TENANT, OpenApiParameter("start_date", str), OpenApiParameter("end_date", str),
                    OpenApiParameter("include_unscheduled", bool)],
    )  # fmt: skip
    def get(self, request: ApiRequest) -> Response:
        """Posts with a time, by UTC date, each day's in order; both ends of the range count."""
        workspace = queries.tenant(request)
        start, end = queries.moment(request, "start_date"), queries.moment(request, "end_date")
        rows = posts_of(request.user, workspace).filter(scheduled_at__isnull=False).order_by("scheduled_at", "pk")
        rows = rows.filter(scheduled_at__gte=start) if start else rows
        rows = rows.filter(scheduled_at__lte=end) if end else rows
        days: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for post in rows:
            body = post_body(post, workspace.slug)
            days[str(post.utc_date)].append(body)
        if request.query_params.get("include_unscheduled", "").lower() not in ("true", "1"):
            return Response(days)
        loose = posts_of(request.user, workspace).filter(scheduled_at__isnull=True).order_by("-created_at", "pk")
        return Response({"scheduled": days, "unscheduled": [post_body(post, workspace.slug) for post in loose]})


class SystemHealth(APIView):
    scope = "posts"

    @extend_schema(tags=TAGS, responses=OpenApiTypes.OBJECT, parameters=[TENANT])
    def get(self, request: ApiRequest) -> Response:
        """How many posts are scheduled, published, failed, and how many slots ahead are empty."""
        rows = posts_of(request.user, queries.tenant(request)).order_by()
        empty = rows.filter(state=states.PLANNED, scheduled_at__gte=timezone.now()).count()
        return Response(
            {
                "scheduled_count": rows.filter(state=states.SCHEDULED).count(),
                "published_count": rows.filter(state=states.PUBLISHED).count(),
                "failed_count": rows.filter(state=states.FAILED).count(),
                "empty_slots": empty,
                "timestamp": timezone.now().isoformat(),
            }
        )
