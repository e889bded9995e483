"""Channels and channel accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.errors import Missing
from common.mappings import Values
from scheduling.access import access_channel, channels_of
from scheduling.api.marketing import queries
from scheduling.api.marketing.bodies import (
    CHANNEL_STATUSES,
    ChannelAccountBody,
    ChannelBody,
    Deleted,
)
from scheduling.api.marketing.queries import SHORT_NAME, TENANT
from scheduling.api.marketing.words import (
    account_body,
    blank_nulls,
    deleted,
    our_fields,
    platform_body,
    platform_of_key,
)
from scheduling.channels import services as channels
from scheduling.domain.cadence import LARGEST_CADENCE
from scheduling.domain.platforms.catalogue import PLATFORMS
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
)
from workspaces.roles import Role

OURS = {
    "channel_id": "platform",
    "schedule_timezone": "zone",
    "schedule_times": "local_times",
}


CHANNEL_ACCOUNT_ID = queries.place("account_id", "The channel account's id")
UNKNOWN_CHANNEL = "There is no such channel or workspace, or it is not yours."
NAME_TAKEN = "The platform has an account of this name already."
BEING_PUBLISHED = "One of its posts is being published; try again in a minute."


class AccountFields(serializers.Serializer[Any]):
    """A channel account as clients write it."""

    channel_id = serializers.CharField(
        help_text="The platform: the `id` of a channel; other names of it count too"
    )
    name = serializers.CharField(
        max_length=120,
        help_text="What people call it; unique for the platform in the workspace",
    )
    external_id = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=200,
        help_text="Its id on the platform",
    )
    profile_url = serializers.URLField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=500,
        help_text="Where it is on the platform",
    )
    login_email = serializers.EmailField(
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="The e-mail address that people sign in there with",
    )
    status = serializers.ChoiceField(
        CHANNEL_STATUSES,
        required=False,
        help_text="Paused accounts hold their posts; posts of unconnected ones fail at "
        "their time; default `active`",
    )
    notes = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=2000,
        help_text="For the workspace's own people",
    )
    posts_per_week = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_CADENCE,
        help_text="How many slots a week are planned; default 3",
    )
    schedule_timezone = serializers.CharField(
        required=False,
        max_length=64,
        help_text="The time zone of `schedule_times`, such as `Europe/Berlin`; default "
        "`America/Los_Angeles`",
    )
    schedule_times = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        allow_null=True,
        help_text="Local times that posts take in turn, as `HH:MM`; null or empty for "
        "09:00",
    )


class NewAccount(AccountFields):
    """A channel account for a workspace."""

    tenant_id = serializers.CharField(help_text=SHORT_NAME)


def values_of(data: Values) -> Values:
    """Our field names and values; null means blank, and for times the default."""
    values = our_fields(data, OURS)
    if "platform" in values:
        values["platform"] = _platform(values["platform"])
    if "local_times" in values:
        values["local_times"] = values["local_times"] or ["09:00"]
    return blank_nulls(values)


def _platform(key: str) -> str:
    try:
        return platform_of_key(key)
    except KeyError:
        raise Missing("Channel not found") from None


class Channels(APIView):
    scope = "posts"

    @extend_schema(operation_id="list_channels", responses=list[ChannelBody])
    def get(self, request: ApiRequest) -> Response:
        """The platforms that channel accounts can be on, by name."""
        rows = sorted(PLATFORMS, key=lambda platform: platform.name)
        return Response([platform_body(platform) for platform in rows])


class SeedChannels(Channels):
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="seed_channels",
        request=None,
        responses=list[ChannelBody],
    )
    def post(self, request: ApiRequest) -> Response:
        """The same list again. Channels are part of the product and need no seeding."""
        return super().get(request)


class ChannelAccounts(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_channel_accounts",
        parameters=[TENANT],
        responses=list[ChannelAccountBody],
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's channel accounts, by name."""
        rows = channels_of(request.user, queries.tenant(request)).select_related(
            "workspace"
        )
        return Response([account_body(account) for account in rows])

    @extend_schema(
        operation_id="add_channel_account",
        request=NewAccount,
        responses={201: ChannelAccountBody, 404: UNKNOWN_CHANNEL, 409: NAME_TAKEN},
    )
    def post(self, request: ApiRequest) -> Response:
        """Add a channel account. Managers only."""
        fields = read(NewAccount, request)
        workspace = queries.tenant(request, Role.MANAGER, fields["tenant_id"])
        account = channels.create_channel(request.user, workspace, values_of(fields))
        return Response(account_body(account), status=201)


class OneChannelAccount(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_channel_account",
        parameters=[CHANNEL_ACCOUNT_ID],
        responses=ChannelAccountBody,
    )
    def get(self, request: ApiRequest, account_id: UUID) -> Response:
        """One channel account."""
        account = access_channel(request.user, account_id)
        return versioned(account_body(account), channels.stored(account))

    @extend_schema(
        operation_id="change_channel_account",
        request=AccountFields(partial=True),
        parameters=[CHANNEL_ACCOUNT_ID, IF_MATCH],
        responses={200: ChannelAccountBody, 409: NAME_TAKEN},
    )
    def patch(self, request: ApiRequest, account_id: UUID) -> Response:
        """Change some fields of a channel account. Managers only."""
        fields = read(AccountFields, request, partial=True)
        values = values_of(fields)
        version = expected_version(request)
        with showing_current(lambda: self.get(request, account_id).data):
            account = channels.change_channel(request.user, account_id, values, version)
        return versioned(account_body(account), channels.stored(account))

    @extend_schema(
        operation_id="delete_channel_account",
        parameters=[CHANNEL_ACCOUNT_ID],
        responses={200: Deleted, 409: BEING_PUBLISHED},
    )
    def delete(self, request: ApiRequest, account_id: UUID) -> Response:
        """Delete a channel account with its posts. Managers only."""
        channels.remove_channel(request.user, account_id)
        return deleted()
