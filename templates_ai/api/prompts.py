"""The queue dialect's prompt templates."""

from __future__ import annotations

from typing import Any, NotRequired

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.bodies import Instant
from common.errors import Missing
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
PROMPT = "What the engine is asked; `{filename}` and `{game_context}` are filled in"
SAME_NAME = "There is a template of this name already."
PROMPT_ID = OpenApiParameter(
    "template_id",
    int,
    OpenApiParameter.PATH,
    description="The prompt template's number",
)


class NewPrompt(serializers.Serializer[Any]):
    """A prompt template to be kept."""

    name = serializers.CharField(max_length=120, help_text="What it is called")
    prompt_text = serializers.CharField(
        max_length=LONGEST_PROMPT, trim_whitespace=False, help_text=PROMPT
    )
    is_active = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Whether texts are written with it from now on",
    )


class ChangedPrompt(serializers.Serializer[Any]):
    """What is to be changed; what is missing or null stays."""

    name = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=120,
        help_text="What it is called",
    )
    prompt_text = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=LONGEST_PROMPT,
        trim_whitespace=False,
        help_text=PROMPT,
    )


class TriedPrompt(serializers.Serializer[Any]):
    """A prompt and the facts to try it with."""

    prompt_text = serializers.CharField(
        max_length=LONGEST_PROMPT, trim_whitespace=False, help_text=PROMPT
    )
    filename = serializers.CharField(
        max_length=4096, help_text="Stands for the video that is written about"
    )
    game_context = serializers.CharField(
        required=False,
        default="gaming",
        allow_blank=True,
        max_length=4096,
        help_text="What the video is about",
    )


class PromptBody(TypedDict):
    """A prompt template."""

    id: int
    """Its number."""
    name: str
    """What it is called."""
    prompt_text: str
    """What the engine is asked; `{filename}` and `{game_context}` are filled in."""
    is_active: bool
    """Whether texts are written with it."""
    created_at: Instant
    """When it was made."""
    updated_at: Instant
    """When it was last changed."""


class PromptsBody(TypedDict):
    """The workspace's prompt templates."""

    templates: list[PromptBody]
    """Newest first."""
    count: int
    """How many they are."""


class OnePromptBody(TypedDict):
    """One prompt template."""

    template: PromptBody
    """The template."""


class ActivePromptBody(TypedDict):
    """The prompt template that texts are written with."""

    template: PromptBody | None
    """Null where none is active."""
    message: NotRequired[str]
    """Only where none is active."""


class PromptDoneBody(TypedDict):
    """That something is done."""

    success: bool
    """Always true."""
    message: str
    """For people to read."""


class PromptMadeBody(PromptDoneBody):
    """That a template is kept."""

    template_id: int
    """Its number."""


class WrittenBody(TypedDict):
    """A text."""

    title: str
    """Blank where the platform has none."""
    caption: str
    """The text itself."""
    hashtags: str
    """With a blank between them."""


class TriedPromptBody(TypedDict):
    """What a prompt came to."""

    success: bool
    """Always true."""
    metadata: WrittenBody
    """The text; it is not kept."""
    engine: str
    """What wrote it."""
    notes: list[str]
    """What was done to it, for people to read."""


def done(message: str) -> PromptDoneBody:
    """That something is done."""
    return {"success": True, "message": message}


def row(template: PromptTemplate) -> PromptBody:
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

    @extend_schema(operation_id="list_prompt_templates", responses=PromptsBody)
    def get(self, request: ApiRequest) -> Response:
        """The workspace's prompt templates, newest first."""
        templates = templates_of(request.user, workspace_of(request))
        rows = [row(template) for template in templates.order_by("-created_at", "-pk")]
        answer: PromptsBody = {"templates": rows, "count": len(rows)}
        return Response(answer)

    @extend_schema(
        operation_id="create_prompt_template",
        request=NewPrompt,
        responses={200: PromptMadeBody, 409: SAME_NAME},
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
        answer: PromptMadeBody = {
            **done(f"Template '{template.name}' created"),
            "template_id": template.pk,
        }
        return Response(answer)


class ActivePrompt(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_active_prompt_template", responses=ActivePromptBody
    )
    def get(self, request: ApiRequest) -> Response:
        """The active prompt template, null when there is none."""
        templates = templates_of(request.user, workspace_of(request))
        active = templates.filter(is_active=True).first()
        answer: ActivePromptBody = (
            {"template": row(active)}
            if active
            else {"template": None, "message": "No active template"}
        )
        return Response(answer)


class OnePrompt(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_prompt_template",
        parameters=[PROMPT_ID],
        responses=OnePromptBody,
    )
    def get(self, request: ApiRequest, template_id: int) -> Response:
        """One prompt template."""
        template = access_template(request.user, template_id)
        answer: OnePromptBody = {"template": row(template)}
        return versioned(answer, stored(template))

    @extend_schema(
        operation_id="change_prompt_template",
        request=ChangedPrompt,
        parameters=[PROMPT_ID, IF_MATCH],
        responses={200: PromptDoneBody, 409: SAME_NAME},
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
        return versioned(done("Template updated"), stored(template))

    @extend_schema(
        operation_id="delete_prompt_template",
        parameters=[PROMPT_ID],
        responses=PromptDoneBody,
    )
    def delete(self, request: ApiRequest, template_id: int) -> Response:
        """Delete a prompt template."""
        delete_template(request.user, template_id)
        return Response(done("Template deleted"))


class ActivatePrompt(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="activate_prompt_template",
        parameters=[PROMPT_ID],
        request=None,
        responses=PromptDoneBody,
    )
    def post(self, request: ApiRequest, template_id: int) -> Response:
        """Make this the one active prompt template."""
        activate_template(request.user, template_id)
        return Response(done("Template activated"))


class TestPrompt(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="try_prompt",
        request=TriedPrompt,
        responses={200: TriedPromptBody},
    )
    def post(self, request: ApiRequest) -> Response:
        """Write a text with a prompt without keeping either. `engine` says what wrote
        it, `notes` what was done.
        """
        values = read(TriedPrompt, request)
        text = values.pop("prompt_text")
        result = try_prompt(request.user, workspace_of(request), text, values)
        draft = result.draft
        metadata: WrittenBody = {
            "title": draft.title,
            "caption": draft.caption,
            "hashtags": " ".join(draft.hashtags),
        }
        answer: TriedPromptBody = {
            "success": True,
            "metadata": metadata,
            "engine": result.engine,
            "notes": list(result.notes),
        }
        return Response(answer)
