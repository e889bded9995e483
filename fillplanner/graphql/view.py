"""The door: `POST /graphql`, for the tokens and sessions of the REST interface."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from strawberry.schema.exceptions import (
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
)
from strawberry.types.graphql import OperationType

from common import json_fields as serializers
from common.errors import Unprocessable
from common.mappings import JsonObject
from fillplanner.graphql.caller import Caller
from fillplanner.graphql.errors import told
from fillplanner.graphql.schema import schema
from workspaces.doors import ApiRequest, read

LONGEST_QUERY = 20_000


class Call(serializers.Serializer[Any]):
    """A query or mutation; other members are passed over."""

    query = serializers.CharField(max_length=LONGEST_QUERY, trim_whitespace=False)
    variables = serializers.DictField(required=False, allow_null=True)
    operationName = serializers.CharField(required=False, allow_null=True)


class GraphQL(APIView):
    """Fields check the scopes of API tokens: reading and writing come through one
    address.
    """

    permission_classes = [IsAuthenticated]

    @extend_schema(exclude=True)
    def post(self, request: ApiRequest) -> Response:
        """Answer one query or mutation. What it says of errors is in the body, with 200."""
        call = read(Call, request)
        return Response(answer_to(call, Caller(request.user, request.auth)))


def answer_to(call: JsonObject, caller: Caller) -> JsonObject:
    """Data and errors. Raises Unprocessable where it is not clear what to do."""
    try:
        result = schema.execute_sync(
            call["query"],
            variable_values=call.get("variables"),
            context_value=caller,
            operation_name=call.get("operationName"),
            allowed_operation_types=(OperationType.QUERY, OperationType.MUTATION),
        )
    except (CannotGetOperationTypeError, InvalidOperationTypeError):
        text = "Name a query or mutation of the document."
        raise Unprocessable(text, {"body.operationName": [text]}) from None
    answer: JsonObject = {"data": result.data}
    if result.errors:
        answer["errors"] = [told(error) for error in result.errors]
    return answer
