"""The strategies that can be asked for."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from fillplanner.bodies.plans import StrategyBody
from fillplanner.planning.strategies import STRATEGIES
from workspaces.doors import ApiRequest


class Strategies(APIView):
    scope = "plans"

    @extend_schema(operation_id="list_strategies", responses=list[StrategyBody])
    def get(self, request: ApiRequest) -> Response:
        """Names, aliases and descriptions of the strategies that are installed."""
        rows: list[StrategyBody] = [
            {
                "name": row.name,
                "aliases": list(row.aliases),
                "description": row.description,
            }
            for row in STRATEGIES
        ]
        return Response(rows)
