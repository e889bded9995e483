"""One error handler per dialect: the bare `detail` of most APIs, and the envelope of
the scheduling API.

Which one speaks is decided by the path, so that a wrong address below an API is
answered in its dialect too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest
from django.utils import timezone
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from common.edits import etag_of
from common.errors import (
    Forbidden,
    InvalidInput,
    Missing,
    NotSignedIn,
    Outdated,
    Problem,
    TooLarge,
    TooMany,
    Unprocessable,
)
from common.mappings import JsonObject, Values
from common.sent import SOURCES, Sent

SCHEDULING_PREFIX = "/api/v1/scheduling/"
Entry = dict[str, Any]


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler. Unknown exceptions return None and end
    as a logged 500.
    """
    problem = as_problem(error)
    if problem is None:
        return None
    if isinstance(problem, Outdated):
        problem.detail = outdated_detail(problem)
    set_rollback()
    return respond(context["request"], problem, context.get("kwargs") or {})


def respond(request: HttpRequest, problem: Problem, path: Values) -> Response:
    """The problem in the words of the API that `request` addressed.

    path: what its address names.
    """
    body = (
        envelope_body(problem)
        if request.path.startswith(SCHEDULING_PREFIX)
        else detail_body(problem, Sent(request, path))
    )
    response = Response(body, status=problem.status)
    if isinstance(problem, NotSignedIn):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(problem, TooMany):
        response["Retry-After"] = str(problem.retry_after)
    if isinstance(problem, Outdated):
        response["ETag"] = etag_of(problem.now)
    return response


def outdated_detail(problem: Outdated) -> JsonObject:
    """What a program is told whose version of a thing is not the newest; null for what
    nobody knows.
    """
    return {
        "message": "This has changed since you read it. Nothing was saved.",
        "changed_by": problem.by or None,
        "changed_at": problem.at and problem.at.isoformat(),
        "current": problem.current,
    }


def detail_body(problem: Problem, sent: Sent) -> JsonObject:
    """`{"detail": text | object | list}`; a 422 lists its fields with type, place,
    message and input.
    """
    if isinstance(problem, Unprocessable) and problem.fields:
        return {"detail": field_entries(problem.fields, sent)}
    return {"detail": problem.message if problem.detail is None else problem.detail}


def envelope_body(problem: Problem) -> JsonObject:
    """`{error_code, error_message, error_class, request_id, correlation_id, timestamp,
    detail?}`.
    """
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    body = {
        "error_code": problem.code,
        "error_message": problem.message,
        "error_class": error_class(problem),
        "request_id": request_id,
        "correlation_id": request_id,
        "timestamp": timezone.now().isoformat(),
    }
    if isinstance(problem, Unprocessable) and problem.fields:
        return body | {"detail": {"fields": problem.fields}}
    if isinstance(problem, TooMany):
        return body | {"detail": {"retry_after": problem.retry_after}}
    return body if problem.detail is None else body | {"detail": problem.detail}


def error_class(problem: Problem) -> str:
    """Whether the same request may succeed later."""
    return (
        "transient" if problem.status == 429 or problem.status >= 500 else "permanent"
    )


def field_entries(fields: dict[str, list[str]], sent: Sent) -> list[Entry]:
    """One entry per message; `body.lots_data.0` becomes `["body", "lots_data", 0]`."""
    entries = []
    for path, texts in fields.items():
        loc = place(path)
        value = sent.at(loc)
        entries += [
            {
                "type": "missing" if is_missing(text) else "value_error",
                "loc": loc,
                "msg": str(text),
                "input": value,
            }
            for text in texts
        ]
    return entries


def is_missing(text: str) -> bool:
    """Whether a message says that something had to be sent and was not."""
    return getattr(text, "code", "") == "required" or text == "Field required"


def place(path: str) -> list[str | int]:
    """A dotted path in its parts, beginning with where it was sent; numbers become
    places in lists.
    """
    parts = path.split(".")
    if parts[0] not in SOURCES:
        parts.insert(0, "body")
    return [int(part) if part.isdecimal() else part for part in parts]


def as_problem(error: Exception) -> Problem | None:  # noqa: C901 - a table of one line a case
    """Our own family for what the frameworks raise; None for what nobody expected."""
    match error:
        case Problem():
            return error
        case drf.ValidationError():
            return Unprocessable(
                "Some fields are not valid.", dict(flatten(error.detail, "body"))
            )
        case drf.ParseError():
            return Unprocessable(
                "The body is not valid JSON.", {"body": [str(error.detail)]}
            )
        case RequestDataTooBig():
            return TooLarge("The body is larger than 10 MB.")
        case drf.NotAuthenticated():
            return NotSignedIn("Not authenticated")
        case drf.AuthenticationFailed():
            return NotSignedIn("Could not validate credentials")
        case drf.PermissionDenied() | PermissionDenied():
            return Forbidden("You may not do this.")
        case drf.NotFound() | Http404():
            return Missing("Not Found")
        case drf.Throttled():
            return TooMany(
                "Too many requests; slow down.", int(getattr(error, "wait", None) or 1)
            )
        case drf.MethodNotAllowed():
            return other(405, "Method Not Allowed")
        case drf.APIException():
            return other(error.status_code, str(error.detail))
        case DjangoValidationError():
            return InvalidInput(" ".join(error.messages))
    return None


def other(status: int, message: str) -> Problem:
    """A problem with a status that none of our classes has."""
    problem = Problem(message)
    problem.status = status
    return problem


def flatten(detail: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    """Nested serializer errors as dotted paths with their messages."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from flatten(
                inner, path if name == "non_field_errors" else f"{path}.{name}"
            )
    elif isinstance(detail, list) and any(
        isinstance(inner, dict | list) for inner in detail
    ):
        for index, inner in enumerate(detail):
            if inner:
                yield from flatten(inner, f"{path}.{index}")
    else:
        yield path, list(detail) if isinstance(detail, list) else [detail]
