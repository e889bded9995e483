"""Measurements of posts, as JSON or a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from calendars.bodies.results import MeasurementReportBody
from calendars.results.measurements import (
    LIMITS,
    MeasurementFields,
    table_rows,
    take,
)
from common.parsers import Json, MultiPart
from common.tables import bytes_of
from workspaces.doors import ApiRequest, workspace_of


class MeasurementFile(serializers.Serializer[Any]):
    """A CSV file or an Excel workbook with a row a measurement; its columns are named
    like the fields of one.
    """

    file = serializers.FileField(help_text=".csv or .xlsx")
    sheet = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Name of the workbook's sheet; default the first visible one with rows",
    )


MEASUREMENTS = PolymorphicProxySerializer(
    component_name="Measurements",
    serializers=[MeasurementFields, MeasurementFields(many=True)],
    resource_type_field_name=None,
    many=False,
)


class KpiEvents(APIView):
    scope = "schedules"
    parser_classes = [Json, MultiPart]

    @extend_schema(
        operation_id="send_measurements",
        request={
            "application/json": MEASUREMENTS,
            "multipart/form-data": MeasurementFile,
        },
        responses={200: MeasurementReportBody, 201: MeasurementReportBody},
    )
    def post(self, request: ApiRequest) -> Response:
        """Send one measurement, a list of up to 10,000, or a CSV or Excel file; each event
        id counts once.
        """
        intake = take(request.user, workspace_of(request), rows_of(request))
        report: MeasurementReportBody = {
            "stored": intake.stored,
            "known": intake.known,
            "errors": intake.errors,
        }
        return Response(report, status=201 if intake.stored else 200)


def rows_of(request: ApiRequest) -> Iterable[tuple[int, Any]]:
    """The rows of the body, whatever its form, with their numbers: those of a list from
    0, those of a file as a spreadsheet shows them.
    """
    data = request.data
    file = request.FILES.get("file") if hasattr(request, "FILES") else None
    if file is not None and isinstance(data, dict):
        sheet = str(data.get("sheet", ""))
        rows, _ = table_rows(bytes_of(file, LIMITS), sheet)
        return rows
    return enumerate(data if isinstance(data, list) else [data])
