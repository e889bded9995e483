"""Config templates of the filling dialect: keep, share, choose a default, check, import, export."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import Unprocessable
from common.mappings import Values
from fillplanner.api.requests import KEY, id_of, page_of
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
from workspaces.services.replies import Reply, once

TRUE = {"true", "1", "yes", "on"}
FALSE = {"false", "0", "no", "off", ""}
LISTING = [
    OpenApiParameter("page", int, description="From 1"),
    OpenApiParameter("page_size", int, description="1 to 100, default 20"),
    OpenApiParameter("public_only", bool, description="Default false"),
]


class NewTemplate(serializers.Serializer[Any]):
    """A config template to be kept."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    description = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=configs.LONGEST_DESCRIPTION,
    )
    config = serializers.DictField()
    is_public = serializers.BooleanField(required=False, default=False)


class ChangedTemplate(serializers.Serializer[Any]):
    """What is to be changed of a template; what is missing or null stays."""

    name = serializers.CharField(
        required=False, allow_null=True, max_length=LONGEST_NAME
    )
    description = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=configs.LONGEST_DESCRIPTION,
    )
    config = serializers.DictField(required=False, allow_null=True)
    is_public = serializers.BooleanField(required=False, allow_null=True)


class ImportedTemplate(serializers.Serializer[Any]):
    """An exported template; other keys of the file are passed over. It becomes private."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    description = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=configs.LONGEST_DESCRIPTION,
    )
    config = serializers.DictField()


class TemplateRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    config = serializers.DictField()
    is_public = serializers.BooleanField()
    is_default = serializers.BooleanField()
    created_at = serializers.CharField(help_text="UTC without offset")
    updated_at = serializers.CharField()


class ConfigVerdict(serializers.Serializer[Any]):
    """What is said of a config."""

    valid = serializers.BooleanField()
    # The name is the wire's own.
    errors = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]
    warnings = serializers.ListField(child=serializers.CharField())


def template_id_of(text: str) -> int:
    """The number in an address. Raises Missing for what is none."""
    return id_of(text, "template_id", "Template not found")


def keep(request: ApiRequest, door: str, values: Values) -> Response:
    """Create a template once for each Idempotency-Key of a door."""

    def make() -> Reply:
        return Reply(201, template_row(configs.create(request.user, values)))

    reply = once(
        request.user, door, request.headers.get("Idempotency-Key"), values, make
    )
    return Response(reply.body, status=reply.status)


class Configs(APIView):
    scope = "plans"

    @extend_schema(
        parameters=[KEY],
        request=NewTemplate,
        responses={201: TemplateRow, 400: OpenApiResponse(), 422: OpenApiResponse()},
    )
    def post(self, request: ApiRequest) -> Response:
        """Keep a config template."""
        return keep(request, "configs", read(NewTemplate, request))


class ConfigList(APIView):
    scope = "plans"

    @extend_schema(
        parameters=LISTING,
    )
    def get(self, request: ApiRequest) -> Response:
        """The caller's templates and everybody's public ones, newest first."""
        rows = templates_of(request.user, public_only=flag_of(request, "public_only"))
        templates, counts = page_of(request, rows)
        return Response(
            {"templates": [template_row(template) for template in templates], **counts}
        )


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

    @extend_schema(responses=TemplateRow)
    def get(self, request: ApiRequest, template_id: str) -> Response:
        """One template: the caller's own, or a public one."""
        template = access_template(request.user, template_id_of(template_id))
        return versioned(template_row(template), configs.stored(template))

    @extend_schema(
        request=ChangedTemplate, responses=TemplateRow, parameters=[IF_MATCH]
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

    def delete(self, request: ApiRequest, template_id: str) -> Response:
        """Delete one's own template. If it was the default, there is none afterwards."""
        template = configs.delete(request.user, template_id_of(template_id))
        answer = {
            "message": "Configuration template deleted successfully",
            "detail": f"Deleted template: {template}",
        }
        return Response(answer)


class SetDefault(APIView):
    scope = "plans"

    @extend_schema(request=None, responses=TemplateRow)
    def post(self, request: ApiRequest, template_id: str) -> Response:
        """Make one's own template the default; the one before is none any more."""
        return Response(
            template_row(configs.set_default(request.user, template_id_of(template_id)))
        )


class Default(APIView):
    scope = "plans"

    @extend_schema(responses=TemplateRow)
    def get(self, request: ApiRequest) -> HttpResponse:
        """The caller's default template, null when there is none."""
        template = default_template(request.user)
        # The framework's own answer would be empty instead of `null`.
        return JsonResponse(template_row(template) if template else None, safe=False)

    def delete(self, request: ApiRequest) -> Response:
        """Have no default any more; the template itself stays."""
        configs.unset_default(request.user)
        return Response(
            {
                "message": "Default configuration template unset successfully",
                "detail": None,
            }
        )


class SystemDefault(APIView):
    scope = "plans"

    def get(self, request: ApiRequest) -> Response:
        """A config to begin a template with."""
        return Response(SYSTEM_DEFAULT)


class ValidateConfig(APIView):
    scope = "plans"

    @extend_schema(request=OpenApiTypes.OBJECT, responses=ConfigVerdict)
    def post(self, request: ApiRequest) -> Response:
        """Say what is wrong with a config without keeping it; always 200."""
        config: Any = request.data
        if not isinstance(config, dict):
            raise Unprocessable(
                "Not valid.", {"body": ["Input should be a valid dictionary"]}
            )
        verdict = check_template(config)
        return Response(
            {
                "valid": verdict.valid,
                "errors": verdict.errors,
                "warnings": verdict.warnings,
            }
        )


class ImportConfig(APIView):
    scope = "plans"

    @extend_schema(
        parameters=[KEY],
        request=ImportedTemplate,
        responses={201: TemplateRow, 400: OpenApiResponse(), 422: OpenApiResponse()},
    )
    def post(self, request: ApiRequest) -> Response:
        """Keep an exported template as a private one of the caller's."""
        return keep(request, "config-import", read(ImportedTemplate, request))


class ExportConfig(APIView):
    scope = "plans"

    def get(self, request: ApiRequest, template_id: str) -> Response:
        """A template to pass on: name, description, config and times."""
        return Response(
            template_file(access_template(request.user, template_id_of(template_id)))
        )
