"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from workspaces.selectors import memberships_of


def workspaces(request: HttpRequest) -> dict[str, Any]:
    """The user's workspaces for the header's selector, and the server's time for countdowns."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"workspaces": [], "now": timezone.now()}
    return {"workspaces": [row.workspace for row in memberships_of(request.user)], "now": timezone.now()}
