"""Comparisons of the filling dialect: make, list, get, cancel, delete."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from fillplanner.api.lots import LotsField
from fillplanner.api.requests import (
    COMPARISON_ID,
    KEY,
    NAME,
    NO_QUEUE,
    OTHER_KEY_USE,
    PAGES,
    RULES,
    START,
    WRONG_LOTS,
    deleted,
    id_of,
    page_of,
)
from fillplanner.bodies.comparisons import (
    ComparisonBody,
    ComparisonDetailBody,
    ComparisonsBody,
)
from fillplanner.bodies.plans import DoneBody
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
from workspaces.models import User
from workspaces.services.replies import Reply, once

LISTING = [
    *PAGES,
    OpenApiParameter(
        "status",
        str,
        enum=COMPARISON.states,
        description="Only those that are so far",
    ),
]


class NewComparison(serializers.Serializer[Any]):
    """Lots as for a plan, and the strategies to compare, by name or alias."""

    name = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        trim_whitespace=False,
        max_length=LONGEST_NAME,
        help_text=NAME,
    )
    lots_data = LotsField(help_text="The lots; at least one, each `lot_id` once")
    strategies = serializers.ListField(
        child=serializers.CharField(),
        min_length=FEWEST,
        max_length=comparisons.MOST,
        help_text="By name or alias",
    )
    config = serializers.DictField(required=False, allow_null=True, help_text=RULES)
    start_time = serializers.CharField(required=False, allow_null=True, help_text=START)


def comparison_id_of(text: str) -> int:
    """The number in an address. Raises Missing for what is none."""
    return id_of(text, "comparison_id", "Comparison not found")


class Compare(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="create_comparison",
        parameters=[KEY],
        request=NewComparison,
        responses={
            202: ComparisonBody,
            400: WRONG_LOTS,
            409: OTHER_KEY_USE,
            429: NO_QUEUE,
        },
    )
    def post(self, request: ApiRequest) -> Response:
        """Check the lots and plan them by each of the strategies; the answer comes
        before the plans.
        """
        comparison_request = body_of(request.data)
        key = request.headers.get("Idempotency-Key")
        reply = create_once(request.user, comparison_request, key)
        return Response(reply.body, status=reply.status)


def create_once(
    user: User, comparison_request: comparisons.ComparisonRequest, key: str | None
) -> Reply:
    """Make a comparison once for each Idempotency-Key."""

    def make() -> Reply:
        comparison = comparisons.create(user, comparison_request)
        return Reply(202, comparison_accepted(comparison))

    return once(user, "comparisons", key, asdict(comparison_request), make)


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

    @extend_schema(
        operation_id="read_comparison",
        parameters=[COMPARISON_ID],
        responses=ComparisonDetailBody,
    )
    def get(self, request: ApiRequest, comparison_id: str) -> Response:
        """One comparison with the results that are there so far; null before the first."""
        comparison = access_comparison(request.user, comparison_id_of(comparison_id))
        return Response(
            comparison_body(comparison, outcomes(comparison, activities=True))
        )

    @extend_schema(
        operation_id="delete_comparison", parameters=[COMPARISON_ID], responses=DoneBody
    )
    def delete(self, request: ApiRequest, comparison_id: str) -> Response:
        """Delete a comparison with its plans."""
        number = comparison_id_of(comparison_id)
        comparisons.delete(request.user, number)
        return deleted("Comparison", number)


class CancelComparison(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="cancel_comparison",
        parameters=[COMPARISON_ID],
        request=None,
        responses={200: ComparisonBody, 409: "It is finished already."},
    )
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
        operation_id="list_comparisons", parameters=LISTING, responses=ComparisonsBody
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
        answer: ComparisonsBody = {
            "comparisons": [comparison_row(row) for row in page_rows],
            **counts,
        }
        return Response(answer)
