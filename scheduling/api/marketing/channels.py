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
from scheduling.api.marketing.queries import CREATED, TENANT
from scheduling.api.marketing.words import (
    account_body,
    blank_nulls,
    our_fields,
    platform_body,
    platform_of_key,
)
from scheduling.channels import services as channels
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.models import ChannelAccount
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


class AccountFields(serializers.Serializer[Any]):
    """A channel account as clients write it."""

    channel_id = serializers.CharField()
    name = serializers.CharField(max_length=120)
    external_id = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=200
    )
    profile_url = serializers.URLField(
        required=False, allow_null=True, allow_blank=True, max_length=500
    )
    login_email = serializers.EmailField(
        required=False, allow_null=True, allow_blank=True
    )
    status = serializers.ChoiceField(ChannelAccount.Status.choices, required=False)
    notes = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=2000
    )
    posts_per_week = serializers.IntegerField(required=False, min_value=0, max_value=70)
    schedule_timezone = serializers.CharField(required=False, max_length=64)
    schedule_times = serializers.ListField(
        child=serializers.CharField(), required=False, allow_null=True
    )


class NewAccount(AccountFields):
    tenant_id = serializers.CharField()


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

    def get(self, request: ApiRequest) -> Response:
        """The platforms that channel accounts can be on, by name."""
        rows = sorted(PLATFORMS, key=lambda platform: platform.name)
        return Response([platform_body(platform) for platform in rows])


class SeedChannels(Channels):
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="seed_channels",
        request=None,
    )
    def post(self, request: ApiRequest) -> Response:
        """The same list: the channels are part of the product and always there."""
        return super().get(request)


class ChannelAccounts(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="list_channel_accounts",
        parameters=[TENANT],
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's channel accounts, by name."""
        rows = channels_of(request.user, queries.tenant(request)).select_related(
            "workspace"
        )
        return Response([account_body(account) for account in rows])

    @extend_schema(request=NewAccount, responses=CREATED)
    def post(self, request: ApiRequest) -> Response:
        """Add a channel account. Managers only."""
        fields = read(NewAccount, request)
        workspace = queries.tenant(request, Role.MANAGER, fields["tenant_id"])
        account = channels.create_channel(request.user, workspace, values_of(fields))
        return Response(account_body(account), status=201)


class OneChannelAccount(APIView):
    scope = "posts"

    def get(self, request: ApiRequest, account_id: UUID) -> Response:
        """One channel account."""
        account = access_channel(request.user, account_id)
        return versioned(account_body(account), channels.stored(account))

    @extend_schema(
        request=AccountFields(partial=True),
        parameters=[IF_MATCH],
    )
    def patch(self, request: ApiRequest, account_id: UUID) -> Response:
        """Change some fields. Managers only."""
        fields = read(AccountFields, request, partial=True)
        values = values_of(fields)
        version = expected_version(request)
        with showing_current(lambda: self.get(request, account_id).data):
            account = channels.change_channel(request.user, account_id, values, version)
        return versioned(account_body(account), channels.stored(account))

    def delete(self, request: ApiRequest, account_id: UUID) -> Response:
        """Delete a channel account with its posts. Managers only."""
        channels.remove_channel(request.user, account_id)
        return Response({"deleted": True})
