"""Which workspace a page works in."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from workspaces.models import Membership, Workspace
from workspaces.selectors import current_membership


class CurrentWorkspace:
    """Adds `request.membership`, found at its first use; it is falsy for somebody who
    belongs to no workspace.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def find() -> Membership | None:
            return current_membership(request.user, request.session.get("workspace"))

        membership = SimpleLazyObject(find)

        def its_workspace() -> Workspace | None:
            return membership.workspace if membership else None

        request.membership = membership  # type: ignore[attr-defined]
        request.workspace = SimpleLazyObject(its_workspace)  # type: ignore[attr-defined]
        return self.get_response(request)
