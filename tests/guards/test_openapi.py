"""The OpenAPI document: one for all dialects, complete, and changed only on purpose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

SNAPSHOT = Path(__file__).with_name("openapi.json")
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
