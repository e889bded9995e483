"""Content items."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import Missing
from common.instants import InstantField
from common.mappings import Values
from scheduling.access import access_content, content_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.queries import CREATED, TENANT
from scheduling.api.marketing.words import (
    CLIENT_DETAILS,
    blank_nulls,
    content_body,
    our_fields,
)
from scheduling.content import services as content
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
    workspace_of,
)
from workspaces.roles import Role

OURS = {
    "base_caption": "caption",
    "cta_url": "link",
    "tags": "hashtags",
    "status": "stage",
}
CALLS = ["CallNow", "BookOnline", "LearnMore", "None"]
HINTS_FROM = 10
MOST_TAGS = 15
STAGES = ["Idea", "Draft", "Needs Approval", "Scheduled", "Posted"]


@extend_schema_field({"type": "string", "description": "A date, or a date and time"})
class DueField(serializers.DateField):
    """A day or a moment."""

    def to_internal_value(self, value: Any) -> date:
        """Raises ValidationError for what is neither."""
        try:
            day: date = super().to_internal_value(value)
        except serializers.ValidationError:
            moment: date = InstantField().to_internal_value(value)
            return moment
        return day


class ContentFields(serializers.Serializer[Any]):
    """A content item as clients write it."""

    title = serializers.CharField(max_length=200)
    owner = serializers.CharField(max_length=150)
    base_caption = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=70_000
    )
    cta_url = serializers.URLField(
        required=False, allow_null=True, allow_blank=True, max_length=1000
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=100
    )
    status = serializers.ChoiceField(STAGES, required=False)
    notes = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=5000
    )
    media_urls = serializers.ListField(
        child=serializers.URLField(max_length=1000), required=False, max_length=35
    )
    cta_type = serializers.ChoiceField(CALLS, required=False, allow_null=True)
    target_city = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=120
    )
    template_id = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=120
    )
    reviewer = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=150
    )
    draft_due_date = DueField(required=False, allow_null=True)
    source_type = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=120
    )
    source_ref = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=1000
    )
    content_category = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=120
    )
    offer_id = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=120
    )


class NewContent(ContentFields):
    tenant_id = serializers.CharField()


def values_of(data: Values, details: Values | None = None) -> Values:
    """Our field names; null means blank. What clients keep is added to the details that
    are there.
    """
    ours = {name: value for name, value in data.items() if name not in CLIENT_DETAILS}
    values = blank_nulls(our_fields(ours, OURS))
    if client_details := details_of(data):
        values["details"] = (details or {}) | client_details
    return values


def details_of(data: Values) -> Values:
    """What clients keep with content, as JSON has it."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in data.items()
        if name in CLIENT_DETAILS
    }


class ContentItems(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_content_items",
        parameters=[
            TENANT,
            *(
                OpenApiParameter(name, str)
                for name in ("status", "search", "limit", "offset")
            ),
        ],
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's content items, newest first."""
        workspace = queries.tenant(request)
        page = queries.page(request)
        search = request.query_params.get("search", "")
        rows = content_of(request.user, workspace, search)
        if status := queries.word(request, "status", STAGES):
            rows = rows.filter(stage=status)
        items = rows.prefetch_related("media_places__media")[page]
        return Response([content_body(item, workspace.slug) for item in items])

    @extend_schema(request=NewContent, responses=CREATED)
    def post(self, request: ApiRequest) -> Response:
        """Add a content item."""
        fields = read(NewContent, request)
        workspace = queries.tenant(request, Role.EDITOR, fields["tenant_id"])
        item = content.create_content(request.user, workspace, values_of(fields))
        return Response(content_body(item, workspace.slug), status=201)


class OneContentItem(APIView):
    scope = "posts"

    def get(self, request: ApiRequest, item_id: UUID) -> Response:
        """One content item."""
        item = access_content(request.user, item_id)
        return versioned(content_body(item, item.workspace.slug), content.stored(item))

    @extend_schema(
        request=ContentFields(partial=True),
        parameters=[IF_MATCH],
    )
    def patch(self, request: ApiRequest, item_id: UUID) -> Response:
        """Change some fields."""
        fields = read(ContentFields, request, partial=True)
        details = access_content(request.user, item_id).details
        values = values_of(fields, details)
        version = expected_version(request)
        with showing_current(lambda: self.get(request, item_id).data):
            item = content.change_content(request.user, item_id, values, version)
        return versioned(content_body(item, item.workspace.slug), content.stored(item))

    def delete(self, request: ApiRequest, item_id: UUID) -> Response:
        """Delete an item that no post uses."""
        content.remove_content(request.user, item_id)
        return Response({"deleted": True})


class CategoryHints(APIView):
    scope = "posts"

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "tenant_id",
                str,
                description="The workspace's short name; default the caller's own",
            )
        ]
    )
    def get(self, request: ApiRequest, category: str) -> Response:
        """What the workspace's last texts of a category looked like, to write the next one by."""
        is_named = "tenant_id" in request.query_params
        workspace = queries.tenant(request) if is_named else workspace_of(request)
        items = content_of(request.user, workspace).filter(
            details__content_category=category
        )
        newest = list(items[:HINTS_FROM])
        if not newest:
            raise Missing("No content in this category")
        tags = Counter(tag for item in newest for tag in item.hashtags)
        return Response(
            {
                "category": category,
                "title": newest[0].title,
                "caption": newest[0].caption or None,
                "titles": [item.title for item in newest],
                "tags": [tag for tag, _ in tags.most_common(MOST_TAGS)],
            }
        )
