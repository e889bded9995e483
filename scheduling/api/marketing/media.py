"""Images and videos."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.mappings import Values
from common.outgoing import LONGEST_URL
from common.parsers import Json, MultiPart
from scheduling.access import access_media, media_files_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.bodies import (
    ContentBody,
    Deleted,
    MediaBody,
    MediaWithLink,
)
from scheduling.api.marketing.content import ITEM_ID, PLACEHOLDER
from scheduling.api.marketing.queries import PAGE, TENANT
from scheduling.api.marketing.words import content_body, deleted, media_body
from scheduling.content import fetching, media
from scheduling.models import MediaFile
from scheduling.models.media import LONGEST_ALT
from workspaces.doors import ApiRequest, read
from workspaces.models import Workspace
from workspaces.roles import Role

MEDIA_ID = queries.place("media_id", "The image's or video's id")
TOO_LARGE = "The file, or the one at the address, is larger than this takes."
IN_USE = "Content uses this file; take it from there first."
SHOWS = "What the file shows, for people who cannot see it"


class AltText(serializers.CharField):
    """What a file shows, for people who cannot see it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_ALT, allow_blank=True, **kwargs)


class MediaAddress(serializers.Serializer[Any]):
    """The address of a file, and what it shows."""

    url = serializers.URLField(
        max_length=LONGEST_URL,
        help_text="The public address of the image or video itself, not of a page",
    )
    alt_text = AltText(required=False, help_text=SHOWS)


class NewMedia(serializers.Serializer[Any]):
    """One file as `multipart/form-data`, or the address of one, also as JSON; with what
    it shows, for people who cannot see it.
    """

    file = serializers.FileField(
        allow_empty_file=True,
        required=False,
        help_text="An image (JPEG, PNG, GIF, WebP) or video (MP4, MOV, WebM)",
    )
    url = serializers.URLField(
        max_length=LONGEST_URL,
        required=False,
        help_text="The public address of one, instead of `file`",
    )
    alt_text = AltText(required=False, help_text=SHOWS)

    def validate(self, attrs: Values) -> Values:
        if ("file" in attrs) == ("url" in attrs):
            raise serializers.ValidationError(
                {"file": "Give a file or its url, one of the two."}
            )
        return attrs


class MediaOrder(serializers.Serializer[Any]):
    """The content's files, in the order in which they go out. `alt_texts` are new
    alternative texts by the files' ids; a file that is not named keeps its own.
    """

    media_ids = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=media.MOST_FILES,
        help_text="The files' ids, in the order in which they go out",
    )
    alt_texts = serializers.DictField(
        child=AltText(),
        required=False,
        help_text="New alternative texts by the files' ids; other files keep theirs",
    )

    def validate(self, attrs: Values) -> Values:
        ids = {str(key): key for key in attrs["media_ids"]}
        texts = attrs.get("alt_texts", {})
        if strange := set(texts) - set(ids):
            raise serializers.ValidationError(
                {"alt_texts": f"Not among media_ids: {', '.join(sorted(strange))}."}
            )
        return attrs | {"alt_texts": {ids[key]: text for key, text in texts.items()}}


class NewAltText(serializers.Serializer[Any]):
    """What a file shows beside one content."""

    alt_text = AltText(help_text=f"{SHOWS}; blank takes it away")


UPLOADED = {"multipart/form-data": NewMedia, "application/json": MediaAddress}


class MediaUpload(APIView):
    scope = "posts"
    parser_classes = [MultiPart, Json]

    @extend_schema(
        operation_id="add_media",
        request=UPLOADED,
        responses={201: MediaBody, 413: TOO_LARGE},
        parameters=[TENANT],
    )
    def post(self, request: ApiRequest) -> Response:
        """Keep an image or a video, sent along or fetched. Bytes that are known come
        back under their first id.
        """
        workspace = queries.tenant(request, Role.EDITOR)
        return Response(media_body(new_media(request, workspace)), status=201)


def new_media(request: ApiRequest, workspace: Workspace) -> MediaFile:
    """The file that the body sends or names, kept in the workspace."""
    fields = read(NewMedia, request)
    user = request.user
    alt = fields.get("alt_text", "")
    return (
        media.add_media(workspace, fields["file"], user, alt)
        if "file" in fields
        else fetching.add_media_from(workspace, fields["url"], user, alt)
    )


class MediaFiles(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_media",
        parameters=[TENANT, *PAGE],
        responses=list[MediaBody],
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's images and videos, newest first."""
        workspace = queries.tenant(request)
        page = queries.page(request)
        rows = media_files_of(request.user, workspace)[page]
        return Response([media_body(row) for row in rows])


class OneMediaFile(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_media",
        parameters=[MEDIA_ID],
        responses=MediaWithLink,
    )
    def get(self, request: ApiRequest, media_id: UUID) -> Response:
        """One image or video. Its `link` fetches it without signing in, for a day."""
        row = access_media(request.user, media_id)
        body: MediaWithLink = {**media_body(row), "link": row.link()}
        return Response(body)

    @extend_schema(
        operation_id="delete_media",
        parameters=[MEDIA_ID],
        responses={200: Deleted, 409: IN_USE},
    )
    def delete(self, request: ApiRequest, media_id: UUID) -> Response:
        """Delete an image or a video that no content uses."""
        media.remove_media(request.user, media_id)
        return deleted()


class MediaOfContent(APIView):
    scope = "posts"
    parser_classes = [MultiPart, Json]

    @extend_schema(
        operation_id="add_media_to_content",
        request=UPLOADED,
        parameters=[ITEM_ID],
        responses={201: MediaBody, 409: PLACEHOLDER, 413: TOO_LARGE},
    )
    def post(self, request: ApiRequest, item_id: UUID) -> Response:
        """Keep a file and put it after the content's others."""
        return Response(media_body(new_media_of(request, item_id)), status=201)

    @extend_schema(
        operation_id="arrange_media_of_content",
        request={"application/json": MediaOrder},
        parameters=[ITEM_ID],
        responses={200: ContentBody, 409: PLACEHOLDER},
    )
    def put(self, request: ApiRequest, item_id: UUID) -> Response:
        """Make exactly these files, in this order, the content's."""
        order = read(MediaOrder, request)
        item = media.arrange(
            request.user, item_id, order["media_ids"], order["alt_texts"]
        )
        return Response(content_body(item, item.workspace.slug))


class OneMediaOfContent(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="describe_media_of_content",
        request=NewAltText,
        parameters=[ITEM_ID, MEDIA_ID],
        responses={200: ContentBody, 409: PLACEHOLDER},
    )
    def patch(self, request: ApiRequest, item_id: UUID, media_id: UUID) -> Response:
        """Change the alternative text that a file has beside this content."""
        text = read(NewAltText, request)["alt_text"]
        item = media.describe(request.user, item_id, media_id, text)
        return Response(content_body(item, item.workspace.slug))


def new_media_of(request: ApiRequest, item_id: UUID) -> MediaFile:
    """The file that the body sends or names, kept and put after the content's others."""
    fields = read(NewMedia, request)
    user = request.user
    alt = fields.get("alt_text", "")
    return (
        media.add_to_content(user, item_id, fields["file"], alt)
        if "file" in fields
        else fetching.add_to_content(user, item_id, fields["url"], alt)
    )
