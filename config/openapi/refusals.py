"""What doors refuse with: the status, why, and the body in the dialect of the path."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse

from common.bodies import OutdatedRefusal, Refusal, SchedulingRefusal
from common.dialects import SCHEDULING_PREFIX

WHY = {
    400: "A rule is broken, or the account is switched off; the text says which.",
    401: "No token or session, or one that is wrong, expired or revoked.",
    403: "The token lacks the scope, or the person the role, that this needs.",
    404: "It does not exist, or it is not the caller's.",
    409: "The thing is in a state that does not allow this.",
    412: (
        "It has changed since you read it; nothing was saved. `detail` says by whom "
        "and when, and what it is now; `ETag` is its version."
    ),
    413: "The body is larger than this takes.",
    415: "The body is of a type that this does not take.",
    422: "Fields or parameters are missing or cannot be read; each is named.",
    429: "Too many requests; `Retry-After` says for how many seconds to wait.",
    503: "A part that this needs does not answer at present.",
}
RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait",
        "schema": {"type": "integer"},
    }
}
ETAG = {
    "ETag": {
        "description": "The version of what can be changed of it, for `If-Match`",
        "schema": {"type": "string"},
    }
}
HEADERS = {412: ETAG, 429: RETRY_AFTER}


def refusal(path: str, status: int, why: str = "") -> OpenApiResponse:
    """One refusal of the door at `path`, described by `why` or as everywhere."""
    return OpenApiResponse(_body(path, status), why or WHY[status])


def _body(path: str, status: int) -> Any:
    if path.startswith(SCHEDULING_PREFIX):
        return SchedulingRefusal
    return OutdatedRefusal if status == 412 else Refusal


def standing(operation: dict[str, Any], view: Any) -> set[int]:
    """The statuses that a door refuses with because of what it is: secured, about one
    thing, with a body or parameters, counted.
    """
    parameters = operation.get("parameters", [])
    names = {parameter["name"] for parameter in parameters}
    places = {parameter["in"] for parameter in parameters}
    is_open = {} in operation.get("security", [{}])
    statuses: set[int] = set() if is_open else {400, 401, 403}
    if _is_about_one(operation, parameters):
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= {413, 415, 422}
    if "query" in places or _has_numbers(parameters):
        statuses.add(422)
    if "If-Match" in names:
        statuses.add(412)
    if "Idempotency-Key" in names:
        statuses.add(409)
    if hasattr(view, "rates"):
        statuses.add(429)
    return statuses


def _is_about_one(operation: dict[str, Any], parameters: list[dict[str, Any]]) -> bool:
    """Whether it is about a thing that is named, be it only the workspace."""
    names = {parameter["name"] for parameter in parameters}
    has_place = any(parameter["in"] == "path" for parameter in parameters)
    return has_place or bool(names & {"tenant_id", "X-Workspace"})


def _has_numbers(parameters: list[dict[str, Any]]) -> bool:
    return any(
        parameter["in"] == "path" and parameter["schema"].get("type") == "integer"
        for parameter in parameters
    )
