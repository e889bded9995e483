"""Every answer that a test gets from a door of the programming interfaces is held
against the OpenAPI document, and so is every body that a door took.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema_rs
import recording
from django.http import HttpRequest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

Document = dict[str, Any]
Call = tuple[str, str]
# What a door may meet that the document has no place for: a method it does not know,
# and a fault of ours, which the test then fails at.
UNSAID = {405, 500}

ADDRESS = "urn:slotline:openapi"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Takes what is right of a list and says what is wrong with the rest.
IN_PART = {("post", "/api/v1/scheduling/kpi-events")}


@cache
def document() -> Document:
    """The document as it is served, with every answer closed: no field may be missing
    in it.
    """
    made: Document = json.loads(
        json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str)
    )
    for name, schema in made["components"]["schemas"].items():
        if "properties" in schema and not name.endswith("Request"):
            schema.setdefault("additionalProperties", False)
    return made


@cache
def registry() -> jsonschema_rs.Registry:
    """The document where judges look things up: one for all, as it is large."""
    return jsonschema_rs.Registry([(ADDRESS, {"$schema": DIALECT, **document()})])


@cache
def judge(pointer: str) -> Any:
    """A validator of the schema at a JSON pointer of the document."""
    schema = {"$ref": f"{ADDRESS}#{pointer}"}
    return jsonschema_rs.validator_for(
        schema, registry=registry(), validate_formats=True
    )


def path_of(request: HttpRequest) -> str:
    """The address as the document has it: `/api/posts/{post_id}`."""
    match = request.resolver_match
    assert match is not None
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", match.route)


def faults(call: Call, request: Any, response: Any) -> list[str]:
    """What the document says otherwise of this call; nothing for what it does not
    know.
    """
    method, path = call
    operation = document()["paths"].get(path, {}).get(method)
    if operation is None or response.status_code in UNSAID:
        return []
    status = str(response.status_code)
    if status not in operation["responses"]:
        return [f"{status} is not in the document"]
    return [
        *_answer_faults(call, operation, status, response),
        *_body_faults(call, operation, request, response),
    ]


def _answer_faults(
    call: Call, operation: Document, status: str, response: Any
) -> list[str]:
    content = operation["responses"][status].get("content", {})
    if not is_json(response):
        kind = response.headers.get("Content-Type", "").split(";")[0]
        return [] if kind in content else [f"{status} answers {kind}"]
    body = answered(response)
    if "application/json" not in content:
        return [] if body is None else [f"{status} has a body"]
    judged = judge(pointer(call, "responses", status))
    return [f"{status}: {_told(fault)}" for fault in judged.iter_errors(body)]


def _body_faults(
    call: Call, operation: Document, request: Any, response: Any
) -> list[str]:
    """What the document forbids of a body that was taken."""
    taken = operation.get("requestBody", {}).get("content", {})
    body = sent(request)
    is_refused = response.status_code >= 400
    is_free = call in IN_PART or "application/json" not in taken
    if is_refused or body is None or is_free:
        return []
    judged = judge(pointer(call, "requestBody"))
    return [f"body: {_told(fault)}" for fault in judged.iter_errors(body)]


def is_json(response: Any) -> bool:
    """Whether JSON is answered; one of the framework is written later."""
    kind = response.headers.get("Content-Type", "")
    return isinstance(response, Response) or kind == "application/json"


def answered(response: Any) -> Any:
    """The JSON that is answered; None for none."""
    if isinstance(response, Response):
        return json.loads(JSONRenderer().render(response.data) or b"null")
    return json.loads(response.content)


def sent(request: Any) -> Any:
    """The JSON that was sent; None for none."""
    is_json = (request.content_type or "").startswith("application/json")
    data = getattr(request, "_full_data", None) if is_json else None
    return data if isinstance(data, dict | list) and data else None


def pointer(call: Call, *parts: str) -> str:
    method, path = call
    steps = ("paths", path, method, *parts, "content", "application/json", "schema")
    escaped = [step.replace("~", "~0").replace("/", "~1") for step in steps]
    return "/" + "/".join(escaped).replace("{", "%7B").replace("}", "%7D")


def _told(fault: Any) -> str:
    place = "/".join(str(part) for part in fault.instance_path)
    return f"{place}: {fault.message[:300]}"


def note_down(call: Call, request: Any, response: Any) -> None:
    """Offer the call as an example."""
    if response.status_code < 300 and is_json(response):
        body = answered(response)
        recording.note(call, response.status_code, sent(request), body)


def judged(dispatch: Callable[..., Any]) -> Callable[..., Any]:
    """`APIView.dispatch` that refuses to answer what the document does not say."""

    def judging(view: APIView, request: HttpRequest, *args: Any, **named: Any) -> Any:
        response = dispatch(view, request, *args, **named)
        call = ((request.method or "").lower(), path_of(request))
        if found := faults(call, view.request, response):
            raise AssertionError(f"{call}: " + "; ".join(found[:5]))
        if recording.is_on():
            note_down(call, view.request, response)
        return response

    return judging
