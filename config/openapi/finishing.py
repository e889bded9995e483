"""Finishing touches of the whole document."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from config.openapi.headings import DESCRIBED
from config.openapi.refusals import ETAG

Document = dict[str, Any]
EXAMPLES = Path(__file__).with_name("examples.json")


def add_versions(
    result: Document, generator: Any, request: Any, public: bool
) -> Document:
    """Say where the versions come from that a door takes in `If-Match`."""
    for methods in result.get("paths", {}).values():
        guarded = [one for one in methods.values() if _takes_version(one)]
        for operation in guarded:
            operation["responses"]["200"]["headers"] = ETAG
        if guarded and "get" in methods:
            methods["get"]["responses"]["200"]["headers"] = ETAG
    return result


def _takes_version(operation: Document) -> bool:
    names = {given["name"] for given in operation.get("parameters", ())}
    return "If-Match" in names


def add_tags(result: Document, generator: Any, request: Any, public: bool) -> Document:
    """Say what each heading is about."""
    result["tags"] = DESCRIBED
    return result


def add_summaries(
    result: Document, generator: Any, request: Any, public: bool
) -> Document:
    """Give each operation the first sentence of its description as its title."""
    for methods in result.get("paths", {}).values():
        for operation in methods.values():
            first, _, _ = operation.get("description", "").partition(". ")
            operation.setdefault("summary", first.strip().rstrip("."))
    return result


def require_bodies(
    result: Document, generator: Any, request: Any, public: bool
) -> Document:
    """Say that a body must be there where a field of it must."""
    schemas = result.get("components", {}).get("schemas", {})
    for methods in result.get("paths", {}).values():
        for operation in methods.values():
            body = operation.get("requestBody", {})
            parts = body.get("content", {}).values()
            if any(_needs_a_field(part["schema"], schemas) for part in parts):
                body["required"] = True
    return result


def _needs_a_field(schema: Document, schemas: Document) -> bool:
    name = schema.get("$ref", "").rpartition("/")[2]
    return bool(schemas.get(name, schema).get("required"))


def add_examples(
    result: Document, generator: Any, request: Any, public: bool
) -> Document:
    """Put the recorded requests and answers to their operations."""
    for name, example in examples().items():
        method, path = name.split(" ")
        operation = result.get("paths", {}).get(path, {}).get(method.lower())
        if operation is None:
            continue
        if "request" in example:
            _put(operation.get("requestBody", {}), example["request"])
        for status, body in example["responses"].items():
            _put(operation["responses"].get(status, {}), body)
    return result


def _put(part: Document, body: Any) -> None:
    content = part.get("content", {})
    if "application/json" in content:
        content["application/json"]["example"] = body


@cache
def examples() -> Document:
    """By `METHOD /path`: a request and the answers by status, as they were recorded."""
    recorded: Document = json.loads(EXAMPLES.read_text())
    return recorded
