"""What sends a channel's posts."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common import json_fields as serializers
from scheduling.access import access_channel
from scheduling.api.marketing.bodies import ConnectionBody
from scheduling.api.marketing.channels import CHANNEL_ACCOUNT_ID
from scheduling.api.marketing.words import connection_body
from scheduling.channels import connections
from scheduling.networks.registry import PUBLISHERS
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
)

PUBLISHER_NAMES = list(PUBLISHERS)
NOT_WORKING = "The connection does not work, or cannot be tried; the text says why."


@extend_schema_field({"type": "string", "enum": PUBLISHER_NAMES})
class PublisherName(serializers.CharField):
    """A publisher's name; the service says which there are."""


class ConnectionFields(serializers.Serializer[Any]):
    """The publisher with what it needs. The secret is kept encrypted and given to nobody."""

    publisher = PublisherName(
        max_length=20,
        help_text="What sends the account's posts",
    )
    endpoint = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=1000,
        help_text="The address to send to, where the publisher needs one: `webhook`, "
        "`mastodon` and `wordpress`",
    )
    login_name = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="The name to sign in with: `wordpress` and `bluesky`",
    )
    secret = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=4000,
        trim_whitespace=False,
        help_text="The password, token or signing secret; left out, the one that is "
        "kept stays as long as nothing else changes",
    )


class ConnectionVerdict(TypedDict):
    """That a connection works."""

    ok: Literal[True]
    """Always true: a connection that does not work is a 400 with the reason."""
    message: str
    """Who is signed in, for people to read."""


class ChannelConnection(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="read_connection",
        parameters=[CHANNEL_ACCOUNT_ID],
        responses=ConnectionBody,
    )
    def get(self, request: ApiRequest, account_id: UUID) -> Response:
        """How the channel is connected, without the secret."""
        channel = access_channel(request.user, account_id)
        return versioned(connection_body(channel), connections.stored(channel))

    @extend_schema(
        operation_id="connect_channel_account",
        request=ConnectionFields,
        parameters=[CHANNEL_ACCOUNT_ID, IF_MATCH],
        responses=ConnectionBody,
    )
    def put(self, request: ApiRequest, account_id: UUID) -> Response:
        """Connect the channel. Managers only."""
        connection = connections.ConnectionRequest(**read(ConnectionFields, request))
        version = expected_version(request)
        with showing_current(lambda: self.get(request, account_id).data):
            channel = connections.connect(request.user, account_id, connection, version)
        return versioned(connection_body(channel), connections.stored(channel))

    @extend_schema(
        operation_id="disconnect_channel_account",
        parameters=[CHANNEL_ACCOUNT_ID],
        responses=ConnectionBody,
    )
    def delete(self, request: ApiRequest, account_id: UUID) -> Response:
        """Disconnect the channel and forget its secret. Answers with what is left of the
        connection. Managers only.
        """
        channel = connections.disconnect(request.user, account_id)
        return Response(connection_body(channel))


class ConnectionTest(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="try_connection",
        request=None,
        parameters=[CHANNEL_ACCOUNT_ID],
        responses={200: ConnectionVerdict, 400: NOT_WORKING},
    )
    def post(self, request: ApiRequest, account_id: UUID) -> Response:
        """Ask the platform whether the sign-in works, without posting anything. Managers only."""
        message = connections.try_connection(request.user, account_id)
        verdict: ConnectionVerdict = {"ok": True, "message": message}
        return Response(verdict)
