"""The OpenAPI document: one for all dialects, complete, and changed only on purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import judging
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from judging import pointer

SNAPSHOT = Path(__file__).with_name("openapi.json")
FREE = ({}, {"type": "object", "additionalProperties": True})
RENEW = "python manage.py spectacular --format openapi-json --file tests/guards/openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(
        json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str)
    )
    return made


@pytest.mark.thorough
def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate_schema(document)


def test_the_interface_changes_only_on_purpose(document: dict[str, Any]) -> None:
    assert document == json.loads(SNAPSHOT.read_text()), f"meant? then: {RENEW}"


def api_routes(resolver: URLResolver, prefix: str = "") -> list[str]:
    routes: list[str] = []
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            routes += api_routes(pattern, route)
        elif isinstance(pattern, URLPattern) and route.startswith("api/"):
            routes.append("/" + route)
    return routes


def test_every_api_route_is_in_the_document(document: dict[str, Any]) -> None:
    shapes = {
        path.count("/")
        and "/".join("*" if "{" in part else part for part in path.split("/"))
        for path in document["paths"]
    }
    routes = {
        "/".join("*" if "<" in part else part for part in route.split("/"))
        for route in api_routes(get_resolver())
    }
    assert routes - shapes == set()


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    silent = [
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if not operation.get("description")
    ]
    assert silent == []


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with its name, `GET /path`."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_answer_that_succeeds_is_typed(document: dict[str, Any]) -> None:
    untyped = [
        name
        for name, operation in operations(document)
        for status, answer in operation["responses"].items()
        for part in answer.get("content", {}).values()
        if status < "300" and part["schema"] in FREE
    ]
    # Rules of a line are free: which there are depends on the strategies.
    assert untyped == ["GET /api/v1/config/system/default"]


def test_every_refusal_says_why_and_has_a_body(document: dict[str, Any]) -> None:
    bare = [
        f"{name} {status}"
        for name, operation in operations(document)
        for status, answer in operation["responses"].items()
        if status >= "400" and not (answer["description"] and answer.get("content"))
    ]
    assert bare == []


def test_every_parameter_and_field_is_described(document: dict[str, Any]) -> None:
    parameters = [
        f"{name} {parameter['name']}"
        for name, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    fields = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if not described.get("description")
    ]
    assert parameters + fields == []


def test_names_of_operations_are_unique_and_readable(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    generated = [name for name in names if name.startswith(("api_", "auth_"))]
    assert sorted(set(names)) == sorted(names)
    assert generated == []


def test_headings_are_told_apart(document: dict[str, Any]) -> None:
    used = {operation["tags"][0] for _, operation in operations(document)}
    assert used == {tag["name"] for tag in document["tags"]}


def test_every_door_shows_what_it_answered_once(document: dict[str, Any]) -> None:
    missing = []
    wrong = []
    for name, operation in operations(document):
        method, path = name.split(" ")
        for status, answer in operation["responses"].items():
            part = answer.get("content", {}).get("application/json")
            if part is None or status >= "300" or "example" not in part:
                continue
            judge = judging.judge(pointer((method.lower(), path), "responses", status))
            wrong += [
                f"{name}: {fault.message}"
                for fault in judge.iter_errors(part["example"])
            ]
        if not has_example(operation):
            missing.append(name)
    assert wrong == []
    assert missing == []


def has_example(operation: dict[str, Any]) -> bool:
    """Whether one answer is shown, where there is any as JSON."""
    parts = [
        answer["content"]["application/json"]
        for status, answer in operation["responses"].items()
        if status < "300" and "application/json" in answer.get("content", {})
    ]
    return not parts or any("example" in part for part in parts)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "word"),
    [("/openapi.json", b'"openapi"'), ("/docs", b"swagger"), ("/redoc", b"redoc")],
)
def test_the_documents_are_served_by_ourselves(
    client: Client, path: str, word: bytes
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert word in answer.content.lower()
    assert b"cdn" not in answer.content.lower()
