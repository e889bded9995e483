"""Post instances."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.instants import InstantField
from common.mappings import Values
from scheduling.access import (
    access_channel,
    access_content,
    access_post,
    attempts_of,
    posts_of,
)
from scheduling.api.marketing import queries
from scheduling.api.marketing.bodies import (
    FORMATS,
    STATUSES,
    Deleted,
    PostAttempt,
    PostBody,
    PostFinding,
    PostWithFindings,
)
from scheduling.api.marketing.queries import PAGE, SHORT_NAME, TENANT
from scheduling.api.marketing.words import (
    attempt_body,
    deleted,
    post_body,
    states_called,
)
from scheduling.domain import states
from scheduling.domain.platforms.rules import Finding
from scheduling.models import Post
from scheduling.models.posts import PostQuerySet
from scheduling.posts import outcomes, placements
from scheduling.posts import services as posts
from scheduling.posts.fitting import misfits
from scheduling.posts.place import Order
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
)
from workspaces.models import User
from workspaces.roles import Role

WRITABLE = ["Draft", "Scheduled", "Canceled"]
INITIAL = ["Draft", "Scheduled"]
# Posts here are in none of the last two, which newer clients ask for all the same.
ASKED_STATUSES = [*STATUSES, "Needs Approval", "Approved"]
POST_ID = queries.place("post_id", "The post's id")
FILTERS = [
    OpenApiParameter(
        "content_item_id",
        UUID,
        description="Only posts of this content item",
    ),
    OpenApiParameter(
        "channel_account_id",
        UUID,
        description="Only posts of this channel account",
    ),
    OpenApiParameter(
        "status",
        enum=ASKED_STATUSES,
        description="Only posts of this status",
    ),
    OpenApiParameter(
        "scheduled_from",
        description="Only posts from then on: an ISO date or date and time, UTC unless "
        "it has an offset",
    ),
    OpenApiParameter(
        "scheduled_to",
        description="Only posts until then, that moment included; read in the same way",
    ),
]
UNKNOWN_PARTS = (
    "There is no such workspace, content item or channel account, or it is not yours."
)
UNKNOWN_POST = "There is no such post or content item, or it is not yours."
TAKEN = "The channel account has another post at that time."
NOT_SO = "Its status does not allow this, or the time is taken; the text says which."
NOTHING_UNCLEAR = "It is known what became of the post."
ON_ITS_WAY = "It is being published, or nobody knows yet whether it was."


class PostFields(serializers.Serializer[Any]):
    """What clients may change of a post."""

    content_item_id = serializers.UUIDField(
        required=False,
        help_text="What it says; an empty slot is filled by it",
    )
    caption_override = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=70_000,
        help_text="Its own text; null or blank for that of the content item",
    )
    scheduled_for = InstantField(
        required=False,
        help_text="When it is to go out; UTC unless it has an offset",
    )
    format = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20,
        help_text="How the platform carries it: one of "
        f"{', '.join(FORMATS)}, as far as the platform has it; blank for its usual one",
    )
    status = serializers.ChoiceField(
        WRITABLE,
        required=False,
        help_text="`Scheduled` lets it go out at its time, `Draft` does not, `Canceled` "
        "takes it out of the calendar",
    )


class NewPost(PostFields):
    """A post for a channel account."""

    tenant_id = serializers.CharField(help_text=SHORT_NAME)
    content_item_id = serializers.UUIDField(help_text="What it says")
    channel_account_id = serializers.UUIDField(help_text="Where it goes")
    status = serializers.ChoiceField(
        INITIAL,
        required=False,
        help_text="`Scheduled` lets it go out at its time; default `Draft`",
    )


class PostInstances(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_post_instances",
        parameters=[TENANT, *FILTERS, *PAGE],
        responses=list[PostBody],
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's posts, latest time first, those without a time last."""
        workspace = queries.tenant(request)
        page = queries.page(request)
        latest_first = F("scheduled_at").desc(nulls_last=True)
        rows = narrowed(request, posts_of(request.user, workspace))
        shown = rows.order_by(latest_first, "pk")[page]
        return Response([post_body(post, workspace.slug) for post in shown])

    @extend_schema(
        operation_id="add_post_instance",
        request=NewPost,
        responses={201: PostWithFindings, 404: UNKNOWN_PARTS, 409: TAKEN},
    )
    def post(self, request: ApiRequest) -> Response:
        """Add a post. It is scheduled when `status` says so."""
        data = read(NewPost, request)
        user = request.user
        queries.tenant(request, Role.EDITOR, data["tenant_id"])
        channel = access_channel(user, data["channel_account_id"], Role.EDITOR)
        post = posts.create(
            user,
            access_content(user, data["content_item_id"]),
            channel,
            at=data.get("scheduled_for"),
            caption=data.get("caption_override") or "",
            format_=data.get("format", ""),
            approved=data.get("status") == "Scheduled",
        )
        return Response(body_of(post), status=201)


def body_of(post: Post) -> PostWithFindings:
    """One post, and what its platform says of it while it can still be changed: what
    blocks it and what is only warned of.
    """
    findings = misfits(post) if post.state in states.OPEN else []
    return {
        **post_body(post, post.workspace.slug),
        "findings": [finding_body(finding) for finding in findings],
    }


def finding_body(finding: Finding) -> PostFinding:
    """Something that does not fit, as clients get it."""
    return {
        "level": finding.level,
        "rule": finding.rule,
        "message": finding.message,
    }


def narrowed(request: ApiRequest, rows: PostQuerySet) -> PostQuerySet:
    """Those of the posts that the query asks for. Raises Unprocessable for parameters
    that cannot be read.
    """
    content_id = queries.identifier(request, "content_item_id")
    channel_id = queries.identifier(request, "channel_account_id")
    if content_id:
        rows = rows.filter(content=content_id)
    if channel_id:
        rows = rows.filter(account=channel_id)
    start = queries.moment(request, "scheduled_from")
    end = queries.moment(request, "scheduled_to")
    queries.check_order("scheduled_from", start, "scheduled_to", end)
    if start:
        rows = rows.filter(scheduled_at__gte=start)
    if end:
        rows = rows.filter(scheduled_at__lte=end)
    if status := queries.word(request, "status", ASKED_STATUSES):
        rows = rows.filter(state__in=states_called(status))
    return rows


class BulkPosts(serializers.Serializer[Any]):
    """One content item for many channel accounts."""

    content_item_id = serializers.UUIDField(help_text="What the posts say")
    channel_account_ids = serializers.ListField(
        child=serializers.UUIDField(),
        min_length=1,
        max_length=200,
        help_text="Where they go, each once",
    )
    scheduled_for = InstantField(
        required=False,
        allow_null=True,
        help_text="When they are to go out, UTC unless it has an offset; null for drafts "
        "without a time",
    )


class BulkPostInstances(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="create_many_post_instances",
        request=BulkPosts,
        parameters=[TENANT],
        responses={201: list[PostBody], 404: UNKNOWN_PARTS, 409: TAKEN},
    )
    def post(self, request: ApiRequest) -> Response:
        """Add posts with the same content for many channel accounts. They are scheduled
        when a time is given, else drafts; all are made or none.
        """
        data = read(BulkPosts, request)
        workspace = queries.tenant(request, Role.EDITOR)
        at = data.get("scheduled_for")
        order = Order(
            data["content_item_id"],
            tuple(data["channel_account_ids"]),
            at,
            approved=bool(at),
        )
        placement = placements.place(request.user, workspace, order)
        bodies = [post_body(post, workspace.slug) for post in placement.posts]
        return Response(bodies, status=201)


class OnePostInstance(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_post_instance",
        parameters=[POST_ID],
        responses=PostWithFindings,
    )
    def get(self, request: ApiRequest, post_id: UUID) -> Response:
        """One post, with what its platform says of it while it can be changed."""
        post = access_post(request.user, post_id)
        return versioned(body_of(post), posts.stored(post))

    @extend_schema(
        operation_id="change_post_instance",
        request=PostFields(partial=True),
        parameters=[POST_ID, IF_MATCH],
        responses={200: PostWithFindings, 404: UNKNOWN_POST, 409: NOT_SO},
    )
    def patch(self, request: ApiRequest, post_id: UUID) -> Response:
        """Fill a slot, change text or time, schedule or cancel. What the body names is
        done in that order, all of it or nothing.
        """
        fields = read(PostFields, request, partial=True)
        post = access_post(request.user, post_id, Role.EDITOR)
        changes = changes_of(request.user, fields)
        version = expected_version(request)
        with showing_current(lambda: self.get(request, post_id).data):
            post = posts.change(request.user, post, changes, version)
        return versioned(body_of(post), posts.stored(post))

    @extend_schema(
        operation_id="delete_post_instance",
        parameters=[POST_ID],
        responses={200: Deleted, 409: ON_ITS_WAY},
    )
    def delete(self, request: ApiRequest, post_id: UUID) -> Response:
        """Delete a post. Canceling instead keeps it, and its slot used up; neither is
        possible while it is being published.
        """
        posts.remove(request.user, access_post(request.user, post_id, Role.EDITOR))
        return deleted()


TARGETS = {
    "Scheduled": states.SCHEDULED,
    "Draft": states.DRAFT,
    "Canceled": states.CANCELED,
}


def changes_of(user: User, fields: Values) -> posts.Changes:
    """What the body asks for. Raises Missing for content that the user may not see."""
    caption = fields.get("caption_override") or ""
    content_id = fields.get("content_item_id")
    return posts.Changes(
        content=access_content(user, content_id) if content_id else None,
        caption=caption if "caption_override" in fields else None,
        at=fields.get("scheduled_for"),
        format=fields.get("format"),
        target=TARGETS.get(fields.get("status", "")),
    )


class Marked(serializers.Serializer[Any]):
    """How a post that was published by hand is marked."""

    posted_at = InstantField(
        required=False,
        allow_null=True,
        help_text="When it went out, not in the future, UTC unless it has an offset; "
        "default: now",
    )
    post_url = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=1000,
        help_text="Where it is on the platform",
    )


class MarkPosted(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="mark_posted",
        request=Marked,
        parameters=[POST_ID],
        responses={200: PostBody, 409: NOT_SO},
    )
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Note that a post is live. It was posted by hand, or somebody has looked."""
        data = read(Marked, request)
        post = access_post(request.user, post_id, Role.EDITOR)
        outcomes.mark_published(
            request.user, post, data.get("post_url") or "", data.get("posted_at")
        )
        return Response(post_body(post, post.workspace.slug))


REASON = OpenApiParameter(
    "error_message",
    required=True,
    description="Why it did not go out; 2,000 characters of it are kept",
)


class MarkFailed(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="mark_failed",
        request=None,
        parameters=[POST_ID, REASON],
        responses={200: PostBody, 409: NOT_SO},
    )
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Note that a post did not go out, with the reason."""
        reason = queries.required(request, "error_message")
        post = access_post(request.user, post_id, Role.EDITOR)
        outcomes.mark_failed(request.user, post, reason)
        return Response(post_body(post, post.workspace.slug))


class Resolve(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="resolve_post",
        request=None,
        parameters=[POST_ID],
        responses={202: PostBody, 409: NOTHING_UNCLEAR},
    )
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Ask the platform now what became of a post whose fate is unknown. The answer
        comes as a change of the post.
        """
        post = access_post(request.user, post_id, Role.EDITOR)
        outcomes.ask_again(request.user, post)
        return Response(post_body(post, post.workspace.slug), status=202)


class Attempts(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_attempts",
        parameters=[POST_ID],
        responses=list[PostAttempt],
    )
    def get(self, request: ApiRequest, post_id: UUID) -> Response:
        """Every try to publish the post, the latest first."""
        rows = attempts_of(request.user, access_post(request.user, post_id))
        return Response([attempt_body(attempt) for attempt in rows])
