"""The engine that writes a workspace's texts, and what it has used today. The key goes
in and never comes out.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.mappings import JsonObject
from templates_ai import budget
from templates_ai.models import EngineSettings
from templates_ai.selectors import engine_of
from templates_ai.services import choose_engine, stored_engine
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
    workspace_of,
)


class ChosenEngine(serializers.Serializer[Any]):
    """What is to be changed; what is missing stays, and so does a blank key. Prices are
    for a million tokens.
    """

    engine = serializers.ChoiceField(
        [EngineSettings.OFFLINE, EngineSettings.OPENAI], required=False
    )
    base_url = serializers.CharField(required=False, allow_blank=True, max_length=500)
    model = serializers.CharField(required=False, allow_blank=True, max_length=120)
    key = serializers.CharField(
        required=False, allow_blank=True, max_length=500, write_only=True
    )
    seconds = serializers.FloatField(required=False, min_value=1, max_value=120)
    stream = serializers.BooleanField(required=False)
    price_in = serializers.DecimalField(
        required=False, max_digits=10, decimal_places=4, min_value=0
    )
    price_out = serializers.DecimalField(
        required=False, max_digits=10, decimal_places=4, min_value=0
    )
    daily_tokens = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=2**31 - 1
    )
    daily_cost = serializers.DecimalField(
        required=False, allow_null=True, max_digits=10, decimal_places=4, min_value=0
    )
    needs_approval = serializers.BooleanField(required=False)


def body(settings: EngineSettings) -> JsonObject:
    """The engine with today's use; prices are for a million tokens. Of the key only
    whether there is one.
    """
    use = budget.today(settings.workspace)
    return {
        "engine": settings.engine,
        "base_url": settings.base_url,
        "model": settings.model,
        "has_key": bool(settings.key),
        "seconds": settings.seconds,
        "stream": settings.stream,
        "price_in": float(settings.price_in),
        "price_out": float(settings.price_out),
        "daily_tokens": settings.daily_tokens,
        "daily_cost": None
        if settings.daily_cost is None
        else float(settings.daily_cost),
        "needs_approval": settings.needs_approval,
        "today": {
            "texts": use.texts,
            "tokens": use.tokens,
            "cost": float(use.cost),
            "until": use.until.isoformat(),
        },
    }


class EngineStatus(APIView):
    scope = "posts"

    def get(self, request: ApiRequest) -> Response:
        """The engine, its budget and today's use; for managers."""
        settings = engine_of(request.user, workspace_of(request))
        return versioned(body(settings), stored_engine(settings))

    @extend_schema(
        request=ChosenEngine,
        parameters=[IF_MATCH],
    )
    def put(self, request: ApiRequest) -> Response:
        """Choose the engine and its budget; for managers."""
        values = read(ChosenEngine, request)
        if not values.get("key"):
            values.pop("key", None)
        workspace = workspace_of(request)
        version = expected_version(request)
        with showing_current(lambda: self.get(request).data):
            settings = choose_engine(request.user, workspace, values, version)
        return versioned(body(settings), stored_engine(settings))
