"""Query parameters of the marketing dialect, read and checked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter

from common.errors import InvalidInput, Unprocessable
from common.zones import parse_instant
from workspaces.doors import ApiRequest
from workspaces.models import Workspace
from workspaces.roles import Role
from workspaces.selectors import access_workspace

TAGS = ["Marketing"]
# What a calendar shows that is not asked for dates, and the most that it shows at once.
MONTH = timedelta(days=31)
LONGEST_RANGE = timedelta(days=100)
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
TENANT = OpenApiParameter(
    "tenant_id", str, required=True, description="The workspace's short name"
)


def tenant(
    request: ApiRequest, needed: Role = Role.VIEWER, slug: str | None = None
) -> Workspace:
    """The workspace named by `tenant_id`. Raises Unprocessable when it is left out,
    Missing when it is not the user's.
    """
    slug = slug or request.query_params.get("tenant_id")
    if not slug:
        raise Unprocessable("Not valid.", {"query.tenant_id": ["Field required"]})
    return access_workspace(request.user, slug, needed)


def number(request: ApiRequest, name: str, default: int, least: int, most: int) -> int:
    """A whole number in [least, most]. Raises Unprocessable otherwise."""
    text = request.query_params.get(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise Unprocessable(
            "Not valid.", {f"query.{name}": ["Input should be a valid integer"]}
        ) from None
    if not least <= value <= most:
        raise Unprocessable(
            "Not valid.",
            {f"query.{name}": [f"Input should be between {least} and {most}"]},
        )
    return value


def moment(request: ApiRequest, name: str) -> datetime | None:
    """An instant, aware UTC; without offset it is UTC. Raises Unprocessable for an
    unreadable one.
    """
    text = request.query_params.get(name)
    if not text:
        return None
    # A "+" in a query that was not encoded arrives as a blank.
    iso = text.replace(" ", "+") if "T" in text else f"{text}T00:00:00"
    try:
        return parse_instant(iso).astimezone(UTC)
    except ValueError:
        raise Unprocessable(
            "Not valid.", {f"query.{name}": ["Input should be a valid datetime"]}
        ) from None


def date_range(request: ApiRequest) -> tuple[datetime, datetime]:
    """`start_date` and `end_date`, both aware UTC; a month from the given one, or from
    the start of today, UTC.

    Raises InvalidInput for an end before the start and for more than a hundred days.
    """
    start = moment(request, "start_date")
    end = moment(request, "end_date")
    if start is None:
        now = timezone.now().astimezone(UTC)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        start = max(end, EARLIEST + MONTH) - MONTH if end else today
    end = end or min(start, LATEST - MONTH) + MONTH
    if end < start:
        raise InvalidInput("end_date is before start_date.")
    if end - start > LONGEST_RANGE:
        raise InvalidInput(
            f"The range is longer than {LONGEST_RANGE.days} days. Ask for a shorter one at a time."
        )
    return start, end


def identifier(request: ApiRequest, name: str) -> UUID | None:
    """A UUID. Raises Unprocessable for another text."""
    text = request.query_params.get(name)
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Unprocessable(
            "Not valid.", {f"query.{name}": ["Input should be a valid UUID"]}
        ) from None
