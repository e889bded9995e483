"""What clients send to the filling API, as JSON or as a form with a file."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from common import json_fields as serializers
from common.errors import InvalidInput, Missing, Unprocessable
from common.mappings import JsonObject
from common.numbers import whole_number
from common.pagination import numbered
from fillplanner.exports.ics import EVENTS
from fillplanner.models import Plan
from fillplanner.planning.strategies import DEFAULT
from fillplanner.services.plans import LONGEST_NAME
from fillplanner.states import PLAN
from workspaces.doors import ApiRequest

LAST_PAGE = 100_000
LARGEST_PAGE = 100
LISTING = [
    OpenApiParameter("page", int, description="From 1"),
    OpenApiParameter("page_size", int, description="1 to 100, default 20"),
    OpenApiParameter("status", str, enum=PLAN.states),
    OpenApiParameter("strategy", str),
    OpenApiParameter("search", str, description="Part of the name"),
]
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Repeats give the first answer",
)
EXPORT_OPTIONS = [
    OpenApiParameter(
        "format",
        str,
        enum=["json", "csv", "xlsx", "excel", "pdf", "ics", "png"],
        default="json",
    ),
    OpenApiParameter(
        "include_charts", bool, default=True, description="Pictures in xlsx and pdf"
    ),
    OpenApiParameter(
        "bom",
        bool,
        default=False,
        description="csv: begin with a byte order mark, as Excel likes it",
    ),
    OpenApiParameter(
        "figures",
        bool,
        default=False,
        description="csv: columns with bound, gap, solver and runtime",
    ),
    OpenApiParameter(
        "events",
        str,
        enum=EVENTS,
        default="activities",
        description="ics: what becomes an event",
    ),
]
COMPAT = OpenApiParameter(
    "compat", str, enum=["original"], description="Adds the first version's result keys"
)

ROWS = OpenApiParameter(
    "report",
    str,
    enum=["rows"],
    description="Adds `rows`: row, field and message of each fault",
)


class NewPlan(serializers.Serializer[Any]):
    """A plan to be made. Each lot needs `lot_id`, `lot_type`, `vials` and `fill_hours`."""

    name = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        trim_whitespace=False,
        max_length=LONGEST_NAME,
    )
    lots_data = serializers.ListField(child=serializers.JSONField())
    strategy = serializers.CharField(required=False, default=DEFAULT)
    config = serializers.DictField(required=False, allow_null=True)
    start_time = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="ISO 8601; without offset UTC; default now",
    )


class NewPlanFile(serializers.Serializer[Any]):
    """A plan to be made from a file with the columns `Lot ID, Type, Vials`: under
    `csv_file` a CSV file, or under `lots_file` a CSV file, a workbook or a JSON
    document.
    """

    csv_file = serializers.FileField(required=False)
    lots_file = serializers.FileField(required=False, help_text=".csv, .xlsx or .json")
    sheet = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Name of the workbook's sheet; default the first visible one with rows",
    )
    name = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_NAME
    )
    strategy = serializers.CharField(required=False, default=DEFAULT)
    config = serializers.CharField(
        required=False, allow_blank=True, help_text="A JSON object"
    )
    start_time = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)


class PlanAgain(serializers.Serializer[Any]):
    """What a plan that is made again takes instead of the old one's; what is missing or
    null stays.
    """

    strategy = serializers.CharField(required=False, allow_null=True)
    config = serializers.DictField(
        required=False, allow_null=True, help_text="Replaces all rules"
    )
    name = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=LONGEST_NAME
    )


class PlanRow(serializers.Serializer[Any]):
    """A plan without its result."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    strategy = serializers.CharField()
    status = serializers.ChoiceField(PLAN.states)
    created_at = serializers.CharField(help_text="UTC without offset")
    started_at = serializers.CharField(allow_null=True)
    completed_at = serializers.CharField(allow_null=True)
    error_message = serializers.CharField(allow_null=True)
    start_time = serializers.CharField()


class PlanDetail(PlanRow):
    result = serializers.DictField(allow_null=True)


class Verdict(serializers.Serializer[Any]):
    """What is said of a list of lots."""

    valid = serializers.BooleanField()
    # The name is the wire's own.
    errors = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]
    warnings = serializers.ListField(child=serializers.CharField())
    lots_count = serializers.IntegerField()
    rows = serializers.ListField(child=serializers.DictField(), required=False)


def config_of(text: str | None) -> JsonObject | None:
    """The rules in a form's field. Raises InvalidInput unless it is a JSON object."""
    if not text:
        return None
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("config is not valid JSON.") from None
    if not isinstance(config, dict):
        raise InvalidInput("config must be a JSON object.")
    return config


def chosen(rows: QuerySet[Plan], request: ApiRequest) -> QuerySet[Plan]:
    """The plans that the query's `status`, `strategy` and `search` keep."""
    query = {
        name: request.query_params.get(name, "")
        for name in ("status", "strategy", "search")
    }
    if "\x00" in "".join(query.values()):
        return rows.none()
    conditions = {
        "state": query["status"],
        "strategy": query["strategy"],
        "name__found": query["search"].strip(),
    }
    return rows.filter(**{name: text for name, text in conditions.items() if text})


def number_of(request: ApiRequest, name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most` of the query. Raises Unprocessable."""
    text = request.query_params.get(name, str(default))
    number = whole_number(text)
    if number is None or not 1 <= number <= most:
        raise Unprocessable(
            "Not valid.",
            {f"query.{name}": [f"Input should be a whole number from 1 to {most}"]},
        )
    return number


def is_asked(request: ApiRequest, name: str, word: str) -> bool:
    """Whether an option of the query, which may only be this word, is given. Raises
    Unprocessable for another.
    """
    text = request.query_params.get(name, "")
    if text not in ("", word):
        raise Unprocessable(
            "Not valid.", {f"query.{name}": [f"Input should be {word}"]}
        )
    return bool(text)


def page_of(
    request: ApiRequest, query: QuerySet[Any]
) -> tuple[list[Any], dict[str, int]]:
    """The page of rows that the query asks for, and the counts of the whole; two
    queries. Raises Unprocessable.
    """
    page = number_of(request, "page", 1, LAST_PAGE)
    size = number_of(request, "page_size", 20, LARGEST_PAGE)
    return numbered(query, page, size)


def plan_id_of(text: str) -> int:
    """The number in an address. Raises Missing for what is none."""
    return id_of(text, "schedule_id", "Schedule not found")


def deleted(kind: str, number: int) -> Response:
    """That something is gone."""
    message = f"{kind} {number} deleted successfully"
    return Response({"message": message, "detail": None})


def id_of(text: str, name: str, missing: str) -> int:
    """The id in an address. Raises Unprocessable for one that is no number, Missing for
    an absurd one.
    """
    if not text.isascii() or not text.isdigit():
        raise Unprocessable(
            "Not valid.", {f"path.{name}": ["Input should be a valid integer"]}
        )
    number = whole_number(text)
    if number is None:
        raise Missing(missing)
    return number
