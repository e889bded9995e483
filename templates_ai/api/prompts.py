"""The queue dialect's prompt templates."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import Missing
from common.mappings import JsonObject
from templates_ai.models import PromptTemplate
from templates_ai.selectors import access_template, templates_of
from templates_ai.services import (
    activate_template,
    change_template,
    create_template,
    delete_template,
    stored,
    try_prompt,
)
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
    workspace_of,
)

LONGEST_PROMPT = 20_000


class NewPrompt(serializers.Serializer[Any]):
    """A prompt template to be kept."""

    name = serializers.CharField(max_length=120)
    prompt_text = serializers.CharField(
        max_length=LONGEST_PROMPT, trim_whitespace=False
    )
    is_active = serializers.BooleanField(required=False, default=False)


class ChangedPrompt(serializers.Serializer[Any]):
    """What is to be changed; what is missing or null stays."""

    name = serializers.CharField(required=False, allow_null=True, max_length=120)
    prompt_text = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=LONGEST_PROMPT,
        trim_whitespace=False,
    )


class TriedPrompt(serializers.Serializer[Any]):
    """A prompt and the facts to try it with."""

    prompt_text = serializers.CharField(
        max_length=LONGEST_PROMPT, trim_whitespace=False
    )
    filename = serializers.CharField(max_length=4096)
    game_context = serializers.CharField(
        required=False, default="gaming", allow_blank=True, max_length=4096
    )


def row(template: PromptTemplate) -> JsonObject:
    """A template as the dialect has it."""
    return {
        "id": template.pk,
        "name": template.name,
        "prompt_text": template.prompt_text,
        "is_active": template.is_active,
        "created_at": template.created_at.isoformat(),
        "updated_at": template.updated_at.isoformat(),
    }


class Prompts(APIView):
    scope = "posts"

    def get(self, request: ApiRequest) -> Response:
        """The workspace's prompt templates, newest first."""
        templates = templates_of(request.user, workspace_of(request))
        rows = [row(template) for template in templates.order_by("-created_at", "-pk")]
        return Response({"templates": rows, "count": len(rows)})

    @extend_schema(
        request=NewPrompt,
    )
    def post(self, request: ApiRequest) -> Response:
        """Keep a prompt template."""
        fields = read(NewPrompt, request)
        template = create_template(
            request.user,
            workspace_of(request),
            fields["name"],
            fields["prompt_text"],
            active=fields["is_active"],
        )
        return Response(
            {
                "success": True,
                "template_id": template.pk,
                "message": f"Template '{template.name}' created",
            }
        )


class ActivePrompt(APIView):
    scope = "posts"

    def get(self, request: ApiRequest) -> Response:
        """The active prompt template, null when there is none."""
        templates = templates_of(request.user, workspace_of(request))
        active = templates.filter(is_active=True).first()
        if active is None:
            return Response({"template": None, "message": "No active template"})
        return Response({"template": row(active)})


class OnePrompt(APIView):
    scope = "posts"

    @extend_schema(operation_id="read_prompt_template")
    def get(self, request: ApiRequest, template_id: int) -> Response:
        """One prompt template."""
        template = access_template(request.user, template_id)
        return versioned({"template": row(template)}, stored(template))

    @extend_schema(
        request=ChangedPrompt,
        parameters=[IF_MATCH],
    )
    def put(self, request: ApiRequest, template_id: int) -> Response:
        """Change name or text; what was said before stays as a version."""
        changes = {
            name: value
            for name, value in read(ChangedPrompt, request).items()
            if value is not None
        }
        access_template(request.user, template_id)
        if not changes:
            raise Missing("Template not found or nothing to change")
        version = expected_version(request)
        with showing_current(lambda: self.get(request, template_id).data):
            template = change_template(
                request.user, template_id, **changes, expected=version
            )
        body = {"success": True, "message": "Template updated"}
        return versioned(body, stored(template))

    def delete(self, request: ApiRequest, template_id: int) -> Response:
        """Delete a prompt template."""
        delete_template(request.user, template_id)
        return Response({"success": True, "message": "Template deleted"})


class ActivatePrompt(APIView):
    scope = "posts"

    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, template_id: int) -> Response:
        """Make this the one active prompt template."""
        activate_template(request.user, template_id)
        return Response({"success": True, "message": "Template activated"})


class TestPrompt(APIView):
    scope = "posts"

    @extend_schema(
        request=TriedPrompt,
    )
    def post(self, request: ApiRequest) -> Response:
        """Write a text with a prompt without keeping either. `engine` says what wrote
        it, `notes` what was done.
        """
        values = read(TriedPrompt, request)
        text = values.pop("prompt_text")
        result = try_prompt(request.user, workspace_of(request), text, values)
        draft = result.draft
        metadata = {
            "title": draft.title,
            "caption": draft.caption,
            "hashtags": " ".join(draft.hashtags),
        }
        return Response(
            {
                "success": True,
                "metadata": metadata,
                "engine": result.engine,
                "notes": list(result.notes),
            }
        )
