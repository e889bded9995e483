"""Blackouts: hours in which nothing goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.bodies import Identifier, one_of
from common.mappings import Values
from scheduling.access import access_blackout, access_channel, access_post, blackouts_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.bodies import Deleted
from scheduling.api.marketing.queries import SHORT_NAME, TENANT
from scheduling.api.marketing.words import deleted, our_fields
from scheduling.blackouts import services as blackouts
from scheduling.blackouts.offers import Offer
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.models import Blackout
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
)
from workspaces.roles import Role

KINDS = list(Blackout.Kind.values)
PLATFORM_IDS = [platform.id for platform in PLATFORMS]
LOCAL_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$"
BLACKOUT_ID = queries.place("blackout_id", "The blackout's id")


class BlackoutFields(serializers.Serializer[Any]):
    """A blackout as clients write it; times are local times of `timezone`."""

    kind = serializers.ChoiceField(
        KINDS,
        required=False,
        help_text="Why there is one; `manual_override` opens what others close; "
        "default `blackout_window`",
    )
    reason = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        help_text="Why, in people's words",
    )
    platform = serializers.ChoiceField(
        PLATFORM_IDS,
        required=False,
        allow_blank=True,
        help_text="The one platform that it holds for; give at most one of this, "
        "`channel_account_id` and `post_instance_id`",
    )
    channel_account_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The one channel account that it holds for",
    )
    post_instance_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The one post that it holds for",
    )
    begins = serializers.RegexField(
        LOCAL_TIME,
        help_text="Its first begin, a local time such as `2026-12-24T18:00`",
    )
    ends = serializers.RegexField(
        LOCAL_TIME,
        help_text="Its first end, a local time; that moment is open again",
    )
    timezone = serializers.CharField(
        max_length=64,
        required=False,
        help_text="The time zone of both, such as `Europe/Berlin`; default: the "
        "workspace's",
    )
    rule = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="How it comes again: a recurrence rule of RFC 5545 such as "
        "`FREQ=WEEKLY`; default: once",
    )


class NewBlackout(BlackoutFields):
    """A blackout for a workspace."""

    tenant_id = serializers.CharField(help_text=SHORT_NAME)


class BlackoutBody(TypedDict):
    """Hours in which nothing goes out, or, for an override, may go out all the same."""

    id: Identifier
    """The blackout's id."""
    kind: Annotated[str, one_of(KINDS)]
    """Why there is one; `manual_override` opens what others close."""
    reason: str
    """Why, in people's words."""
    platform: Annotated[str, one_of(PLATFORM_IDS)] | None
    """The one platform that it holds for; null for others than that."""
    channel_account_id: Identifier | None
    """The one channel account that it holds for."""
    post_instance_id: Identifier | None
    """The one post that it holds for."""
    begins: str
    """Its first begin, a local time of `timezone` (`2026-12-24T18:00`)."""
    ends: str
    """Its first end, in the same way; that moment is open again."""
    timezone: str
    """The time zone of both, for instance `Europe/Berlin`."""
    rule: str
    """How it comes again, a recurrence rule of RFC 5545; blank for once."""
    scope: str
    """What it holds for, for people to read."""


class PostInBlackout(TypedDict):
    """A post that waits in a blackout."""

    post_instance_id: Identifier
    """The post."""
    scheduled_for: datetime | None
    """When it is to go out as yet."""
    next_free: datetime | None
    """The next free time of its channel; null where there is none within a year."""


class BlackoutWithPosts(BlackoutBody):
    """A blackout, and the posts that wait inside it."""

    posts_inside: list[PostInBlackout]
    """In order of time; they stay until they are moved."""


class MovedPosts(TypedDict):
    """What moving posts out of a blackout has done."""

    moved: int
    """How many posts were moved."""
    problems: list[str]
    """Why others were not, for people to read."""


OURS = {
    "begins": "begins_local",
    "ends": "ends_local",
    "timezone": "zone",
    "channel_account_id": "account",
    "post_instance_id": "post",
}
UNKNOWN_PARTS = (
    "There is no such workspace, blackout, channel account or post, or it is not yours."
)


def values_of(request: ApiRequest, data: Values) -> Values:
    """Our field names; channel and post are fetched as the user may see them."""
    values = our_fields(data, OURS)
    if channel_id := values.get("account"):
        values["account"] = access_channel(request.user, channel_id)
    if post_id := values.get("post"):
        values["post"] = access_post(request.user, post_id)
    return values


def body(blackout: Blackout) -> BlackoutBody:
    """A blackout as clients get it; its times are local, without offset."""
    return {
        "id": str(blackout.pk),
        "kind": blackout.kind,
        "reason": blackout.reason,
        "platform": blackout.platform or None,
        "channel_account_id": str(blackout.account_id) if blackout.account_id else None,
        "post_instance_id": str(blackout.post_id) if blackout.post_id else None,
        "begins": blackout.begins_local,
        "ends": blackout.ends_local,
        "timezone": blackout.zone,
        "rule": blackout.rule,
        "scope": blackout.scope,
    }


def with_posts(request: ApiRequest, blackout: Blackout) -> BlackoutWithPosts:
    """As `body`, with the posts that wait inside, each with the next free instant."""
    inside = blackouts.inside(request.user, blackout.pk)
    return {**body(blackout), "posts_inside": [inside_body(each) for each in inside]}


def inside_body(inside: Offer) -> PostInBlackout:
    """A post that waits in a blackout, with the next free instant."""
    return {
        "post_instance_id": str(inside.post.pk),
        "scheduled_for": inside.post.scheduled_at,
        "next_free": inside.at,
    }


class Blackouts(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_blackouts",
        parameters=[TENANT],
        responses=list[BlackoutBody],
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's blackouts and overrides."""
        rows = blackouts_of(request.user, queries.tenant(request))
        return Response([body(blackout) for blackout in rows])

    @extend_schema(
        operation_id="add_blackout",
        request=NewBlackout,
        responses={201: BlackoutWithPosts, 404: UNKNOWN_PARTS},
    )
    def post(self, request: ApiRequest) -> Response:
        """Add a blackout. The answer lists the posts that wait inside it, each with the
        next free time. Managers only.
        """
        fields = read(NewBlackout, request)
        workspace = queries.tenant(request, Role.MANAGER, fields["tenant_id"])
        blackout = blackouts.add_blackout(
            request.user, workspace, values_of(request, fields)
        )
        return Response(with_posts(request, blackout), status=201)


class OneBlackout(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_blackout",
        parameters=[BLACKOUT_ID],
        responses=BlackoutWithPosts,
    )
    def get(self, request: ApiRequest, blackout_id: UUID) -> Response:
        """One blackout with the posts that wait inside it."""
        blackout = access_blackout(request.user, blackout_id)
        return versioned(with_posts(request, blackout), blackouts.stored(blackout))

    @extend_schema(
        operation_id="change_blackout",
        request=BlackoutFields(partial=True),
        parameters=[BLACKOUT_ID, IF_MATCH],
        responses={200: BlackoutWithPosts, 404: UNKNOWN_PARTS},
    )
    def patch(self, request: ApiRequest, blackout_id: UUID) -> Response:
        """Change some fields of a blackout. Managers only."""
        fields = read(BlackoutFields, request, partial=True)
        values = values_of(request, fields)
        version = expected_version(request)
        with showing_current(lambda: self.get(request, blackout_id).data):
            blackout = blackouts.change_blackout(
                request.user, blackout_id, values, version
            )
        return versioned(with_posts(request, blackout), blackouts.stored(blackout))

    @extend_schema(
        operation_id="delete_blackout",
        parameters=[BLACKOUT_ID],
        responses=Deleted,
    )
    def delete(self, request: ApiRequest, blackout_id: UUID) -> Response:
        """Delete a blackout. Managers only."""
        blackouts.remove_blackout(request.user, blackout_id)
        return deleted()


class MovedOut(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="move_posts_out_of_blackout",
        request=None,
        parameters=[BLACKOUT_ID],
        responses=MovedPosts,
    )
    def post(self, request: ApiRequest, blackout_id: UUID) -> Response:
        """Move the posts inside a blackout to the next free times."""
        moved, problems = blackouts.move_out(request.user, blackout_id)
        report: MovedPosts = {"moved": moved, "problems": problems}
        return Response(report)
