"""What every page does alike: one template for the page and for its live piece, and
refusals as messages.
"""

from __future__ import annotations

from types import TracebackType

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from common.errors import Problem
from common.mappings import TemplateContext

# What the person may not do or know of: no message on a page, but the answer itself.
CLOSED = (403, 404)
CLASHING = 409
TO_MEND = 422


def render_page(
    request: HttpRequest,
    page: str,
    fragment: str,
    context: TemplateContext,
    status: int = 200,
) -> HttpResponse:
    """Render `fragment` for a request made by htmx for a piece of the page, else
    `page`, which includes it.
    """
    partial = (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-Boosted") != "true"
    )
    if partial and status == CLASHING:
        # Pages swap in what is to be mended, and only report other refusals.
        status = TO_MEND
    response = render(request, fragment if partial else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


class RefusalsTold:
    """Within `with`, a service's refusal becomes a message on the page shown next; a
    closed door stays closed.

    What follows the refused call inside the block is left out, so a block may return
    where success leads to.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(problem, Problem) or problem.status in CLOSED:
            return False
        messages.error(self.request, problem.message)
        # What was typed is not done with: see `workspaces.sent_forms`.
        self.request.was_refused = True  # type: ignore[attr-defined]
        return True
