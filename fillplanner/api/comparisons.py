"""Comparisons of the filling dialect: make, list, get, cancel, delete."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from fillplanner.api.requests import KEY, deleted, id_of, page_of
from fillplanner.results.ranking import FEWEST
from fillplanner.selectors import access_comparison, comparisons_of, outcomes
from fillplanner.services import comparisons
from fillplanner.services.plans import LONGEST_NAME
from fillplanner.states import COMPARISON
from fillplanner.wire import (
    comparison_accepted,
    comparison_body,
    comparison_row,
    start_of,
)
from workspaces.doors import ApiRequest
from workspaces.services.replies import Reply, once

LISTING = [
    OpenApiParameter("page", int, description="From 1"),
    OpenApiParameter("page_size", int, description="1 to 100, default 20"),
    OpenApiParameter("status", str, enum=COMPARISON.states),
]


class NewComparison(serializers.Serializer[Any]):
    """Lots as for a plan, and the strategies to compare, by name or alias."""

    name = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        trim_whitespace=False,
        max_length=LONGEST_NAME,
    )
    lots_data = serializers.ListField(child=serializers.JSONField())
    strategies = serializers.ListField(
        child=serializers.CharField(), min_length=FEWEST, max_length=comparisons.MOST
    )
    config = serializers.DictField(required=False, allow_null=True)
    start_time = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="ISO 8601; without offset UTC; default now",
    )


class ComparisonRow(serializers.Serializer[Any]):
    """A comparison without its results."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    strategies = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(COMPARISON.states)
    created_at = serializers.CharField(help_text="UTC without offset")
    started_at = serializers.CharField(allow_null=True)
    completed_at = serializers.CharField(allow_null=True)


class Outcome(serializers.Serializer[Any]):
    """What came of one strategy; figures are null where it failed."""

    strategy = serializers.CharField()
    status = serializers.ChoiceField(sorted(COMPARISON.terminal))
    error_message = serializers.CharField(allow_null=True)
    schedule_id = serializers.IntegerField(
        help_text="The plan, for `GET /schedule/{id}` and its exports"
    )
    makespan = serializers.FloatField(allow_null=True)
    utilization = serializers.FloatField(allow_null=True)
    changeovers = serializers.IntegerField(allow_null=True)
    lots_scheduled = serializers.IntegerField(allow_null=True)
    window_violations = serializers.IntegerField(allow_null=True)
    kpis = serializers.DictField(allow_null=True)
    activities = serializers.ListField(child=serializers.DictField(), allow_null=True)
    lower_bound = serializers.FloatField(
        allow_null=True, help_text="Hours that no plan can stay under"
    )
    gap_percent = serializers.FloatField(allow_null=True)
    solver_status = serializers.CharField(allow_null=True)
    execution_time = serializers.FloatField(allow_null=True, help_text="Seconds")
    score = serializers.FloatField(
        allow_null=True, help_text="10 makespan - 5 utilization + changeovers"
    )


class ComparisonDetail(ComparisonRow):
    best_strategy = serializers.CharField(
        allow_null=True,
        help_text="Fewest missed target times, then shortest, then fewest changeovers",
    )
    recommendation = serializers.CharField(allow_null=True)
    error_message = serializers.CharField(allow_null=True)
    lots_count = serializers.IntegerField()
    lots_hash = serializers.CharField(help_text="SHA-256 of the lots")
    start_time = serializers.CharField()
    results = Outcome(many=True, allow_null=True)


def comparison_id_of(text: str) -> int:
    """The number in an address. Raises Missing for what is none."""
    return id_of(text, "comparison_id", "Comparison not found")


class Compare(APIView):
    scope = "plans"

    @extend_schema(
        parameters=[KEY],
        request=NewComparison,
        responses={
            202: ComparisonRow,
            400: OpenApiResponse(),
            422: OpenApiResponse(),
            429: OpenApiResponse(),
        },
    )
    def post(self, request: ApiRequest) -> Response:
        """Check the lots and plan them by each of the strategies; the answer comes
        before the plans.
        """
        comparison_request = body_of(request.data)

        def make() -> Reply:
            return Reply(
                202,
                comparison_accepted(
                    comparisons.create(request.user, comparison_request)
                ),
            )

        reply = once(
            request.user,
            "comparisons",
            request.headers.get("Idempotency-Key"),
            asdict(comparison_request),
            make,
        )
        return Response(reply.body, status=reply.status)


def body_of(body: Any) -> comparisons.ComparisonRequest:
    """What a body asks for. Raises ValidationError by its fields."""
    serializer = NewComparison(data=body)
    serializer.is_valid(raise_exception=True)
    data = dict(serializer.validated_data)
    return comparisons.ComparisonRequest(
        strategies=data["strategies"],
        rows=data["lots_data"],
        name=data.get("name"),
        config=data.get("config"),
        start_time=start_of(data.get("start_time")),
    )


class OneComparison(APIView):
    scope = "plans"

    @extend_schema(responses=ComparisonDetail)
    def get(self, request: ApiRequest, comparison_id: str) -> Response:
        """One comparison with the results that are there so far; null before the first."""
        comparison = access_comparison(request.user, comparison_id_of(comparison_id))
        return Response(
            comparison_body(comparison, outcomes(comparison, activities=True))
        )

    def delete(self, request: ApiRequest, comparison_id: str) -> Response:
        """Delete a comparison with its plans."""
        number = comparison_id_of(comparison_id)
        comparisons.delete(request.user, number)
        return deleted("Comparison", number)


class CancelComparison(APIView):
    scope = "plans"

    @extend_schema(request=None, responses={200: ComparisonRow, 409: OpenApiResponse()})
    def post(self, request: ApiRequest, comparison_id: str) -> Response:
        """End what is not finished; with a result it counts as completed then, else as failed."""
        return Response(
            comparison_row(
                comparisons.cancel(request.user, comparison_id_of(comparison_id))
            )
        )


class Comparisons(APIView):
    scope = "plans"

    @extend_schema(
        parameters=LISTING,
    )
    def get(self, request: ApiRequest) -> Response:
        """The caller's comparisons, newest first, without results."""
        rows = comparisons_of(request.user)
        status = request.query_params.get("status", "")
        if status:
            rows = (
                rows.filter(state=status)
                if status in COMPARISON.states
                else rows.none()
            )
        page_rows, counts = page_of(request, rows)
        return Response(
            {"comparisons": [comparison_row(row) for row in page_rows], **counts}
        )
