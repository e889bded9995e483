"""Topping off and the calendar."""

from __future__ import annotations

from collections import defaultdict

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common.bodies import Day, Instant
from common.errors import InvalidInput
from scheduling.access import posts_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.bodies import PostBody
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
CalendarDays = dict[str, list[PostBody]]
DAYS = queries.counted(
    "days",
    1,
    LONGEST_HORIZON_DAYS,
    HORIZON_DAYS,
    "How many days from today on are filled",
)
START_DATE = OpenApiParameter(
    "start_date",
    description="The begin of the range, an ISO date or date and time, UTC unless it "
    "has an offset; default: the start of today, or 31 days before `end_date`",
)
END_DATE = OpenApiParameter(
    "end_date",
    description="Its end, in the same way; default: 31 days after the start; at most "
    "100 days after it",
)
INCLUDE_UNSCHEDULED = OpenApiParameter(
    "include_unscheduled",
    {"type": "boolean", "default": False},
    description="Adds the newest posts without a time: the answer is an object with "
    "`scheduled` and `unscheduled` then",
)


class CalendarWithUnscheduled(TypedDict):
    """Posts by day, and those without a time."""

    scheduled: dict[Day, list[PostBody]]
    """By UTC date (`2026-12-24`), each day's in order."""
    unscheduled: list[PostBody]
    """The newest posts without a time, at most a thousand."""


class TopOffReport(TypedDict):
    """What topping off has added."""

    accounts_processed: int
    """How many active channel accounts there are."""
    instances_created: int
    """How many empty slots were added."""
    instances_skipped: int
    """How many slots were there already."""
    window_start: str
    """The begin of the days that were filled: UTC without offset, to the second."""
    window_end: str
    """Their end, in the same way."""
    message: str
    """For people to read."""


class PostCounts(TypedDict):
    """How many posts a workspace has, by what became of them."""

    scheduled_count: int
    """Posts that wait for their time."""
    published_count: int
    """Posts that went out."""
    failed_count: int
    """Posts that did not."""
    empty_slots: int
    """Empty slots from now on."""
    timestamp: Instant
    """When they were counted."""


class TopOffCalendar(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="top_off",
        request=None,
        responses=TopOffReport,
        parameters=[TENANT, DAYS],
    )
    def post(self, request: ApiRequest) -> Response:
        """Add the missing planned slots of the next days for every active channel account."""
        days = queries.number(request, "days", HORIZON_DAYS, 1, LONGEST_HORIZON_DAYS)
        report = channels.top_off(
            request.user, queries.tenant(request, Role.EDITOR), days
        )
        body: TopOffReport = {
            "accounts_processed": report.accounts,
            "instances_created": report.created,
            "instances_skipped": report.skipped,
            "window_start": naive(report.start),
            "window_end": naive(report.end),
            "message": report.message,
        }
        return Response(body)


class Calendar(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_calendar",
        parameters=[TENANT, START_DATE, END_DATE, INCLUDE_UNSCHEDULED],
        responses=CalendarDays | CalendarWithUnscheduled,
    )
    def get(self, request: ApiRequest) -> Response:
        """Posts with a time, by UTC date, each day's in order. Both ends of the range
        count.
        """
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
        days: CalendarDays = defaultdict(list)
        for post in timed.iterator():
            days[str(post.utc_date)].append(post_body(post, workspace.slug))
        if not with_untimed:
            return Response(days)
        untimed = posts.filter(scheduled_at__isnull=True)
        newest = untimed.order_by("-created_at", "pk")[:MOST_LOOSE]
        whole: CalendarWithUnscheduled = {
            "scheduled": days,
            "unscheduled": [post_body(post, workspace.slug) for post in newest],
        }
        return Response(whole)


class SystemHealth(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="count_posts",
        parameters=[TENANT],
        responses=PostCounts,
    )
    def get(self, request: ApiRequest) -> Response:
        """How many posts are scheduled, published, failed, and how many slots ahead are empty."""
        rows = posts_of(request.user, queries.tenant(request)).order_by()
        empty = rows.filter(
            state=states.PLANNED, scheduled_at__gte=timezone.now()
        ).count()
        counts: PostCounts = {
            "scheduled_count": rows.filter(state=states.SCHEDULED).count(),
            "published_count": rows.filter(state=states.PUBLISHED).count(),
            "failed_count": rows.filter(state=states.FAILED).count(),
            "empty_slots": empty,
            "timestamp": timezone.now().isoformat(),
        }
        return Response(counts)
