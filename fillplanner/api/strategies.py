"""The strategies that can be asked for."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from fillplanner.planning.strategies import STRATEGIES
from workspaces.doors import ApiRequest


class StrategyRow(serializers.Serializer[Any]):
    name = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField()


class Strategies(APIView):
    scope = "plans"

    @extend_schema(responses=StrategyRow(many=True))
    def get(self, request: ApiRequest) -> Response:
        """Names, aliases and descriptions of the strategies that are installed."""
        rows = [
            {
                "name": row.name,
                "aliases": list(row.aliases),
                "description": row.description,
            }
            for row in STRATEGIES
        ]
        return Response(rows)
