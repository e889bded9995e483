"""Figures over plans, the queue and the socket, and one plan for other systems."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.mappings import JsonObject
from fillplanner import states
from fillplanner.api.requests import (
    LISTING,
    chosen,
    page_of,
    plan_id_of,
)
from fillplanner.live.presence import stats
from fillplanner.queue import DEGRADED, HEALTHY, queue_health
from fillplanner.selectors import access_finished, plan_counts, plans_with_rules
from fillplanner.wire import stats_row, structured
from workspaces.doors import ApiRequest
from workspaces.models import User


class QueueReport(serializers.Serializer[Any]):
    """How the planning queue stands, over all people."""

    status = serializers.ChoiceField([HEALTHY, DEGRADED])
    pending = serializers.IntegerField()
    running = serializers.IntegerField()
    oldest_pending_seconds = serializers.FloatField(allow_null=True)
    workers = serializers.IntegerField()
    stuck = serializers.IntegerField(
        help_text="Plans that wait for a worker that is not coming"
    )


class Stats(APIView):
    scope = "plans"

    @extend_schema(
        parameters=LISTING,
    )
    def get(self, request: ApiRequest) -> Response:
        """Counts over all of the caller's plans, and a page of those that the query keeps."""
        rows, counts = page_of(request, chosen(plans_with_rules(request.user), request))
        page = {
            "page": counts["page"],
            "page_size": counts["page_size"],
            "total_filtered": counts["total"],
            "schedules": [stats_row(plan) for plan in rows],
        }
        return Response(totals_of(request.user) | page)


def totals_of(user: User) -> JsonObject:
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

    def get(self, request: ApiRequest, plan_id: str) -> Response:
        """A completed plan in calendar time, for other systems."""
        return Response(structured(access_finished(request.user, plan_id_of(plan_id))))


class Health(APIView):
    scope = "plans"

    @extend_schema(responses=QueueReport)
    def get(self, request: ApiRequest) -> Response:
        """How the planning queue stands: what waits, what runs, who works, what is stuck."""
        report = queue_health()
        return Response({"status": report.status} | asdict(report))


class SocketStats(APIView):
    scope = "plans"

    def get(self, request: ApiRequest) -> Response:
        """How many listen on the plan socket; of channels by name only the caller's."""
        return Response(stats(request.user.pk))
