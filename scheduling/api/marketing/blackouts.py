"""Blackouts: hours in which nothing goes out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.mappings import JsonObject, Values
from scheduling.access import access_blackout, access_channel, access_post, blackouts_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.queries import CREATED, TENANT
from scheduling.api.marketing.words import our_fields
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


class BlackoutFields(serializers.Serializer[Any]):
    """A blackout as clients write it; times are local times of `timezone`."""

    kind = serializers.ChoiceField(Blackout.Kind.values, required=False)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)
    platform = serializers.ChoiceField(
        [p.id for p in PLATFORMS], required=False, allow_blank=True
    )
    channel_account_id = serializers.UUIDField(required=False, allow_null=True)
    post_instance_id = serializers.UUIDField(required=False, allow_null=True)
    begins = serializers.RegexField(
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$", help_text="local, 2026-12-24T18:00"
    )
    ends = serializers.RegexField(
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$", help_text="local, exclusive"
    )
    timezone = serializers.CharField(max_length=64, required=False)
    rule = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="RFC 5545, FREQ=WEEKLY",
    )


class NewBlackout(BlackoutFields):
    tenant_id = serializers.CharField()


OURS = {
    "begins": "begins_local",
    "ends": "ends_local",
    "timezone": "zone",
    "channel_account_id": "account",
    "post_instance_id": "post",
}


def values_of(request: ApiRequest, data: Values) -> Values:
    """Our field names; channel and post are fetched as the user may see them."""
    values = our_fields(data, OURS)
    if channel_id := values.get("account"):
        values["account"] = access_channel(request.user, channel_id)
    if post_id := values.get("post"):
        values["post"] = access_post(request.user, post_id)
    return values


def body(blackout: Blackout) -> JsonObject:
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


def with_posts(request: ApiRequest, blackout: Blackout) -> JsonObject:
    """As `body`, with the posts that wait inside, each with the next free instant."""
    inside = blackouts.inside(request.user, blackout.pk)
    return {**body(blackout), "posts_inside": [inside_body(each) for each in inside]}


def inside_body(inside: Offer) -> JsonObject:
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
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's blackouts and overrides."""
        rows = blackouts_of(request.user, queries.tenant(request))
        return Response([body(blackout) for blackout in rows])

    @extend_schema(request=NewBlackout, responses=CREATED)
    def post(self, request: ApiRequest) -> Response:
        """Add one; the answer lists the posts that wait inside it, each with the next free time."""
        fields = read(NewBlackout, request)
        workspace = queries.tenant(request, Role.MANAGER, fields["tenant_id"])
        blackout = blackouts.add_blackout(
            request.user, workspace, values_of(request, fields)
        )
        return Response(with_posts(request, blackout), status=201)


class OneBlackout(APIView):
    scope = "posts"

    def get(self, request: ApiRequest, blackout_id: UUID) -> Response:
        """One blackout with the posts that wait inside it."""
        blackout = access_blackout(request.user, blackout_id)
        return versioned(with_posts(request, blackout), blackouts.stored(blackout))

    @extend_schema(
        request=BlackoutFields(partial=True),
        parameters=[IF_MATCH],
    )
    def patch(self, request: ApiRequest, blackout_id: UUID) -> Response:
        """Change some fields."""
        fields = read(BlackoutFields, request, partial=True)
        values = values_of(request, fields)
        version = expected_version(request)
        with showing_current(lambda: self.get(request, blackout_id).data):
            blackout = blackouts.change_blackout(
                request.user, blackout_id, values, version
            )
        return versioned(with_posts(request, blackout), blackouts.stored(blackout))

    def delete(self, request: ApiRequest, blackout_id: UUID) -> Response:
        """Delete it."""
        blackouts.remove_blackout(request.user, blackout_id)
        return Response({"deleted": True})


class MovedOut(APIView):
    scope = "posts"

    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, blackout_id: UUID) -> Response:
        """Move the posts inside to the next free times."""
        moved, problems = blackouts.move_out(request.user, blackout_id)
        return Response({"moved": moved, "problems": problems})
