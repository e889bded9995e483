"""Query parameters of the marketing dialect, read and checked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter

from common.errors import Unprocessable
from common.zones import parse_instant
from workspaces.doors import ApiRequest
from workspaces.models import Workspace
from workspaces.roles import Role
from workspaces.selectors import access_workspace

# What a calendar shows that is not asked for dates, and the most that it shows at once.
MONTH = timedelta(days=31)
LONGEST_RANGE = timedelta(days=100)
TRUE = ("true", "1", "yes", "on")
FALSE = ("", "false", "0", "no", "off")
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
SHORT_NAME = "The workspace's short name"
TENANT = OpenApiParameter("tenant_id", str, required=True, description=SHORT_NAME)


def counted(
    name: str, least: int, most: int, default: int, description: str
) -> OpenApiParameter:
    """The description of a whole number in a query."""
    bounds = {"type": "integer", "minimum": least, "maximum": most}
    return OpenApiParameter(
        name,
        bounds | {"default": default},
        description=description,
    )


def place(name: str, description: str) -> OpenApiParameter:
    """The description of an id in a path."""
    return OpenApiParameter(name, UUID, OpenApiParameter.PATH, description=description)


PAGE = [
    counted("limit", 1, 1000, 100, "The most that are listed"),
    counted("offset", 0, 10**9, 0, "How many are left out before them"),
]


def tenant(
    request: ApiRequest, needed: Role = Role.VIEWER, slug: str | None = None
) -> Workspace:
    """The workspace named by `tenant_id`. Raises Unprocessable when it is left out,
    Missing when it is not the user's.
    """
    slug = slug or required(request, "tenant_id")
    return access_workspace(request.user, slug, needed)


def required(request: ApiRequest, name: str) -> str:
    """A text. Raises Unprocessable when it is left out."""
    text = request.query_params.get(name)
    if not text:
        raise not_valid(name, "Field required")
    return text


def not_valid(name: str, problem: str) -> Unprocessable:
    """What is raised for a parameter that cannot be read; `problem` says why."""
    return Unprocessable("Not valid.", {f"query.{name}": [problem]})


def number(request: ApiRequest, name: str, default: int, least: int, most: int) -> int:
    """A whole number in [least, most]. Raises Unprocessable otherwise."""
    value = whole_number(name, request.query_params.get(name, str(default)))
    if not least <= value <= most:
        raise not_valid(name, f"Input should be between {least} and {most}")
    return value


def whole_number(name: str, text: str) -> int:
    """The parameter's number. Raises Unprocessable for what is none."""
    try:
        return int(text)
    except ValueError:
        raise not_valid(name, "Input should be a valid integer") from None


def page(request: ApiRequest) -> slice:
    """The rows that `limit` and `offset` ask for, the first hundred unless told. Raises
    Unprocessable for what is no number, and for more than a thousand rows.
    """
    limit = number(request, "limit", 100, 1, 1000)
    first = number(request, "offset", 0, 0, 10**9)
    return slice(first, first + limit)


def moment(request: ApiRequest, name: str) -> datetime | None:
    """An instant, aware UTC; without offset it is UTC. Raises Unprocessable for an
    unreadable one.
    """
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return instant_of(text)
    except ValueError:
        raise not_valid(name, "Input should be a valid datetime") from None


def instant_of(text: str) -> datetime:
    """Aware UTC; a date alone is its first moment. Raises ValueError."""
    # A "+" in a query that was not encoded arrives as a blank.
    iso = text.replace(" ", "+") if "T" in text else f"{text}T00:00:00"
    return parse_instant(iso).astimezone(UTC)


def date_range(request: ApiRequest) -> tuple[datetime, datetime]:
    """`start_date` and `end_date`, both aware UTC; a month from the given one, or from
    the start of today, UTC.

    Raises Unprocessable for an end before the start and for more than a hundred days.
    """
    start, end = completed_range(
        moment(request, "start_date"), moment(request, "end_date")
    )
    check_order("start_date", start, "end_date", end)
    if end - start > LONGEST_RANGE:
        days = LONGEST_RANGE.days
        problem = f"The range is longer than {days} days. Ask for a shorter one."
        raise not_valid("end_date", problem)
    return start, end


def check_order(
    first: str, start: datetime | None, last: str, end: datetime | None
) -> None:
    """Raises Unprocessable for a range that ends before it begins.

    first, last: the names of the two parameters.
    """
    if start and end and end < start:
        raise not_valid(last, f"{last} is before {first}.")


def word(request: ApiRequest, name: str, allowed: Iterable[str]) -> str:
    """One of the words; blank when it is left out. Raises Unprocessable for another."""
    text = request.query_params.get(name, "")
    known = list(allowed)
    if text and text not in known:
        raise not_valid(name, f"Input should be one of: {', '.join(known)}")
    return text


def completed_range(
    start: datetime | None, end: datetime | None
) -> tuple[datetime, datetime]:
    """Both ends, the one that is missing a month away from the other."""
    if start is None:
        start = max(end, EARLIEST + MONTH) - MONTH if end else start_of_today()
    return start, end or min(start, LATEST - MONTH) + MONTH


def start_of_today() -> datetime:
    """Midnight in UTC; aware."""
    now = timezone.now().astimezone(UTC)
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def flag(request: ApiRequest, name: str) -> bool:
    """Yes or no; no when it is left out. Raises Unprocessable for another word."""
    text = request.query_params.get(name, "").lower()
    if text not in TRUE + FALSE:
        raise not_valid(name, "Input should be true or false")
    return text in TRUE


def identifier(request: ApiRequest, name: str) -> UUID | None:
    """A UUID. Raises Unprocessable for another text."""
    text = request.query_params.get(name)
    try:
        return UUID(text) if text else None
    except ValueError:
        raise not_valid(name, "Input should be a valid UUID") from None
