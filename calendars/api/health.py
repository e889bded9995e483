"""Whether the scheduling half is up, for clients that ask before they begin."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from calendars.api.doors import DialectView
from calendars.bodies.service import DependenciesBody, HealthBody
from calendars.vocabulary import stamp
from common.pulse import workers_alive

UP = "up"
DOWN = "down"


class Health(DialectView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="read_scheduling_health",
        responses={200: HealthBody, 503: HealthBody},
        auth=[],
    )
    def get(self, request: Request) -> Response:
        """Whether the database answers, and whether cache and workers do; 503 when the
        database does not.
        """
        status_by_name = dependencies()
        healthy = status_by_name["database"] == UP
        body: HealthBody = {
            "status": "healthy" if healthy else "unhealthy",
            "service": "scheduling_optimization",
            "timestamp": stamp(timezone.now()),
            "version": settings.VERSION,
            "dependencies": status_by_name,
        }
        return Response(body, status=200 if healthy else 503)


def dependencies() -> DependenciesBody:
    """By name whether each part that the dialect depends on is up or down."""
    cache, workers = cache_and_workers()
    return {"database": database(), "cache": cache, "workers": workers}


def database() -> str:
    """Whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return DOWN
    return UP


def cache_and_workers() -> tuple[str, str]:
    """Workers are known by the signs of life that they leave in the cache."""
    try:
        cache.get("health")
        return UP, UP if workers_alive() else DOWN
    except (OSError, RedisError):
        return DOWN, "unknown"
