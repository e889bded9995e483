"""Finishing touches of the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes

# Headings of the document, by the module that the door is in or begins with; the longest
# counts.
HEADINGS = {
    "calendars.api": "Scheduling",
    "fillplanner.api": "Filling plans",
    "fillplanner.api.comparisons": "Comparisons of filling plans",
    "fillplanner.api.webhooks": "Notices",
    "scheduling.api.marketing": "Marketing",
    "scheduling.api.queue": "Posting queue",
    "templates_ai.api": "AI templates",
    "workspaces.api": "Signing in",
}


VERSION = {
    "ETag": {
        "description": "The version of what can be changed of it, for `If-Match`",
        "schema": {"type": "string"},
    }
}
OUTDATED = {
    "description": (
        "It has changed since you read it; nothing was saved. `detail` says by whom "
        "(`changed_by`) and when (`changed_at`), null where nobody knows, and what it is "
        "now (`current`); `ETag` is its version."
    )
}


class Schema(AutoSchema):
    """Describes a door under the heading of its module. A door that does not say what it
    answers with answers with some JSON object.
    """

    def get_response_serializers(self) -> Any:
        """What is not described otherwise."""
        return OpenApiTypes.OBJECT

    def get_tags(self) -> list[str]:
        """The one heading."""
        module = type(self.view).__module__
        names = [name for name in HEADINGS if module.startswith(name)]
        return [HEADINGS[max(names, key=len)]]


def add_versions(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Describe what a door that takes `If-Match` answers to another version, and where
    versions come from.
    """
    for methods in result.get("paths", {}).values():
        guarded = [one for one in methods.values() if _takes_version(one)]
        for operation in guarded:
            operation["responses"]["412"] = OUTDATED
            operation["responses"]["200"]["headers"] = VERSION
        if guarded and "get" in methods:
            methods["get"]["responses"]["200"]["headers"] = VERSION
    return result


def _takes_version(operation: dict[str, Any]) -> bool:
    names = {given["name"] for given in operation.get("parameters", ())}
    return "If-Match" in names


def add_summaries(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Give each operation the first sentence of its description as its title."""
    for methods in result.get("paths", {}).values():
        for operation in methods.values():
            first, _, _ = operation.get("description", "").partition(". ")
            operation.setdefault("summary", first.strip().rstrip("."))
    return result
