"""What every request goes through: headers on answers, and problems as pages."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from common.errors import Problem


class RequestMarks:
    """Returns the id under which the request is logged, so that a report can name it; notes when it came.

    `received_ms` (since the epoch): a page that listens for changes must be told of all that came after.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.received_ms = time.time_ns() // 1_000_000  # type: ignore[attr-defined]
        # Taken before the view runs: the logging context may be cleared while the answer is made.
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class ContentSecurityPolicy(CSPMiddleware):
    """The strict policy everywhere; what two bought-in pages cannot do without is allowed on their paths only.

    The admin theme evaluates expressions in attributes and styles elements from script; the API reference
    draws its own styles and runs its search in a blob worker. None of them gets inline scripts.
    """

    LOOSER = {
        "/admin/": {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]},
        "/docs": {"style-src": [SELF, UNSAFE_INLINE]},
        "/redoc": {"style-src": [SELF, UNSAFE_INLINE], "worker-src": [SELF, "blob:"]},
    }

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        for prefix, directives in self.LOOSER.items():
            if request.path_info.startswith(prefix):
                response._csp_replace = directives  # type: ignore[attr-defined]  # django-csp's own seam
        return super().process_response(request, response)


class ProblemPages:
    """A problem that a page's view did not handle becomes a page that says what happened and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Problem):
            return None
        return render(request, "errors/problem.html", {"problem": error}, status=error.status)
