"""Query parameters of the marketing dialect, read and checked."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter

from common.errors import Unprocessable
from common.zones import parse_instant
from workspaces.doors import ApiRequest
from workspaces.models import Workspace
from workspaces.roles import Role
from workspaces.selectors import access_workspace

TAGS = ["Marketing"]
TENANT = OpenApiParameter("tenant_id", str, required=True, description="The workspace's short name")


def tenant(request: ApiRequest, needed: Role = Role.VIEWER, slug: str | None = None) -> Workspace:
    """The workspace named by `tenant_id`. Raises Unprocessable when it is left out, Missing when it is not the
    user's."""
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
        raise Unprocessable("Not valid.", {f"query.{name}": ["Input should be a valid integer"]}) from None
    if not least <= value <= most:
        raise Unprocessable("Not valid.", {f"query.{name}": [f"Input should be between {least} and {most}"]})
    return value


def moment(request: ApiRequest, name: str) -> datetime | None:
    """An instant, aware UTC; without offset it is UTC. Raises Unprocessable for an unreadable one."""
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        # A "+" in a query that was not encoded arrives as a blank.
        return parse_instant(text.replace(" ", "+") if "T" in text else f"{text}T00:00:00").astimezone(UTC)
    except ValueError:
        raise Unprocessable("Not valid.", {f"query.{name}": ["Input should be a valid datetime"]}) from None


def identifier(request: ApiRequest, name: str) -> UUID | None:
    """A UUID. Raises Unprocessable for another text."""
    text = request.query_params.get(name)
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Unprocessable("Not valid.", {f"query.{name}": ["Input should be a valid UUID"]}) from None
