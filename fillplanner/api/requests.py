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
from common.pagination import PageCounts, Row, numbered
from fillplanner.api.lots import LotsField
from fillplanner.bodies.plans import DoneBody
from fillplanner.exports.ics import EVENTS
from fillplanner.models import Plan
from fillplanner.planning.strategies import DEFAULT
from fillplanner.services.plans import LONGEST_NAME
from fillplanner.states import PLAN
from workspaces.doors import ApiRequest

LAST_PAGE = 100_000
LARGEST_PAGE = 100
PAGES = [
    OpenApiParameter("page", int, description="From 1; the first unless told"),
    OpenApiParameter("page_size", int, description="1 to 100, default 20"),
]
LISTING = [
    *PAGES,
    OpenApiParameter(
        "status", str, enum=PLAN.states, description="Only those that are so far"
    ),
    OpenApiParameter("strategy", str, description="Only those made by this strategy"),
    OpenApiParameter("search", str, description="Part of the name"),
]
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Repeats give the first answer",
)
PLAN_ID = OpenApiParameter(
    "plan_id", int, OpenApiParameter.PATH, description="The plan's number"
)
COMPARISON_ID = OpenApiParameter(
    "comparison_id",
    int,
    OpenApiParameter.PATH,
    description="The comparison's number",
)
TEMPLATE_ID = OpenApiParameter(
    "template_id",
    int,
    OpenApiParameter.PATH,
    description="The config template's number",
)
WEBHOOK_ID = OpenApiParameter(
    "webhook_id", int, OpenApiParameter.PATH, description="The webhook's number"
)
EXPORT_OPTIONS = [
    OpenApiParameter(
        "format",
        str,
        enum=["json", "csv", "xlsx", "excel", "pdf", "ics", "png"],
        default="json",
        description="The kind of file",
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
NAME = "What the owner calls it; without one it is named by strategy and time"
STRATEGY = "A strategy's name or alias, see `GET /api/v1/strategies`"
RULES = "The line's rules; what is missing is as usual, unknown keys are refused"
START = "When the line begins: ISO 8601, without offset UTC; default now"
NO_QUEUE = "As many plans as one person may have at once are not finished yet."
WRONG_LOTS = "Lots, rules, strategy or start cannot be used; `detail` says why."
OTHER_KEY_USE = "The `Idempotency-Key` came with another request before."


class NewPlan(serializers.Serializer[Any]):
    """A plan to be made."""

    name = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        trim_whitespace=False,
        max_length=LONGEST_NAME,
        help_text=NAME,
    )
    lots_data = LotsField(help_text="The lots; at least one, each `lot_id` once")
    strategy = serializers.CharField(
        required=False, default=DEFAULT, help_text=STRATEGY
    )
    config = serializers.DictField(required=False, allow_null=True, help_text=RULES)
    start_time = serializers.CharField(required=False, allow_null=True, help_text=START)


class NewPlanFile(serializers.Serializer[Any]):
    """A plan to be made from a file with the columns `Lot ID, Type, Vials`: under
    `csv_file` a CSV file, or under `lots_file` a CSV file, a workbook or a JSON
    document.
    """

    csv_file = serializers.FileField(required=False, help_text=".csv")
    lots_file = serializers.FileField(required=False, help_text=".csv, .xlsx or .json")
    sheet = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Name of the workbook's sheet; default the first visible one with rows",
    )
    name = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_NAME,
        help_text=NAME,
    )
    strategy = serializers.CharField(
        required=False, default=DEFAULT, help_text=STRATEGY
    )
    config = serializers.CharField(
        required=False, allow_blank=True, help_text=f"{RULES}; a JSON object"
    )
    start_time = serializers.CharField(
        required=False, allow_blank=True, help_text=START
    )
    description = serializers.CharField(
        required=False, allow_blank=True, help_text="Taken and not kept"
    )


class PlanAgain(serializers.Serializer[Any]):
    """What a plan that is made again takes instead of the old one's; what is missing or
    null stays.
    """

    strategy = serializers.CharField(
        required=False, allow_null=True, help_text=STRATEGY
    )
    config = serializers.DictField(
        required=False, allow_null=True, help_text="Replaces all rules"
    )
    name = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=LONGEST_NAME,
        help_text=NAME,
    )


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
    query = request.query_params
    return narrowed(
        rows,
        state=query.get("status", ""),
        strategy=query.get("strategy", ""),
        search=query.get("search", ""),
    )


def narrowed(
    rows: QuerySet[Plan], *, state: str = "", strategy: str = "", search: str = ""
) -> QuerySet[Plan]:
    """The plans in this state, by this strategy, with this in their names; blank keeps
    all.
    """
    if "\x00" in state + strategy + search:
        return rows.none()
    conditions = {
        "state": state,
        "strategy": strategy,
        "name__found": search.strip(),
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


def page_of(request: ApiRequest, query: QuerySet[Row]) -> tuple[list[Row], PageCounts]:
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
    done: DoneBody = {"message": message, "detail": None}
    return Response(done)


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
