"""The platforms that the dialect knows by name, with what they carry and take."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from calendars.api.doors import DialectView
from calendars.bodies.service import LimitBody, PlatformBody, PlatformsBody
from calendars.vocabulary import SUPPORTS, platform_name, wire_platform
from scheduling.domain.platforms.rules import Limit, limits_of


class Platforms(DialectView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="list_platforms", auth=[], responses=PlatformsBody)
    def get(self, request: Request) -> Response:
        """Platforms with the kinds of content they carry and the limits that posts are
        checked against.
        """
        answer: PlatformsBody = {"data": [row(platform) for platform in SUPPORTS]}
        return Response(answer)


def row(platform: str) -> PlatformBody:
    """A platform with what it supports and what it allows."""
    return {
        "id": wire_platform(platform),
        "name": platform_name(platform),
        "supports": list(SUPPORTS[platform]),
        "limits": [limit_body(limit) for limit in limits_of(platform)],
    }


def limit_body(limit: Limit) -> LimitBody:
    """One thing that a platform checks posts against."""
    return {
        "rule": limit.rule,
        "value": limit.value,
        "unit": limit.unit,
        "formats": list(limit.formats),
        "level": limit.level,
    }
