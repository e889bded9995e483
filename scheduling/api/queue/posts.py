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
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.errors import Conflict, InvalidInput, Missing, Outdated
from common.mappings import Values
from scheduling.access import access_group, groups_of
from scheduling.api.marketing.queries import counted, number
from scheduling.api.queue.words import (
    HASHTAGS,
    NAMES,
    Metadata,
    Platforms,
    QueuedPostBody,
    QueueMessage,
    Tags,
    content_fields,
    done,
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
KNOWN = ", ".join(NAMES)
CLOCK = "an ISO 8601 date and time, on the workspace's clock unless it has an offset"
QUEUED_POST_ID = OpenApiParameter(
    "post_id",
    int,
    OpenApiParameter.PATH,
    description="The post's number",
)
NEW_TIME = OpenApiParameter(
    "new_time",
    description=f"When it is to go out, {CLOCK}; may be in the body instead",
)
NEW_WORDS = [
    OpenApiParameter(
        "title",
        description="Its title; this and the others may be in the body instead",
    ),
    OpenApiParameter("caption", description="Its text"),
    OpenApiParameter(
        "hashtags",
        description="Its hashtags, with or without `#`, separated by blanks",
    ),
    OpenApiParameter(
        "platforms",
        description="Where it goes, names separated by commas",
    ),
]
HOURS = counted("hours", 1, 168, 24, "How many hours ahead are listed")
PAST_DAYS = counted("days", 1, 30, 7, "How many past days are listed")
NO_VIDEO = "The video is not there, or a rule keeps the post from being queued."
TAKEN = "A channel has another post at that time."
NOTHING_TO_CHANGE = "No change was named, the post is not pending, or a rule is broken."
NOT_FAILED = "There is no such post, none of it has failed, or a rule is broken."
NOT_PENDING = "There is no such post, it is not pending, or a rule is broken."


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
    metadata = Metadata(help_text="What the post says")
    platforms = Platforms(help_text=f"Where it goes, at least one of {KNOWN}")
    scheduled_time = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=64,
        help_text=f"When it is to go out, {CLOCK}; default: the next time that is free "
        "on all platforms",
    )


class QueuedTime(serializers.Serializer[Any]):
    """Another time for a post."""

    new_time = serializers.CharField(
        max_length=64,
        help_text=f"When it is to go out, {CLOCK}",
    )


class QueuedWords(serializers.Serializer[Any]):
    """What is to be changed, in the query or in the body."""

    title = serializers.CharField(
        required=False,
        max_length=200,
        help_text="Its title",
    )
    caption = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=70_000,
        help_text="Its text",
    )
    hashtags = Tags(required=False, help_text=HASHTAGS)
    platforms = Platforms(
        required=False,
        help_text=f"Where it goes, at least one of {KNOWN}",
    )


class QueuedPosts(TypedDict):
    """Some queued posts."""

    posts: list[QueuedPostBody]
    """At most a thousand."""
    count: int
    """How many these are."""


class QueuedVideoBody(QueueMessage):
    """That a video was queued."""

    post_id: int
    """The new post's number."""
    scheduled_time: str
    """When it goes out: the workspace's clock, without offset."""
    warnings: list[str]
    """What does not keep it from going out, for people to read."""


class QueuedTimeBody(QueueMessage):
    """That a post was moved."""

    new_time: str
    """When it goes out: the workspace's clock, without offset."""


def list_body(groups: Iterable[PostGroup]) -> QueuedPosts:
    """The posts with their number, as clients get lists."""
    bodies = [post_body(group) for group in groups]
    return {"posts": bodies, "count": len(bodies)}


class Upcoming(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_upcoming_posts",
        parameters=[HOURS],
        responses=QueuedPosts,
    )
    def get(self, request: ApiRequest) -> Response:
        """Posts that wait or are being published. Those of the next hours are listed,
        and overdue ones.
        """
        until = timezone.now() + timedelta(hours=number(request, "hours", 24, 1, 168))
        rows = groups_of(request.user, workspace_of(request)).upcoming(until)
        return Response(list_body(rows[:MOST_SHOWN]))


class Completed(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_completed_posts",
        parameters=[PAST_DAYS],
        responses=QueuedPosts,
    )
    def get(self, request: ApiRequest) -> Response:
        """Posts that went out in the past days, wholly or in part, latest first."""
        since = timezone.now() - timedelta(days=number(request, "days", 7, 1, 30))
        rows = groups_of(request.user, workspace_of(request)).completed(since)
        return Response(list_body(rows[:MOST_SHOWN]))


class Posts(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="queue_video",
        request=QueuedPost,
        responses={200: QueuedVideoBody, 400: NO_VIDEO, 409: TAKEN},
    )
    def post(self, request: ApiRequest) -> Response:
        """Queue a video for some platforms. It goes out at its time, or at the next one
        that is free on all of them.
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
        body: QueuedVideoBody = {
            **done(f"Video scheduled for {local:%I:%M %p on %B %d}"),
            "post_id": placement.group.pk,
            "scheduled_time": naive(at, workspace.zone),
            "warnings": placement.warnings,
        }
        return Response(body)


class OnePost(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_queued_post",
        parameters=[QUEUED_POST_ID],
        responses=QueuedPostBody,
    )
    def get(self, request: ApiRequest, post_id: int) -> Response:
        """One queued post."""
        group = access_group(request.user, post_id)
        return versioned(post_body(group), groups.stored(group))

    @extend_schema(
        operation_id="move_queued_post",
        request=QueuedTime,
        parameters=[QUEUED_POST_ID, NEW_TIME, IF_MATCH],
        responses={200: QueuedTimeBody, 400: NOT_PENDING},
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
        body: QueuedTimeBody = {**done(message), "new_time": naive(at, zone)}
        return Response(body)

    @extend_schema(
        operation_id="cancel_queued_post",
        parameters=[QUEUED_POST_ID],
        responses={200: QueueMessage, 400: NOT_PENDING},
    )
    def delete(self, request: ApiRequest, post_id: int) -> Response:
        """Cancel a pending post."""
        refusing(groups.cancel, request.user, group_to_change(request, post_id))
        return Response(done("Post cancelled"))


class Force(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="send_queued_post",
        request=None,
        parameters=[QUEUED_POST_ID],
        responses={200: QueueMessage, 400: NOT_PENDING},
    )
    def post(self, request: ApiRequest, post_id: int) -> Response:
        """Send a pending post now."""
        refusing(groups.force, request.user, group_to_change(request, post_id))
        return Response(done("Post is being published now"))


class Approve(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="approve_queued_post",
        request=None,
        parameters=[QUEUED_POST_ID],
        responses={200: QueueMessage, 400: NOT_PENDING},
    )
    def post(self, request: ApiRequest, post_id: int) -> Response:
        """Let a post that waits for approval go out at its time."""
        refusing(groups.approve, request.user, group_to_change(request, post_id))
        return Response(done("Post approved"))


class RetryPost(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="retry_queued_post",
        request=None,
        parameters=[QUEUED_POST_ID],
        responses={200: QueueMessage, 400: NOT_FAILED},
    )
    def post(self, request: ApiRequest, post_id: int) -> Response:
        """Try what failed of a post again. What went out is not sent twice."""
        refusing(groups.retry, request.user, group_to_change(request, post_id))
        return Response(done("Post will be tried again"))


class PostMetadata(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="change_queued_post",
        request=QueuedWords,
        parameters=[QUEUED_POST_ID, *NEW_WORDS, IF_MATCH],
        responses={200: QueueMessage, 400: NOTHING_TO_CHANGE},
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
        return Response(done("Post updated"))


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
