"""How a door is described: by its types, its refusals and its heading."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from config.openapi.bodies import registered
from config.openapi.headings import heading_of
from config.openapi.refusals import HEADERS, refusal, standing

WORKSPACE = OpenApiParameter(
    "X-Workspace",
    str,
    OpenApiParameter.HEADER,
    description="Short name of the workspace; without it your default, else your first",
)
# Where the workspace is the one of the header, not named by `tenant_id`.
OF_A_WORKSPACE = ("calendars.api", "scheduling.api.queue", "templates_ai.api")


class Schema(AutoSchema):
    """Describes a door under the heading of its module.

    `extend_schema(responses=...)` takes a type of a body, or what each status answers
    with: a type or, for a refusal, why it happens. The refusals that every door like
    it has are added.
    """

    def get_operation(self, *details: Any, **named: Any) -> Any:
        """The operation with all its refusals, by status."""
        operation = super().get_operation(*details, **named)
        if operation is None:
            return None
        responses = operation["responses"]
        for status in sorted(standing(operation, self.view)):
            if str(status) not in responses:
                answer = refusal(self.path, status)
                responses[str(status)] = self._get_response_for_code(
                    answer, str(status)
                )
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def get_override_parameters(self) -> list[Any]:
        """The header that names the workspace, where it counts."""
        module = type(self.view).__module__
        is_somebodys = bool(self.view.authentication_classes)
        is_counted = is_somebodys and module.startswith(OF_A_WORKSPACE)
        return [WORKSPACE] if is_counted else []

    def get_tags(self) -> list[str]:
        """The one heading."""
        return [heading_of(type(self.view).__module__)]

    def get_response_serializers(self) -> Any:
        """Doors say what they answer with. Raises ImproperlyConfigured for one that
        does not.
        """
        raise ImproperlyConfigured(f"{self.method} {self.path} names no body.")

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answers = self.get_response_serializers()
        by_status = answers if isinstance(answers, dict) else {200: answers}
        described: dict[str, Any] = {}
        for code, answer in by_status.items():
            status, *media_types = code if isinstance(code, tuple) else (code,)
            made = self._get_response_for_code(
                answer, str(status), media_types or None, direction
            )
            known = described.setdefault(str(status), made)
            known.get("content", {}).update(made.get("content", {}))
        return described

    def _get_response_for_code(
        self,
        serializer: Any,
        status_code: str,
        media_types: Any = None,
        direction: Any = "response",
    ) -> dict[str, Any]:
        status = int(status_code)
        answer = _as_response(serializer)
        if status >= 400 and answer.response is None:
            answer = refusal(self.path, status, str(answer.description))
        body = answer.response
        if _is_type(body):
            body = registered(body, self.registry)
        described = answer.description or "What was asked for."
        answer = OpenApiResponse(body, described, answer.examples)
        made: dict[str, Any] = super()._get_response_for_code(  # type: ignore[no-untyped-call]
            answer, status_code, media_types, direction
        )
        if headers := HEADERS.get(status):
            made["headers"] = headers
        return made


def _as_response(answer: Any) -> OpenApiResponse:
    """What a door says of one status: a text says why it refuses."""
    if isinstance(answer, OpenApiResponse):
        return answer
    if isinstance(answer, str):
        return OpenApiResponse(None, answer)
    return OpenApiResponse(answer)


def _is_type(answer: Any) -> bool:
    """Whether it is a type of a body, and none of the library's own ways to say so."""
    is_theirs = isinstance(answer, dict | OpenApiTypes) or is_serializer(answer)
    return answer is not None and not is_theirs
