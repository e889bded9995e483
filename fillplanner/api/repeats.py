"""Many plans at once, a plan once more, and a plan no more."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from common.dialects import flatten
from common.errors import InvalidInput, Problem, Unprocessable
from fillplanner.api.plans import body_of
from fillplanner.api.requests import (
    KEY,
    NO_QUEUE,
    OTHER_KEY_USE,
    PLAN_ID,
    WRONG_LOTS,
    NewPlan,
    PlanAgain,
    plan_id_of,
)
from fillplanner.bodies.plans import NewPlansBody, PlanBody
from fillplanner.services import plans
from fillplanner.wire import accepted, plan_row
from workspaces.doors import ApiRequest
from workspaces.models import User
from workspaces.services.replies import Reply, once

MOST_AT_ONCE = 20


class Batch(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="create_many_schedules",
        parameters=[KEY],
        request=NewPlan(many=True),
        responses={
            202: NewPlansBody,
            400: WRONG_LOTS,
            409: OTHER_KEY_USE,
            429: NO_QUEUE,
        },
    )
    def post(self, request: ApiRequest) -> Response:
        """Check up to twenty requests and start planning all of them, or none when one is wrong."""
        bodies: Any = request.data
        if not isinstance(bodies, list):
            raise Unprocessable(
                "Not valid.", {"body": ["Input should be a valid list"]}
            )
        if not 1 <= len(bodies) <= MOST_AT_ONCE:
            raise InvalidInput(
                f"Give 1 to {MOST_AT_ONCE} schedules (got {len(bodies)})."
            )
        requests, faults = read_all(bodies)

        def make() -> Reply:
            new_plans = plans.create_all(request.user, requests, faults)
            body: NewPlansBody = {
                "schedules": [accepted(plan) for plan in new_plans],
                "total": len(new_plans),
            }
            return Reply(202, body)

        reply = once(
            request.user,
            "plan-batch",
            request.headers.get("Idempotency-Key"),
            bodies,
            make,
        )
        return Response(reply.body, status=reply.status)


def read_all(
    bodies: list[Any],
) -> tuple[dict[int, plans.PlanRequest], dict[int, list[str]]]:
    """The requests that can be read, and what is wrong with the others, by number."""
    requests: dict[int, plans.PlanRequest] = {}
    faults: dict[int, list[str]] = {}
    for number, body in enumerate(bodies):
        try:
            requests[number] = body_of(body)
        except ValidationError as error:
            fields = flatten(error.detail, "body")
            faults[number] = [
                f"{path}: {text}" for path, texts in fields for text in texts
            ]
        except Problem as problem:
            faults[number] = plans.faults_in(problem)
    return requests, faults


class Rerun(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="rerun_schedule",
        parameters=[PLAN_ID, KEY],
        request=PlanAgain,
        responses={
            202: PlanBody,
            400: WRONG_LOTS,
            409: f"It is not finished yet. {OTHER_KEY_USE}",
            429: NO_QUEUE,
        },
    )
    def post(self, request: ApiRequest, plan_id: str) -> Response:
        """Plan the same lots once more, maybe by another strategy or under other rules."""
        number = plan_id_of(plan_id)
        key = request.headers.get("Idempotency-Key")
        reply = rerun_once(request.user, number, request.data or {}, key)
        return Response(reply.body, status=reply.status)


def rerun_once(user: User, number: int, body: Any, key: str | None) -> Reply:
    """Plan again once for each Idempotency-Key. Raises ValidationError by the body's
    fields.
    """
    serializer = PlanAgain(data=body)
    serializer.is_valid(raise_exception=True)
    changes = plans.Changes(**serializer.validated_data)

    def make() -> Reply:
        return Reply(202, accepted(plans.plan_again(user, number, changes)))

    return once(user, f"plan-again:{number}", key, asdict(changes), make)


class Cancel(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="cancel_schedule",
        parameters=[PLAN_ID],
        request=None,
        responses={200: PlanBody, 409: "It is finished already."},
    )
    def post(self, request: ApiRequest, plan_id: str) -> Response:
        """End a plan that is not finished; it counts as failed then."""
        return Response(plan_row(plans.cancel(request.user, plan_id_of(plan_id))))
