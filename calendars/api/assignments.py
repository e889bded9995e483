"""Schedule assignments: who works on which item, and how often it was tried."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from calendars import states
from calendars.api.calendar import PAGES, paged
from calendars.api.cursors import Order
from calendars.api.doors import (
    LEAST_PAGE,
    MOST_PAGE,
    PAGE_SIZE,
    DialectView,
    number,
    words,
    workspace_of,
)
from calendars.bodies.schedules import AssignmentsBody
from calendars.campaigns import wire
from calendars.campaigns.access import access_calendar, assignments_of
from calendars.vocabulary import CALENDAR, key_of
from workspaces.doors import ApiRequest

BY_TIME = Order("scheduled_at", ("at", "id"))
SCHEDULE = OpenApiParameter(
    "schedule_id", str, description="Only the items of this calendar"
)
STATUS = OpenApiParameter(
    "status",
    str,
    many=True,
    enum=states.ITEM.states,
    description="Only those in one of these states",
)


class ScheduleAssignments(DialectView):
    @extend_schema(
        operation_id="list_schedule_assignments",
        parameters=[*PAGES, SCHEDULE, STATUS],
        responses=AssignmentsBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """Items as work, in order of time: the worker that has each, or had it last,
        and how often it was tried.
        """
        size = number(request, "page_size", PAGE_SIZE, LEAST_PAGE, MOST_PAGE)
        rows = assignments_of(request.user, workspace_of(request))
        if schedule_id := request.query_params.get("schedule_id"):
            calendar = access_calendar(request.user, key_of(CALENDAR, schedule_id))
            rows = rows.filter(calendar=calendar)
        if chosen := words(request, "status", states.ITEM.states):
            rows = rows.filter(state__in=chosen)
        token = request.query_params.get("page_token")
        page, next_token = BY_TIME.page(rows, token, size)
        data = [wire.assignment_body(row) for row in page]
        answer: AssignmentsBody = {"data": data, "page": paged(next_token, size)}
        return Response(answer)
