"""Figures over plans, the queue and the socket, and one plan for other systems."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from fillplanner import states
from fillplanner.api.requests import (
    LISTING,
    PLAN_ID,
    chosen,
    page_of,
    plan_id_of,
)
from fillplanner.bodies.plans import (
    QueueReportBody,
    SocketStatsBody,
    StatsBody,
    TotalsBody,
)
from fillplanner.bodies.structured import StructuredBody
from fillplanner.live.presence import stats
from fillplanner.queue import queue_health
from fillplanner.selectors import access_finished, plan_counts, plans_with_rules
from fillplanner.wire import stats_row, structured
from workspaces.doors import ApiRequest
from workspaces.models import User


class Stats(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="read_schedule_stats", parameters=LISTING, responses=StatsBody
    )
    def get(self, request: ApiRequest) -> Response:
        """Counts over all of the caller's plans, and a page of those that the query keeps."""
        rows, counts = page_of(request, chosen(plans_with_rules(request.user), request))
        answer: StatsBody = {
            **totals_of(request.user),
            "page": counts["page"],
            "page_size": counts["page_size"],
            "total_filtered": counts["total"],
            "schedules": [stats_row(plan) for plan in rows],
        }
        return Response(answer)


def totals_of(user: User) -> TotalsBody:
    """Counts over all of a person's plans."""
    by_state = dict.fromkeys(states.PLAN.states, 0) | plan_counts(user, "state")
    return {
        "total_schedules": sum(by_state.values()),
        "active_schedules": sum(by_state[state] for state in states.UNFINISHED),
        "completed_schedules": by_state[states.COMPLETED],
        "failed_schedules": by_state[states.FAILED],
        "status_distribution": by_state,
        "strategies_distribution": plan_counts(user, "strategy"),
    }


class Structured(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="read_structured_schedule",
        parameters=[PLAN_ID],
        responses={200: StructuredBody, 400: "The plan has no result."},
    )
    def get(self, request: ApiRequest, plan_id: str) -> Response:
        """A completed plan in calendar time, for other systems."""
        return Response(structured(access_finished(request.user, plan_id_of(plan_id))))


class Health(APIView):
    scope = "plans"

    @extend_schema(operation_id="read_planning_queue", responses=QueueReportBody)
    def get(self, request: ApiRequest) -> Response:
        """How the planning queue stands: what waits, what runs, who works, what is stuck."""
        report = queue_health()
        answer: QueueReportBody = {
            "status": report.status,
            "pending": report.pending,
            "running": report.running,
            "oldest_pending_seconds": report.oldest_pending_seconds,
            "workers": report.workers,
            "stuck": report.stuck,
        }
        return Response(answer)


class SocketStats(APIView):
    scope = "plans"

    @extend_schema(operation_id="read_socket_stats", responses=SocketStatsBody)
    def get(self, request: ApiRequest) -> Response:
        """How many listen on the plan socket; of channels by name only the caller's."""
        return Response(stats(request.user.pk))
