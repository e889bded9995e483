"""Queued posts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import Conflict, InvalidInput, Missing, Outdated
from common.mappings import JsonObject, Values
from scheduling.access import access_group, groups_of
from scheduling.api.marketing.queries import number
from scheduling.api.queue.words import (
    Metadata,
    Platforms,
    Tags,
    content_fields,
    instant,
    naive,
    post_body,
)
from scheduling.models import PostGroup
from scheduling.posts import groups
from scheduling.watch_folder.folder import named_media
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
    workspace_of,
)

MOST_SHOWN = 1000


def video_path(text: str) -> None:
    """Raises ValidationError for a path that leads out of where it begins, or holds
    what no path may.
    """
    if ".." in re.split(r"[/\\]", text) or any(ord(sign) < 32 for sign in text):
        raise serializers.ValidationError(
            "This path leads elsewhere; name the file itself, without “..”."
        )


class QueuedPost(serializers.Serializer[Any]):
    """A video for some platforms; without a time it takes the next free slot."""

    video_path = serializers.CharField(
        max_length=1000,
        validators=[video_path],
        help_text="A file's name in the watch folder, its https:// address, or its id "
        "in the media library.",
    )
    metadata = Metadata()
    platforms = Platforms()
    scheduled_time = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=64
    )


class QueuedTime(serializers.Serializer[Any]):
    new_time = serializers.CharField(max_length=64)


class QueuedWords(serializers.Serializer[Any]):
    """What is to be changed, in the query or in the body."""

    title = serializers.CharField(required=False, max_length=200)
    caption = serializers.CharField(required=False, allow_blank=True, max_length=70_000)
    hashtags = Tags(required=False)
    platforms = Platforms(required=False)


def list_body(groups: Iterable[PostGroup]) -> JsonObject:
    """The posts with their number, as clients get lists."""
    bodies = [post_body(group) for group in groups]
    return {"posts": bodies, "count": len(bodies)}


class Upcoming(APIView):
    scope = "posts"

    @extend_schema(
        parameters=[OpenApiParameter("hours", int, description="1 to 168, default 24")],
    )
    def get(self, request: ApiRequest) -> Response:
        """Posts that wait or are being published, up to so many hours ahead; overdue
        ones are among them.
        """
        until = timezone.now() + timedelta(hours=number(request, "hours", 24, 1, 168))
        rows = groups_of(request.user, workspace_of(request)).upcoming(until)
        return Response(list_body(rows[:MOST_SHOWN]))


class Completed(APIView):
    scope = "posts"

    @extend_schema(
        parameters=[OpenApiParameter("days", int, description="1 to 30, default 7")],
    )
    def get(self, request: ApiRequest) -> Response:
        """Posts that went out in the past days, wholly or in part, latest first."""
        since = timezone.now() - timedelta(days=number(request, "days", 7, 1, 30))
        rows = groups_of(request.user, workspace_of(request)).completed(since)
        return Response(list_body(rows[:MOST_SHOWN]))


class Posts(APIView):
    scope = "posts"

    @extend_schema(
        request=QueuedPost,
    )
    def post(self, request: ApiRequest) -> Response:
        """Queue a video for platforms, at a time or at the next slot that is free on
        all of them. 400 when the video is not there.
        """
        fields = read(QueuedPost, request)
        workspace = workspace_of(request)
        text = fields.get("scheduled_time")
        video = groups.QueuedVideo(
            fields["video_path"],
            named_media(request.user, workspace, fields["video_path"]),
            content_fields(fields["metadata"]),
            fields["platforms"],
            instant(text, workspace.zone) if text else None,
        )
        placement = groups.queue_video(request.user, workspace, video)
        at = placement.posts[0].scheduled_at or timezone.now()
        local = at.astimezone(ZoneInfo(workspace.zone))
        return Response(
            {
                "success": True,
                "post_id": placement.group.pk,
                "scheduled_time": naive(at, workspace.zone),
                "message": f"Video scheduled for {local:%I:%M %p on %B %d}",
                "warnings": placement.warnings,
            }
        )


class OnePost(APIView):
    scope = "posts"

    def get(self, request: ApiRequest, post_id: int) -> Response:
        """One post."""
        group = access_group(request.user, post_id)
        return versioned(post_body(group), groups.stored(group))

    @extend_schema(
        request=QueuedTime,
        parameters=[
            OpenApiParameter(
                "new_time", str, description="ISO 8601; may be in the body instead"
            ),
            IF_MATCH,
        ],
    )
    def patch(self, request: ApiRequest, post_id: int) -> Response:
        """Give a pending post another time."""
        form = QueuedTime(data=named(request, "new_time"))
        form.is_valid(raise_exception=True)
        group = group_to_change(request, post_id)
        zone = group.workspace.zone
        at = instant(form.validated_data["new_time"], zone)
        version = expected_version(request)
        with showing_current(lambda: self.get(request, post_id).data):
            refusing(groups.move, request.user, group, at, version)
        message = (
            f"Post rescheduled for {at.astimezone(ZoneInfo(zone)):%I:%M %p on %B %d}"
        )
        return Response(
            {"success": True, "new_time": naive(at, zone), "message": message}
        )

    def delete(self, request: ApiRequest, post_id: int) -> Response:
        """Cancel a pending post."""
        refusing(groups.cancel, request.user, group_to_change(request, post_id))
        return Response({"success": True, "message": "Post cancelled"})


class Force(APIView):
    scope = "posts"

    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, post_id: int) -> Response:
        """Send a pending post now."""
        refusing(groups.force, request.user, group_to_change(request, post_id))
        return Response({"success": True, "message": "Post is being published now"})


class Approve(APIView):
    scope = "posts"

    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, post_id: int) -> Response:
        """Let a post go out that waits for approval: at its time."""
        refusing(groups.approve, request.user, group_to_change(request, post_id))
        return Response({"success": True, "message": "Post approved"})


class RetryPost(APIView):
    scope = "posts"

    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, post_id: int) -> Response:
        """Try what failed of a post again; what went out is not sent twice."""
        refusing(groups.retry, request.user, group_to_change(request, post_id))
        return Response({"success": True, "message": "Post will be tried again"})


class PostMetadata(APIView):
    scope = "posts"

    @extend_schema(
        request=QueuedWords,
        parameters=[
            OpenApiParameter(name, str)
            for name in ("title", "caption", "hashtags", "platforms")
        ]
        + [IF_MATCH],
    )
    def patch(self, request: ApiRequest, post_id: int) -> Response:
        """Change the words or the platforms of a pending post."""
        group = access_group(request.user, post_id)
        form = QueuedWords(data=words_of(request))
        form.is_valid(raise_exception=True)
        if not form.validated_data:
            raise InvalidInput(
                "Nothing to change: give title, caption, hashtags or platforms."
            )
        data = dict(form.validated_data)
        platforms = data.pop("platforms", None)
        words = content_fields(data)
        version = expected_version(request)
        with showing_current(lambda: post_body(access_group(request.user, post_id))):
            refusing(groups.change, request.user, group, words, platforms, version)
        return Response({"success": True, "message": "Post updated"})


def named(request: ApiRequest, *names: str) -> Values:
    """These fields of the query, else of the body. A body that is no object gives none."""
    body = request.data if isinstance(request.data, dict) else {}
    return {
        name: request.query_params.get(name, body.get(name))
        for name in names
        if name in request.query_params or name in body
    }


def words_of(request: ApiRequest) -> Values:
    """As `named`; platforms in a query are separated by commas."""
    words = named(request, "title", "caption", "hashtags", "platforms")
    platforms = words.get("platforms")
    if isinstance(platforms, str):
        words["platforms"] = [name for name in re.split(r"[,\s]+", platforms) if name]
    return words


def group_to_change(request: ApiRequest, post_id: int) -> PostGroup:
    """The post; this dialect answers 400 where there is none to act upon."""
    try:
        return access_group(request.user, post_id)
    except Missing:
        raise InvalidInput("Post not found or not pending") from None


def refusing(act: Any, *args: Any) -> None:
    """Do it; what stands in the way of it is 400 in this dialect."""
    try:
        act(*args)
    except Outdated:
        raise
    except Conflict as conflict:
        raise InvalidInput(conflict.message) from conflict
