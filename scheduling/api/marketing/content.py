"""Content items."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.errors import Missing
from common.instants import InstantField
from common.mappings import Values
from scheduling.access import access_content, content_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.bodies import CALLS, STAGES, ContentBody, Deleted
from scheduling.api.marketing.queries import PAGE, SHORT_NAME, TENANT
from scheduling.api.marketing.words import (
    CLIENT_DETAILS,
    blank_nulls,
    content_body,
    deleted,
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
HINTS_FROM = 10
MOST_TAGS = 15
ITEM_ID = queries.place("item_id", "The content item's id")
STATUS_FILTER = OpenApiParameter(
    "status",
    enum=STAGES,
    description="Only items whose text is this far",
)
SEARCH = OpenApiParameter(
    "search", description="Only items that have this text in title or caption"
)
OWN_TENANT = OpenApiParameter(
    "tenant_id", description="The workspace's short name; default the caller's own"
)
CATEGORY = OpenApiParameter(
    "category",
    str,
    OpenApiParameter.PATH,
    description="A `content_category` of content items",
)
NO_TEXTS = "There is no content in this category, or the workspace is not yours."
NOT_YOURS = "There is no such workspace, or it is not yours."
PLACEHOLDER = "This is the placeholder of empty slots, which stays as it is."
IN_USE = "Posts use this content; change or cancel them first."


@extend_schema_field({"type": ["string", "null"]})
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

    title = serializers.CharField(
        max_length=200,
        help_text="Its title",
    )
    owner = serializers.CharField(
        max_length=150,
        help_text="Who is responsible for it",
    )
    base_caption = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=70_000,
        help_text="The text that posts have unless they have their own",
    )
    cta_url = serializers.URLField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=1000,
        help_text="The link that goes out with the text",
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        max_length=100,
        help_text="Hashtags, with or without `#`",
    )
    status = serializers.ChoiceField(
        STAGES,
        required=False,
        help_text="How far its text is; default `Idea`",
    )
    notes = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=5000,
        help_text="For the workspace's own people",
    )
    media_urls = serializers.ListField(
        child=serializers.URLField(max_length=1000),
        required=False,
        max_length=35,
        help_text="Addresses that are kept with it; they are not fetched",
    )
    cta_type = serializers.ChoiceField(
        CALLS,
        required=False,
        allow_null=True,
        help_text="The call to action; kept for clients",
    )
    target_city = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=120,
        help_text="Where its readers are; kept for clients",
    )
    template_id = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=120,
        help_text="The client's template that it was made from; kept for clients",
    )
    reviewer = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=150,
        help_text="Who is to review it; kept for clients",
    )
    draft_due_date = DueField(
        required=False,
        allow_null=True,
        help_text="The day, or day and time, its draft is due; kept for clients",
    )
    source_type = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=120,
        help_text="What kind of source it was made from; kept for clients",
    )
    source_ref = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=1000,
        help_text="Which source it was made from; kept for clients",
    )
    content_category = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=120,
        help_text="Its category, which hints are asked for by",
    )
    offer_id = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=120,
        help_text="The offer that it advertises; kept for clients",
    )


class NewContent(ContentFields):
    """A content item for a workspace."""

    tenant_id = serializers.CharField(help_text=SHORT_NAME)


class ContentHints(TypedDict):
    """What the last texts of a category looked like."""

    category: str
    """The category that was asked for."""
    title: str
    """The title of the newest text."""
    caption: str | None
    """The caption of the newest text."""
    titles: list[str]
    """The titles of up to ten texts, newest first."""
    tags: list[str]
    """Their most frequent hashtags, up to fifteen."""


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
        parameters=[TENANT, STATUS_FILTER, SEARCH, *PAGE],
        responses=list[ContentBody],
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

    @extend_schema(
        operation_id="add_content_item",
        request=NewContent,
        responses={201: ContentBody, 404: NOT_YOURS},
    )
    def post(self, request: ApiRequest) -> Response:
        """Add a content item."""
        fields = read(NewContent, request)
        workspace = queries.tenant(request, Role.EDITOR, fields["tenant_id"])
        item = content.create_content(request.user, workspace, values_of(fields))
        return Response(content_body(item, workspace.slug), status=201)


class OneContentItem(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_content_item",
        parameters=[ITEM_ID],
        responses=ContentBody,
    )
    def get(self, request: ApiRequest, item_id: UUID) -> Response:
        """One content item."""
        item = access_content(request.user, item_id)
        return versioned(content_body(item, item.workspace.slug), content.stored(item))

    @extend_schema(
        operation_id="change_content_item",
        request=ContentFields(partial=True),
        parameters=[ITEM_ID, IF_MATCH],
        responses={200: ContentBody, 409: PLACEHOLDER},
    )
    def patch(self, request: ApiRequest, item_id: UUID) -> Response:
        """Change some fields of a content item."""
        fields = read(ContentFields, request, partial=True)
        details = access_content(request.user, item_id).details
        values = values_of(fields, details)
        version = expected_version(request)
        with showing_current(lambda: self.get(request, item_id).data):
            item = content.change_content(request.user, item_id, values, version)
        return versioned(content_body(item, item.workspace.slug), content.stored(item))

    @extend_schema(
        operation_id="delete_content_item",
        parameters=[ITEM_ID],
        responses={200: Deleted, 409: IN_USE},
    )
    def delete(self, request: ApiRequest, item_id: UUID) -> Response:
        """Delete a content item that no post uses."""
        content.remove_content(request.user, item_id)
        return deleted()


class CategoryHints(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_category_hints",
        parameters=[OWN_TENANT, CATEGORY],
        responses={200: ContentHints, 404: NO_TEXTS},
    )
    def get(self, request: ApiRequest, category: str) -> Response:
        """What the workspace's last texts of a category looked like."""
        is_named = "tenant_id" in request.query_params
        workspace = queries.tenant(request) if is_named else workspace_of(request)
        items = content_of(request.user, workspace).filter(
            details__content_category=category
        )
        newest = list(items[:HINTS_FROM])
        if not newest:
            raise Missing("No content in this category")
        tags = Counter(tag for item in newest for tag in item.hashtags)
        hints: ContentHints = {
            "category": category,
            "title": newest[0].title,
            "caption": newest[0].caption or None,
            "titles": [item.title for item in newest],
            "tags": [tag for tag, _ in tags.most_common(MOST_TAGS)],
        }
        return Response(hints)
