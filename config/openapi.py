"""Finishing touches of the OpenAPI document."""

from __future__ import annotations

from typing import Any


def add_summaries(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Give each operation the first sentence of its description as its title."""
    for methods in result.get("paths", {}).values():
        for operation in methods.values():
            first, _, _ = operation.get("description", "").partition(". ")
            operation.setdefault("summary", first.strip().rstrip("."))
    return result
