"""What every request goes through: headers on answers, and problems as pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import ip_address

import structlog
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_structlog.middlewares import RequestMiddleware

from common.errors import Problem
from common.parsers import clean_fields


class VisitorAddress:
    """Puts the visitor's own address in place of the proxy's: REMOTE_ADDR is whose
    request it is, everywhere after.

    Each of the PROXY_COUNT proxies adds the address it was called from at the right end
    of X-Forwarded-For. What stands further left came with the request and may be
    anything, so it is counted from the right.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        address = visitor_address(forwarded, settings.PROXY_COUNT)
        if address:
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def visitor_address(forwarded: str, proxies: int) -> str | None:
    """The address that the outermost of so many proxies was called from.

    None without proxies, where fewer of them wrote the header than there are, or for
    what is no address.
    """
    entries = [entry.strip() for entry in forwarded.split(",")]
    if not 0 < proxies <= len(entries):
        return None
    return plain_address(entries[-proxies])


def plain_address(entry: str) -> str | None:
    """The address in `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or
    `[2001:db8::1]:443`; None for anything else.
    """
    bracketed = entry.startswith("[")
    host = entry[1:].partition("]")[0] if bracketed else entry
    if not bracketed and host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return str(ip_address(host))
    except ValueError:
        return None


class RequestLog(RequestMiddleware):
    """Logs requests under the visitor's address; what the visitor writes into headers
    is no address.
    """

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """The address that the server names, which has looked behind trusted proxies."""
        structlog.contextvars.bind_contextvars(ip=request.META.get("REMOTE_ADDR"))


class RequestMarks:
    """Returns the id under which the request is logged, so that a report can name it;
    notes when it came.

    `received_ms` (since the epoch): a page that listens for changes must be told of all
    that came after.
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


class CleanText:
    """Makes the texts of addresses and forms clean (`common.texts`) before anybody reads
    them. Programs' bodies are read by `common.parsers`.

    A form is read when it is first asked for, as ever: nobody waits for the files of a
    request that is refused before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.GET = clean_fields(request.GET)  # type: ignore[assignment]
        read = request._load_post_and_files

        def read_clean() -> None:
            read()
            request._post = clean_fields(request._post)  # type: ignore[attr-defined]

        request._load_post_and_files = read_clean  # type: ignore[method-assign]
        return self.get_response(request)


class ContentSecurityPolicy(CSPMiddleware):
    """The strict policy everywhere; what two bought-in pages cannot do without is
    allowed on their paths only.

    The admin theme evaluates expressions in attributes and styles elements from script;
    the API reference draws its own styles and runs its search in a blob worker. None of
    them gets inline scripts.
    """

    LOOSER = {
        "/admin/": {
            "script-src": [SELF, UNSAFE_EVAL],
            "style-src": [SELF, UNSAFE_INLINE],
        },
        "/docs": {"style-src": [SELF, UNSAFE_INLINE]},
        "/redoc": {"style-src": [SELF, UNSAFE_INLINE], "worker-src": [SELF, "blob:"]},
    }

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Looser where a page of others needs it."""
        for prefix, directives in self.LOOSER.items():
            if request.path_info.startswith(prefix):
                response._csp_replace = directives  # type: ignore[attr-defined]  # django-csp's own seam
        return super().process_response(request, response)


class ProblemPages:
    """A problem that a page's view did not handle becomes a page that says what
    happened and what to do.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """A page for what a view raised for the person; None for faults of ours."""
        if not isinstance(error, Problem):
            return None
        return render(
            request, "errors/problem.html", {"problem": error}, status=error.status
        )
