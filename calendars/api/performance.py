"""Measurements of posts, as JSON or CSV."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from calendars.results.measurements import MeasurementFields, csv_rows, take
from common.parsers import Json
from workspaces.doors import ApiRequest, workspace_of

TAGS = ["Scheduling"]


class KpiEvents(APIView):
    scope = "schedules"
    parser_classes = [Json, MultiPartParser]

    @extend_schema(
        tags=TAGS, request=MeasurementFields, responses={201: OpenApiTypes.OBJECT}
    )
    def post(self, request: ApiRequest) -> Response:
        """Send one measurement, a list of up to 10,000, or a CSV file; each event id
        counts once.
        """
        intake = take(request.user, workspace_of(request), rows_of(request))
        report = {
            "stored": intake.stored,
            "known": intake.known,
            "errors": intake.errors,
        }
        return Response(report, status=201 if intake.stored else 200)


def rows_of(request: ApiRequest) -> list[Any]:
    """The rows of the body, whatever its form."""
    file = request.FILES.get("file") if hasattr(request, "FILES") else None
    if file is not None:
        return list(csv_rows(file.read()))
    data = request.data
    return data if isinstance(data, list) else [data]
