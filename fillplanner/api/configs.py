"""Config templates of the filling dialect: keep, share, choose a default, check, import, export."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import Unprocessable
from common.mappings import Values
from fillplanner.api.requests import (
    KEY,
    OTHER_KEY_USE,
    PAGES,
    RULES,
    TEMPLATE_ID,
    id_of,
    page_of,
)
from fillplanner.bodies.plans import DoneBody, VerdictBody
from fillplanner.bodies.templates import TemplateBody, TemplateFileBody, TemplatesBody
from fillplanner.rules.template_checks import SYSTEM_DEFAULT, check_template
from fillplanner.selectors import access_template, default_template, templates_of
from fillplanner.services import configs
from fillplanner.services.plans import LONGEST_NAME
from fillplanner.wire import template_file, template_row
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
)
from workspaces.models import User
from workspaces.services.replies import Reply, once

TRUE = {"true", "1", "yes", "on"}
FALSE = {"false", "0", "no", "off", ""}
LISTING = [
    *PAGES,
    OpenApiParameter(
        "public_only", bool, default=False, description="Leave out private ones"
    ),
]
PUBLIC = "Whether everybody may use it"
WRONG_RULES = "Rules are unknown or cannot be used; `detail` names each."
OTHERS = "It is somebody else's; only its owner changes a public template."


class NameField(serializers.CharField):
    """What a template is called."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=LONGEST_NAME,
            help_text="What the owner calls it",
            **options,
        )


class DescriptionField(serializers.CharField):
    """What a template is for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            allow_null=True,
            allow_blank=True,
            max_length=configs.LONGEST_DESCRIPTION,
            help_text="What it is for",
            **options,
        )


class NewTemplate(serializers.Serializer[Any]):
    """A config template to be kept."""

    name = NameField()
    description = DescriptionField()
    config = serializers.DictField(help_text=RULES)
    is_public = serializers.BooleanField(
        required=False, default=False, help_text=PUBLIC
    )


class ChangedTemplate(serializers.Serializer[Any]):
    """What is to be changed of a template; what is missing or null stays."""

    name = NameField(required=False, allow_null=True)
    description = DescriptionField()
    config = serializers.DictField(
        required=False, allow_null=True, help_text="Replaces all rules"
    )
    is_public = serializers.BooleanField(
        required=False, allow_null=True, help_text=PUBLIC
    )


class ImportedTemplate(serializers.Serializer[Any]):
    """An exported template; other keys of the file are passed over. It becomes private."""

    name = NameField()
    description = DescriptionField()
    config = serializers.DictField(help_text=RULES)


def template_id_of(text: str) -> int:
    """The number in an address. Raises Missing for what is none."""
    return id_of(text, "template_id", "Template not found")


def keep(request: ApiRequest, door: str, values: Values) -> Response:
    """Create a template once for each Idempotency-Key of a door."""
    key = request.headers.get("Idempotency-Key")
    reply = keep_once(request.user, door, values, key)
    return Response(reply.body, status=reply.status)


def keep_once(user: User, door: str, values: Values, key: str | None) -> Reply:
    """Create a template once for each key of a door."""

    def make() -> Reply:
        return Reply(201, template_row(configs.create(user, values)))

    return once(user, door, key, values, make)


class Configs(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="create_config_template",
        parameters=[KEY],
        request=NewTemplate,
        responses={201: TemplateBody, 400: WRONG_RULES, 409: OTHER_KEY_USE},
    )
    def post(self, request: ApiRequest) -> Response:
        """Keep a config template."""
        return keep(request, "configs", read(NewTemplate, request))


class ConfigList(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="list_config_templates",
        parameters=LISTING,
        responses=TemplatesBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """The caller's templates and everybody's public ones, newest first."""
        rows = templates_of(request.user, public_only=flag_of(request, "public_only"))
        templates, counts = page_of(request, rows)
        answer: TemplatesBody = {
            "templates": [template_row(template) for template in templates],
            **counts,
        }
        return Response(answer)


def flag_of(request: ApiRequest, name: str) -> bool:
    """A yes or no of the query. Raises Unprocessable."""
    text = request.query_params.get(name, "").lower()
    if text not in TRUE | FALSE:
        raise Unprocessable(
            "Not valid.", {f"query.{name}": ["Input should be a valid boolean"]}
        )
    return text in TRUE


class OneConfig(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="read_config_template",
        parameters=[TEMPLATE_ID],
        responses=TemplateBody,
    )
    def get(self, request: ApiRequest, template_id: str) -> Response:
        """One template: the caller's own, or a public one."""
        template = access_template(request.user, template_id_of(template_id))
        return versioned(template_row(template), configs.stored(template))

    @extend_schema(
        operation_id="change_config_template",
        request=ChangedTemplate,
        responses={200: TemplateBody, 400: WRONG_RULES, 403: OTHERS},
        parameters=[TEMPLATE_ID, IF_MATCH],
    )
    def put(self, request: ApiRequest, template_id: str) -> Response:
        """Change some fields of one's own template."""
        number = template_id_of(template_id)
        values = {
            name: value
            for name, value in read(ChangedTemplate, request).items()
            if value is not None
        }
        version = expected_version(request)
        with showing_current(lambda: self.get(request, template_id).data):
            template = configs.change(request.user, number, values, version)
        return versioned(template_row(template), configs.stored(template))

    @extend_schema(
        operation_id="delete_config_template",
        parameters=[TEMPLATE_ID],
        responses={200: DoneBody, 403: OTHERS},
    )
    def delete(self, request: ApiRequest, template_id: str) -> Response:
        """Delete one's own template. If it was the default, there is none afterwards."""
        template = configs.delete(request.user, template_id_of(template_id))
        answer: DoneBody = {
            "message": "Configuration template deleted successfully",
            "detail": f"Deleted template: {template}",
        }
        return Response(answer)


class SetDefault(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="make_config_template_default",
        parameters=[TEMPLATE_ID],
        request=None,
        responses={200: TemplateBody, 403: OTHERS},
    )
    def post(self, request: ApiRequest, template_id: str) -> Response:
        """Make one's own template the default; the one before is none any more."""
        return Response(
            template_row(configs.set_default(request.user, template_id_of(template_id)))
        )


class Default(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="read_default_config_template", responses=TemplateBody | None
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """The caller's default template, null when there is none."""
        template = default_template(request.user)
        # The framework's own answer would be empty instead of `null`.
        return JsonResponse(template_row(template) if template else None, safe=False)

    @extend_schema(operation_id="unset_default_config_template", responses=DoneBody)
    def delete(self, request: ApiRequest) -> Response:
        """Have no default any more; the template itself stays."""
        configs.unset_default(request.user)
        done: DoneBody = {
            "message": "Default configuration template unset successfully",
            "detail": None,
        }
        return Response(done)


class SystemDefault(APIView):
    scope = "plans"

    @extend_schema(operation_id="read_system_default", responses=dict[str, Any])
    def get(self, request: ApiRequest) -> Response:
        """A config to begin a template with."""
        return Response(SYSTEM_DEFAULT)


class ValidateConfig(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="validate_config",
        request=OpenApiTypes.OBJECT,
        responses=VerdictBody,
    )
    def post(self, request: ApiRequest) -> Response:
        """Say what is wrong with a config without keeping it; always 200."""
        config: Any = request.data
        if not isinstance(config, dict):
            raise Unprocessable(
                "Not valid.", {"body": ["Input should be a valid dictionary"]}
            )
        verdict = check_template(config)
        answer: VerdictBody = {
            "valid": verdict.valid,
            "errors": verdict.errors,
            "warnings": verdict.warnings,
        }
        return Response(answer)


class ImportConfig(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="import_config_template",
        parameters=[KEY],
        request=ImportedTemplate,
        responses={201: TemplateBody, 400: WRONG_RULES, 409: OTHER_KEY_USE},
    )
    def post(self, request: ApiRequest) -> Response:
        """Keep an exported template as a private one of the caller's."""
        return keep(request, "config-import", read(ImportedTemplate, request))


class ExportConfig(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="export_config_template",
        parameters=[TEMPLATE_ID],
        responses=TemplateFileBody,
    )
    def get(self, request: ApiRequest, template_id: str) -> Response:
        """A template to pass on: name, description, config and times."""
        return Response(
            template_file(access_template(request.user, template_id_of(template_id)))
        )
