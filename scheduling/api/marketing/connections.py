"""What sends a channel's posts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from scheduling.access import access_channel
from scheduling.api.marketing.words import connection_body
from scheduling.channels import connections
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
)


class ConnectionFields(serializers.Serializer[Any]):
    """The publisher with what it needs. The secret is kept encrypted and given to nobody."""

    publisher = serializers.CharField(max_length=20)
    endpoint = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    login_name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    secret = serializers.CharField(
        required=False, allow_blank=True, max_length=4000, trim_whitespace=False
    )


class ChannelConnection(APIView):
    scope = "posts"

    def get(self, request: ApiRequest, account_id: UUID) -> Response:
        """How the channel is connected; without the secret."""
        channel = access_channel(request.user, account_id)
        return versioned(connection_body(channel), connections.stored(channel))

    @extend_schema(
        request=ConnectionFields,
        parameters=[IF_MATCH],
    )
    def put(self, request: ApiRequest, account_id: UUID) -> Response:
        """Connect the channel. Managers only."""
        connection = connections.ConnectionRequest(**read(ConnectionFields, request))
        version = expected_version(request)
        with showing_current(lambda: self.get(request, account_id).data):
            channel = connections.connect(request.user, account_id, connection, version)
        return versioned(connection_body(channel), connections.stored(channel))

    def delete(self, request: ApiRequest, account_id: UUID) -> Response:
        """Disconnect the channel and forget its secret. Managers only."""
        channel = connections.disconnect(request.user, account_id)
        return Response(connection_body(channel))


class ConnectionTest(APIView):
    scope = "posts"

    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, account_id: UUID) -> Response:
        """Ask the platform whether the sign-in works, without posting anything. Managers only."""
        message = connections.try_connection(request.user, account_id)
        return Response({"ok": True, "message": message})
