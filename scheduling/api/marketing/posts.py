"""Post instances."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.instants import InstantField
from common.mappings import JsonObject, Values
from scheduling.access import (
    access_channel,
    access_content,
    access_post,
    attempts_of,
    posts_of,
)
from scheduling.api.marketing import queries
from scheduling.api.marketing.queries import CREATED, TENANT
from scheduling.api.marketing.words import (
    STATUS,
    attempt_body,
    post_body,
    states_called,
)
from scheduling.domain import states
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
STATUSES = list(dict.fromkeys((*STATUS.values(), "Needs Approval", "Approved")))
FILTERS = (
    "content_item_id",
    "channel_account_id",
    "status",
    "scheduled_from",
    "scheduled_to",
    "limit",
    "offset",
)


class PostFields(serializers.Serializer[Any]):
    """What clients may change of a post."""

    content_item_id = serializers.UUIDField(required=False)
    caption_override = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=70_000
    )
    scheduled_for = InstantField(required=False)
    format = serializers.CharField(required=False, allow_blank=True, max_length=20)
    status = serializers.ChoiceField(WRITABLE, required=False)


class NewPost(PostFields):
    tenant_id = serializers.CharField()
    content_item_id = serializers.UUIDField()
    channel_account_id = serializers.UUIDField()
    status = serializers.ChoiceField(INITIAL, required=False)


class PostInstances(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_post_instances",
        parameters=[
            TENANT,
            *(OpenApiParameter(name, str) for name in FILTERS),
        ],
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's posts, latest time first, those without a time last."""
        workspace = queries.tenant(request)
        page = queries.page(request)
        latest_first = F("scheduled_at").desc(nulls_last=True)
        rows = narrowed(request, posts_of(request.user, workspace))
        shown = rows.order_by(latest_first, "pk")[page]
        return Response([post_body(post, workspace.slug) for post in shown])

    @extend_schema(request=NewPost, responses=CREATED)
    def post(self, request: ApiRequest) -> Response:
        """Add a post; it is scheduled when `status` says so."""
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


def body_of(post: Post) -> JsonObject:
    """One post, and what its platform says of it while it can still be changed: what
    blocks it and what is only warned of.
    """
    findings = misfits(post) if post.state in states.OPEN else []
    told = [
        {"level": finding.level, "rule": finding.rule, "message": finding.message}
        for finding in findings
    ]
    return post_body(post, post.workspace.slug) | {"findings": told}


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
    if status := queries.word(request, "status", STATUSES):
        rows = rows.filter(state__in=states_called(status))
    return rows


class BulkPosts(serializers.Serializer[Any]):
    """One content item for many channel accounts."""

    content_item_id = serializers.UUIDField()
    channel_account_ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=200
    )
    scheduled_for = InstantField(required=False, allow_null=True)


class BulkPostInstances(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="create_many_post_instances",
        request=BulkPosts,
        parameters=[TENANT],
        responses=CREATED,
    )
    def post(self, request: ApiRequest) -> Response:
        """The same content to many channel accounts: scheduled when a time is given,
        else drafts. All or none.
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

    def get(self, request: ApiRequest, post_id: UUID) -> Response:
        """One post; `findings` is what its platform says of it while it can be changed."""
        post = access_post(request.user, post_id)
        return versioned(body_of(post), posts.stored(post))

    @extend_schema(
        request=PostFields(partial=True),
        parameters=[IF_MATCH],
    )
    def patch(self, request: ApiRequest, post_id: UUID) -> Response:
        """Fill a slot, change text or time, schedule or cancel: what the body names, in
        that order, or nothing.
        """
        fields = read(PostFields, request, partial=True)
        post = access_post(request.user, post_id, Role.EDITOR)
        changes = changes_of(request.user, fields)
        version = expected_version(request)
        with showing_current(lambda: self.get(request, post_id).data):
            post = posts.change(request.user, post, changes, version)
        return versioned(body_of(post), posts.stored(post))

    def delete(self, request: ApiRequest, post_id: UUID) -> Response:
        """Delete a post; canceling keeps it, and its slot used up. Refused while it is
        being published.
        """
        posts.remove(request.user, access_post(request.user, post_id, Role.EDITOR))
        return Response({"deleted": True})


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

    posted_at = InstantField(required=False, allow_null=True)
    post_url = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=1000
    )


class MarkPosted(APIView):
    scope = "posts"

    @extend_schema(
        request=Marked,
    )
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Note that a post is live: it was posted by hand, or somebody has looked."""
        data = read(Marked, request)
        post = access_post(request.user, post_id, Role.EDITOR)
        outcomes.mark_published(
            request.user, post, data.get("post_url") or "", data.get("posted_at")
        )
        return Response(post_body(post, post.workspace.slug))


class MarkFailed(APIView):
    scope = "posts"

    @extend_schema(
        request=None,
        parameters=[OpenApiParameter("error_message", str, required=True)],
    )
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Note that a post did not go out, with the reason."""
        reason = queries.required(request, "error_message")
        post = access_post(request.user, post_id, Role.EDITOR)
        outcomes.mark_failed(request.user, post, reason)
        return Response(post_body(post, post.workspace.slug))


class Resolve(APIView):
    scope = "posts"

    @extend_schema(request=None, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: ApiRequest, post_id: UUID) -> Response:
        """Ask the platform now what became of a post whose fate is unknown; the answer
        comes as a change of it.
        """
        post = access_post(request.user, post_id, Role.EDITOR)
        outcomes.ask_again(request.user, post)
        return Response(post_body(post, post.workspace.slug), status=202)


class Attempts(APIView):
    scope = "posts"

    def get(self, request: ApiRequest, post_id: UUID) -> Response:
        """Every try to publish the post, the latest first."""
        rows = attempts_of(request.user, access_post(request.user, post_id))
        return Response([attempt_body(attempt) for attempt in rows])
