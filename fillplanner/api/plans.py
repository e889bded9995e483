"""Schedules of the filling dialect: create, list, get, delete, validate."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.response import Response
from rest_framework.views import APIView

from common.errors import InvalidInput, TooLarge, Unprocessable
from common.mappings import JsonObject, Values
from common.parsers import Form, Json, MultiPart
from fillplanner.api.requests import (
    COMPAT,
    EXPORT_OPTIONS,
    KEY,
    LISTING,
    NO_QUEUE,
    OTHER_KEY_USE,
    PLAN_ID,
    ROWS,
    WRONG_LOTS,
    NewPlan,
    NewPlanFile,
    chosen,
    config_of,
    deleted,
    is_asked,
    page_of,
    plan_id_of,
)
from fillplanner.bodies.plans import (
    DoneBody,
    ExportBody,
    LotsVerdictBody,
    PlanBody,
    PlanDetailBody,
    PlansBody,
)
from fillplanner.bodies.results import OriginalResultBody, ResultBody
from fillplanner.exports.files import XLSX, export, options_of
from fillplanner.models import Plan
from fillplanner.planning.intake import LIMITS, request_from_json
from fillplanner.planning.strategies import DEFAULT
from fillplanner.selectors import access_plan, plans_of
from fillplanner.services import plans
from fillplanner.wire import (
    accepted,
    original_result,
    plan_row,
    result_body,
    start_of,
)
from workspaces.doors import ApiRequest
from workspaces.models import User
from workspaces.services.replies import Reply, once

LOTS_FILES = (".csv", ".xlsx", ".json")
# What each field of a form takes; the first one that is filled counts.
FILE_KINDS = {"csv_file": (".csv",), "lots_file": LOTS_FILES}


class Schedules(APIView):
    """Takes a JSON body, or a form with a file."""

    scope = "plans"
    parser_classes = [Json, MultiPart, Form]

    @extend_schema(
        operation_id="create_schedule",
        parameters=[KEY],
        responses={202: PlanBody, 400: WRONG_LOTS, 409: OTHER_KEY_USE, 429: NO_QUEUE},
        request={"application/json": NewPlan, "multipart/form-data": NewPlanFile},
    )
    def post(self, request: ApiRequest) -> Response:
        """Check the lots and start planning; the answer comes before the plan."""
        is_form = not (request.content_type or "").startswith("application/json")
        plan_request = form_of(request) if is_form else body_of(request.data)

        key = request.headers.get("Idempotency-Key")
        reply = create_once(request.user, plan_request, key)
        return Response(reply.body, status=reply.status)


@extend_schema_view(post=extend_schema(operation_id="create_schedule_from_json"))
class JsonSchedules(Schedules):
    """The same, at the address that clients with JSON alone know."""


def create_once(user: User, plan_request: plans.PlanRequest, key: str | None) -> Reply:
    """Make a plan once for each Idempotency-Key."""

    def make() -> Reply:
        return Reply(202, accepted(plans.create(user, plan_request)))

    return once(user, "plans", key, asdict(plan_request), make)


def body_of(body: Any) -> plans.PlanRequest:
    """What a body asks for. Raises ValidationError by its fields."""
    serializer = NewPlan(data=body)
    serializer.is_valid(raise_exception=True)
    data = dict(serializer.validated_data)
    return plans.PlanRequest(
        rows=data["lots_data"],
        name=data.get("name"),
        strategy=data["strategy"],
        config=data.get("config"),
        start_time=start_of(data.get("start_time")),
    )


def form_of(request: ApiRequest) -> plans.PlanRequest:
    """A form's file under `csv_file`, or under `lots_file` one of any kind that is understood."""
    file = file_of(request)
    form: Values = request.data  # type: ignore[assignment]  # a form, never a list
    data = file.read()
    start = form.get("start_time")
    rows = None
    config = config_of(form.get("config"))
    if str(file.name).lower().endswith(".json"):
        rows, inner, inner_start = lots_of(data)
        config = {**inner, **(config or {})}
        start = start or inner_start
    return plans.PlanRequest(
        rows=rows,
        data=data if rows is None else None,
        name=form.get("name"),
        strategy=form.get("strategy") or DEFAULT,
        config=config,
        start_time=start_of(start),
        sheet=str(form.get("sheet") or ""),
    )


def file_of(request: ApiRequest) -> UploadedFile[bytes]:
    """The form's file of lots. Raises Unprocessable for none, InvalidInput for one of
    another kind and TooLarge.
    """
    name = next((name for name in FILE_KINDS if request.FILES.get(name)), None)
    if name is None:
        raise Unprocessable("Not valid.", {"body.csv_file": ["Field required"]})
    file: UploadedFile[bytes] = request.FILES[name]
    kinds = FILE_KINDS[name]
    if not str(file.name).lower().endswith(kinds):
        raise InvalidInput(f"{name} must be a {' or '.join(kinds)} file.")
    if (file.size or 0) > LIMITS.size:
        raise TooLarge("The file is larger than 10 MB.")
    return file


def lots_of(data: bytes) -> tuple[list[Any], JsonObject, str | None]:
    """Lots, rules and start of a JSON file. Raises InvalidInput."""
    try:
        return request_from_json(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The JSON cannot be used: {error}") from error


class ScheduleList(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="list_schedules", parameters=LISTING, responses=PlansBody
    )
    def get(self, request: ApiRequest) -> Response:
        """The caller's plans, newest first, without results."""
        rows = chosen(plans_of(request.user), request)
        page, counts = page_of(request, rows)
        answer: PlansBody = {
            "schedules": [plan_row(plan) for plan in page],
            **counts,
        }
        return Response(answer)


class OneSchedule(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="read_schedule",
        parameters=[PLAN_ID, COMPAT],
        responses=PlanDetailBody,
    )
    def get(self, request: ApiRequest, plan_id: str) -> Response:
        """One plan; its result is null until it is completed."""
        as_before = is_asked(request, "compat", "original")
        plan = access_plan(request.user, plan_id_of(plan_id))
        result = shown_result(plan, as_before) if has_result(plan) else None
        answer: PlanDetailBody = {**plan_row(plan), "result": result}
        return Response(answer)

    @extend_schema(
        operation_id="delete_schedule",
        parameters=[PLAN_ID],
        responses={200: DoneBody, 409: "It is being planned; cancel it first."},
    )
    def delete(self, request: ApiRequest, plan_id: str) -> Response:
        """Delete a plan with its result."""
        number = plan_id_of(plan_id)
        plans.delete_plan(request.user, number)
        return deleted("Schedule", number)


def shown_result(plan: Plan, as_before: bool) -> ResultBody | OriginalResultBody:
    """A plan's result, on request as the first version's clients read it."""
    if as_before:
        return original_result(plan)
    return result_body(plan.result)


def has_result(plan: Plan) -> bool:
    """Whether it has been planned."""
    return hasattr(plan, "result")


class Export(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="export_schedule",
        parameters=[PLAN_ID, *EXPORT_OPTIONS],
        responses={
            (200, "application/json"): ExportBody,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "text/calendar"): OpenApiTypes.STR,
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "image/png"): OpenApiTypes.BINARY,
            (200, XLSX): OpenApiTypes.BINARY,
            400: "The plan is not finished, or there is no such kind of file.",
        },
    )
    def get(self, request: ApiRequest, plan_id: str) -> HttpResponse:
        """The result as a file: everything as JSON, the activities as CSV or iCalendar,
        or a report to read.
        """
        plan = access_plan(request.user, plan_id_of(plan_id))
        return export(
            plan,
            request.query_params.get("format", "json"),
            options_of(request.query_params),
        )


CHECKED = {
    "oneOf": [
        {"type": "array", "items": {}},
        {
            "type": "object",
            "properties": {"lots_data": {"type": "array", "items": {}}},
            "required": ["lots_data"],
        },
    ],
    "description": "Lots as for a plan, right or wrong, alone or under `lots_data`",
}


class Validate(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="validate_lots",
        parameters=[ROWS],
        request={"application/json": CHECKED},
        responses=LotsVerdictBody,
    )
    def post(self, request: ApiRequest) -> Response:
        """Say what is wrong with a list of lots without making a plan; always 200."""
        rows = (
            request.data.get("lots_data")
            if isinstance(request.data, dict)
            else request.data
        )
        if not isinstance(rows, list):
            raise Unprocessable(
                "Not valid.", {"body": ["Input should be a valid list"]}
            )
        by_row = is_asked(request, "report", "rows")
        report = plans.check(plans.PlanRequest(rows=rows))
        answer: LotsVerdictBody = {
            "valid": report.valid,
            "errors": report.errors,
            "warnings": report.warnings,
            "lots_count": len(rows),
        }
        if by_row:
            answer["rows"] = plans.rows_told(report)
        return Response(answer)
