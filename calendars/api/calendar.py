"""Content calendars: make one, look at it page by page, list them, cancel one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from calendars import states
from calendars.api.cursors import Order
from calendars.api.doors import (
    LEAST_PAGE,
    MOST_PAGE,
    PAGE_SIZE,
    DialectView,
    number,
    word,
    words,
)
from calendars.api.shapes import NewCalendar, calendar_request
from calendars.bodies.paging import PageBody
from calendars.bodies.schedules import (
    CallbackSecretBody,
    PlatformMetricsBody,
    ScheduleBody,
    ScheduleDetailBody,
    SchedulesBody,
)
from calendars.campaigns import services as calendars
from calendars.campaigns import wire
from calendars.campaigns.access import (
    access_calendar,
    calendars_of,
    callbacks_of,
    conflicting_items_of,
    items_of,
    metrics_of,
)
from calendars.campaigns.callbacks import signing_secret
from calendars.campaigns.conflicts import conflicts_by_item
from calendars.campaigns.progress import (
    NOTHING,
    Standing,
    milliseconds,
    standing_of,
    standings,
)
from calendars.models import ContentCalendar
from calendars.vocabulary import CALENDAR, key_of, wire_platform
from common.mappings import Record
from workspaces.doors import ApiRequest, read, workspace_of
from workspaces.roles import Role
from workspaces.selectors import require_role

EXPAND = ("items", "conflicts", "callbacks", "metrics")
SORTS = {
    "created_at": ("position",),
    "updated_at": ("updated_at", "position"),
    "scheduled_time": ("at", "position"),
}
PAGES = [
    OpenApiParameter(
        "page_token", str, description="next_page_token of the page before"
    ),
    OpenApiParameter("page_size", int, description="10 to 200, default 50"),
]
CALENDAR_ID = OpenApiParameter(
    "calendar_id", str, OpenApiParameter.PATH, description="The calendar's id"
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Repeats within a day give the first answer",
)
CALENDAR_STATE = OpenApiParameter(
    "state",
    str,
    many=True,
    enum=states.CALENDAR.states,
    description="Only those in one of these states",
)
ITEM_STATE = OpenApiParameter(
    "state",
    str,
    many=True,
    enum=states.ITEM.states,
    description="Only items in one of these states",
)


class Calendars(DialectView):
    @extend_schema(
        operation_id="list_schedule_calendars",
        parameters=[*PAGES, CALENDAR_STATE],
        responses=SchedulesBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's calendars, newest first, each with its progress."""
        size = number(request, "page_size", PAGE_SIZE, LEAST_PAGE, MOST_PAGE)
        rows = calendars_of(request.user, workspace_of(request))
        if chosen := words(request, "state", states.CALENDAR.states):
            rows = rows.filter(state__in=chosen)
        order = Order("created_at", ("created_at", "id"), descending=True)
        page, next_token = order.page(
            rows, request.query_params.get("page_token"), size
        )
        standing_by_id = standings(row.pk for row in page)
        data = [calendar_row(row, standing_by_id.get(row.pk)) for row in page]
        answer: SchedulesBody = {"data": data, "page": paged(next_token, size)}
        return Response(answer)

    @extend_schema(
        operation_id="create_schedule_calendar",
        request=NewCalendar,
        parameters=[KEY],
        responses={
            201: ScheduleBody,
            409: "A time is taken, or the key came with another request before.",
        },
    )
    def post(self, request: ApiRequest) -> Response:
        """Make a calendar of 1 to 1000 items; with a key, once however often it is sent
        within a day.
        """
        workspace = workspace_of(request)
        data = read(NewCalendar, request)
        reply = calendars.create_once(
            request.user,
            workspace,
            request.headers.get("Idempotency-Key"),
            request.data,
            lambda key: calendar_request(data, key),
            body_of,
        )
        headers = {"Idempotent-Replayed": "true"} if reply.replayed else {}
        return Response(reply.body, status=reply.status, headers=headers)


class OneCalendar(DialectView):
    @extend_schema(
        operation_id="read_schedule_calendar",
        responses=ScheduleDetailBody,
        parameters=[
            CALENDAR_ID,
            *PAGES,
            ITEM_STATE,
            OpenApiParameter(
                "expand",
                str,
                many=True,
                enum=EXPAND,
                description="What the calendar comes with",
            ),
            OpenApiParameter(
                "sort",
                str,
                enum=tuple(SORTS),
                description="What items are ordered by; the first unless told",
            ),
            OpenApiParameter(
                "order",
                str,
                enum=("asc", "desc"),
                description="Rising or falling; `asc` unless told",
            ),
        ],
    )
    def get(self, request: ApiRequest, calendar_id: str) -> Response:
        """One calendar with its progress; with `expand`, a page of its items and what
        else was asked for.
        """
        # A word that nobody knows is wrong even where no items are asked for.
        ItemQuery.of(request)
        calendar = access_calendar(request.user, key_of(CALENDAR, calendar_id))
        # What it may come with is added.
        body = cast("ScheduleDetailBody", body_of(calendar))
        for name in words(request, "expand", EXPAND):
            EXPANSIONS[name](request, calendar, body)
        return Response(body)


class Cancel(DialectView):
    @extend_schema(
        operation_id="cancel_schedule_calendar",
        parameters=[CALENDAR_ID],
        request=None,
        responses={200: ScheduleBody, 409: "It is over already."},
    )
    def post(self, request: ApiRequest, calendar_id: str) -> Response:
        """Cancel what has not gone out yet."""
        current = access_calendar(request.user, key_of(CALENDAR, calendar_id))
        calendar = calendars.cancel(request.user, current.pk)
        return Response(wire.calendar_body(calendar, standing_of(calendar)))


class Secret(DialectView):
    @extend_schema(operation_id="read_callback_secret", responses=CallbackSecretBody)
    def get(self, request: ApiRequest) -> Response:
        """What the workspace's callbacks are signed with. Managers."""
        workspace = workspace_of(request)
        require_role(request.user, workspace, Role.MANAGER)
        answer: CallbackSecretBody = {
            "tenant_id": workspace.slug,
            "secret": signing_secret(workspace.pk),
        }
        return Response(answer)


def body_of(calendar: ContentCalendar) -> ScheduleBody:
    """A calendar with its counts, which are asked for."""
    return wire.calendar_body(calendar, standing_of(calendar))


def calendar_row(calendar: ContentCalendar, standing: Standing | None) -> ScheduleBody:
    """A calendar with counts that were asked for with others'; None for one without
    items.
    """
    return wire.calendar_body(calendar, standing or Standing(dict(NOTHING)))


def paged(next_token: str | None, size: int) -> PageBody:
    """What follows each list: the token of the next page, None on the last."""
    return {"next_page_token": next_token, "page_size": size}


# --- what a calendar can be asked to come with
# -----------------------------------------------------------


@dataclass(frozen=True)
class ItemQuery:
    """Which items are wanted, of `?state=`, in which order, of `?sort=` and `?order=`."""

    size: int
    states: tuple[str, ...]
    order: Order

    @classmethod
    def of(cls, request: ApiRequest) -> ItemQuery:
        """Raises Unprocessable for what none of them can be."""
        size = number(request, "page_size", PAGE_SIZE, LEAST_PAGE, MOST_PAGE)
        sort = word(request, "sort", tuple(SORTS))
        direction = word(request, "order", ("asc", "desc"))
        order = Order(sort, SORTS[sort], descending=direction == "desc")
        return cls(size, words(request, "state", states.ITEM.states), order)


def add_items(
    request: ApiRequest, calendar: ContentCalendar, body: ScheduleDetailBody
) -> None:
    """The part `items`: a page of those that are asked for. Raises InvalidInput for a
    page token that is none.
    """
    query = ItemQuery.of(request)
    rows = items_of(calendar).shown()
    if query.states:
        rows = rows.filter(state__in=query.states)
    token = request.query_params.get("page_token")
    page, next_token = query.order.page(rows, token, query.size)
    body["items"] = [wire.item_body(item) for item in page]
    body["page"] = paged(next_token, query.size)


def add_conflicts(
    request: ApiRequest, calendar: ContentCalendar, body: ScheduleDetailBody
) -> None:
    """The part `conflicts`: what stands in the way of open items."""
    pairs = conflicts_by_item(conflicting_items_of(calendar), calendar.workspace)
    body["conflicts"] = wire.conflict_rows(pairs)


def add_callbacks(
    request: ApiRequest, calendar: ContentCalendar, body: ScheduleDetailBody
) -> None:
    """The part `callbacks`: what was sent to the caller's address, or is on its way."""
    body["callbacks"] = wire.callback_rows(callbacks_of(calendar))


def add_metrics(
    request: ApiRequest, calendar: ContentCalendar, body: ScheduleDetailBody
) -> None:
    """The part `metrics`: counts, tries and the mean delay in milliseconds by platform."""
    rows = [platform_metrics(row) for row in metrics_of(calendar)]
    body["metrics"] = {"platforms": rows}


def platform_metrics(row: Record) -> PlatformMetricsBody:
    """A calendar's counts on one platform."""
    return {
        "platform": wire_platform(row["platform"]),
        "items_total": row["total"],
        "tries": row["tries"] or 0,
        "average_delay_ms": milliseconds(row["delay"]),
        "items_pending": row["n_pending"],
        "items_scheduled": row["n_scheduled"],
        "items_published": row["n_published"],
        "items_skipped": row["n_skipped"],
        "items_failed": row["n_failed"],
        "items_canceled": row["n_canceled"],
    }


EXPANSIONS = {
    "items": add_items,
    "conflicts": add_conflicts,
    "callbacks": add_callbacks,
    "metrics": add_metrics,
}
