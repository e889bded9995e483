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
from scheduling.api.marketing.queries import CREATED, TENANT
from scheduling.api.marketing.words import content_body, media_body
from scheduling.content import fetching, media
from scheduling.models import MediaFile
from scheduling.models.media import LONGEST_ALT
from workspaces.doors import ApiRequest, read
from workspaces.models import Workspace
from workspaces.roles import Role


class AltText(serializers.CharField):
    """What a file shows, for people who cannot see it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_ALT, allow_blank=True, **kwargs)


class NewMedia(serializers.Serializer[Any]):
    """One file as `multipart/form-data`, or the address of one, also as JSON; with what
    it shows, for people who cannot see it.
    """

    file = serializers.FileField(allow_empty_file=True, required=False)
    url = serializers.URLField(max_length=LONGEST_URL, required=False)
    alt_text = AltText(required=False)

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
        child=serializers.UUIDField(), max_length=media.MOST_FILES
    )
    alt_texts = serializers.DictField(child=AltText(), required=False)

    def validate(self, attrs: Values) -> Values:
        ids = {str(key): key for key in attrs["media_ids"]}
        texts = attrs.get("alt_texts", {})
        if strange := set(texts) - set(ids):
            raise serializers.ValidationError(
                {"alt_texts": f"Not among media_ids: {', '.join(sorted(strange))}."}
            )
        return attrs | {"alt_texts": {ids[key]: text for key, text in texts.items()}}


class NewAltText(serializers.Serializer[Any]):
    alt_text = AltText()


class MediaUpload(APIView):
    scope = "posts"
    parser_classes = [MultiPart, Json]

    @extend_schema(
        request=NewMedia,
        responses=CREATED,
        parameters=[TENANT],
    )
    def post(self, request: ApiRequest) -> Response:
        """Keep an image or a video, sent along or fetched; bytes that are known come
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
        parameters=[TENANT],
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's images and videos, newest first."""
        workspace = queries.tenant(request)
        page = queries.page(request)
        rows = media_files_of(request.user, workspace)[page]
        return Response([media_body(row) for row in rows])


class OneMediaFile(APIView):
    scope = "posts"

    def get(self, request: ApiRequest, media_id: UUID) -> Response:
        """One image or video; `link` fetches it without signing in, for a day."""
        row = access_media(request.user, media_id)
        return Response(media_body(row) | {"link": row.link()})

    def delete(self, request: ApiRequest, media_id: UUID) -> Response:
        """Delete a file that no content uses."""
        media.remove_media(request.user, media_id)
        return Response({"deleted": True})


class MediaOfContent(APIView):
    scope = "posts"
    parser_classes = [MultiPart, Json]

    @extend_schema(
        request={"multipart/form-data": NewMedia, "application/json": NewMedia},
        responses=CREATED,
        operation_id="add_media_to_content",
    )
    def post(self, request: ApiRequest, item_id: UUID) -> Response:
        """Keep a file and put it after the content's others."""
        return Response(media_body(new_media_of(request, item_id)), status=201)

    @extend_schema(
        request={"application/json": MediaOrder},
        operation_id="arrange_media_of_content",
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

    @extend_schema(request=NewAltText, operation_id="describe_media_of_content")
    def patch(self, request: ApiRequest, item_id: UUID, media_id: UUID) -> Response:
        """Change the alternative text that a file has beside this content; blank takes
        it away.
        """
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
