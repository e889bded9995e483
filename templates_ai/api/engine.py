"""The engine that writes a workspace's texts, and what it has used today. The key goes
in and never comes out.
"""

from __future__ import annotations

from typing import Annotated, Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.bodies import Instant, one_of
from common.mappings import Values
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

ENGINES = (EngineSettings.OFFLINE, EngineSettings.OPENAI)
MONEY: Values = {"max_digits": 10, "decimal_places": 4, "min_value": 0}


@extend_schema_field({"type": ["number", "string", "null"], "minimum": 0})
class MoneyField(serializers.DecimalField):
    """An amount of money, in the currency of the prices."""


class ChosenEngine(serializers.Serializer[Any]):
    """What is to be changed; what is missing stays, and so does a blank key. Prices are
    for a million tokens.
    """

    engine = serializers.ChoiceField(
        ENGINES, required=False, help_text="What writes texts"
    )
    base_url = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="Where the service answers; blank for OpenAI's own",
    )
    model = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=120,
        help_text="The model's name with that service",
    )
    key = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        write_only=True,
        help_text="The service's key; stored sealed and never shown",
    )
    seconds = serializers.FloatField(
        required=False,
        min_value=1,
        max_value=120,
        help_text="How long a text may take",
    )
    stream = serializers.BooleanField(
        required=False, help_text="Whether answers come piece by piece"
    )
    price_in = MoneyField(required=False, help_text="Of a million tokens sent", **MONEY)
    price_out = MoneyField(
        required=False, help_text="Of a million tokens written", **MONEY
    )
    daily_tokens = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**31 - 1,
        help_text="Most tokens a day; null for no limit",
    )
    daily_cost = MoneyField(
        required=False,
        allow_null=True,
        help_text="Most money a day; null for no limit",
        **MONEY,
    )
    needs_approval = serializers.BooleanField(
        required=False, help_text="Whether a person approves each text"
    )


class EngineUseBody(TypedDict):
    """What was used today."""

    texts: int
    """How many texts were written."""
    tokens: int
    """Sent and written together."""
    cost: float
    """By the prices that are set."""
    until: Instant
    """When the day ends."""


class EngineBody(TypedDict):
    """The engine that writes a workspace's texts, and what it has used today."""

    engine: Annotated[str, one_of(ENGINES)]
    """What writes texts."""
    base_url: str
    """Where the service answers; blank for OpenAI's own."""
    model: str
    """The model's name with that service."""
    has_key: bool
    """Whether a key is stored; it is never shown."""
    seconds: float
    """How long a text may take."""
    stream: bool
    """Whether answers come piece by piece."""
    price_in: float
    """Of a million tokens sent."""
    price_out: float
    """Of a million tokens written."""
    daily_tokens: int | None
    """Most tokens a day; null for no limit."""
    daily_cost: float | None
    """Most money a day; null for no limit."""
    needs_approval: bool
    """Whether a person approves each text."""
    today: EngineUseBody
    """What it has used so far."""


def use_body(use: budget.Use) -> EngineUseBody:
    """What was used today."""
    return {
        "texts": use.texts,
        "tokens": use.tokens,
        "cost": float(use.cost),
        "until": use.until.isoformat(),
    }


def body(settings: EngineSettings) -> EngineBody:
    """The engine with today's use; prices are for a million tokens. Of the key only
    whether there is one.
    """
    limit = settings.daily_cost
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
        "daily_cost": None if limit is None else float(limit),
        "needs_approval": settings.needs_approval,
        "today": use_body(budget.today(settings.workspace)),
    }


class EngineStatus(APIView):
    scope = "posts"

    @extend_schema(operation_id="read_engine", responses=EngineBody)
    def get(self, request: ApiRequest) -> Response:
        """The engine, its budget and today's use; for managers."""
        settings = engine_of(request.user, workspace_of(request))
        return versioned(body(settings), stored_engine(settings))

    @extend_schema(
        operation_id="choose_engine",
        request=ChosenEngine,
        parameters=[IF_MATCH],
        responses=EngineBody,
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
