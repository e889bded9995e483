"""Measurements of posts, as JSON or a table."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from calendars.bodies.results import MeasurementReportBody
from calendars.results.measurements import (
    LIMITS,
    MeasurementFields,
    measurement_of,
    table_rows,
    take,
)
from calendars.results.services import Intake, ingest
from common import json_fields as serializers
from common.errors import Unprocessable
from common.parsers import Json, MultiPart
from common.tables import bytes_of
from workspaces.doors import ApiRequest, read, workspace_of


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
        id counts once. One that is wrong and was sent alone is refused; of a list or a file
        the others are stored.
        """
        intake = intake_of(request)
        report: MeasurementReportBody = {
            "stored": intake.stored,
            "known": intake.known,
            "errors": intake.errors,
        }
        return Response(report, status=201 if intake.stored else 200)


def intake_of(request: ApiRequest) -> Intake:
    """What became of the rows of the body: of a file as a spreadsheet numbers them, of
    a list from 0. Raises Unprocessable for an event that was sent alone.
    """
    data = request.data
    workspace = workspace_of(request)
    file = request.FILES.get("file") if hasattr(request, "FILES") else None
    if file is not None and isinstance(data, dict):
        sheet = str(data.get("sheet", ""))
        rows, _ = table_rows(bytes_of(file, LIMITS), sheet)
        return take(request.user, workspace, rows, from_table=True)
    if isinstance(data, list):
        return take(request.user, workspace, enumerate(data))
    alone = measurement_of(read(MeasurementFields, request), 0)
    intake = ingest(request.user, workspace, [alone])
    if intake.errors:
        _, _, fault = intake.errors[0].partition(": ")
        raise Unprocessable("Not valid.", {"body": [fault]})
    return intake
