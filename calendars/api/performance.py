"""Measurements of posts, as JSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from calendars.api.doors import DialectView
from calendars.services.performance import MOST_ROWS, NUMBERS, Measurement, ingest
from common.errors import InvalidInput
from common.parsers import Json
from workspaces.doors import ApiRequest, workspace_of

TAGS = ["Scheduling"]


class MeasurementFields(serializers.Serializer[Any]):
    """One measurement; `post_id` or `channel_account_id` says whose."""

    event_id = serializers.CharField(max_length=100)
    event_time = serializers.DateTimeField()
    post_id = serializers.UUIDField(required=False, allow_null=True)
    channel_account_id = serializers.UUIDField(required=False, allow_null=True)
    video_job_id = serializers.CharField(max_length=200, required=False, allow_blank=True)
    posted_at = serializers.DateTimeField(required=False, allow_null=True)
    views = serializers.IntegerField(required=False, allow_null=True)
    impressions = serializers.IntegerField(required=False, allow_null=True)
    clicks = serializers.IntegerField(required=False, allow_null=True)
    saves = serializers.IntegerField(required=False, allow_null=True)
    shares = serializers.IntegerField(required=False, allow_null=True)
    comments = serializers.IntegerField(required=False, allow_null=True)
    watch_time_seconds = serializers.FloatField(required=False, allow_null=True)
    engagement_rate = serializers.FloatField(required=False, allow_null=True)
    followers_delta = serializers.IntegerField(required=False, allow_null=True)
    metadata = serializers.DictField(required=False)


def measurement_of(data: Mapping[str, Any]) -> Measurement:
    numbers = {name: float(data[name]) for name in NUMBERS if data.get(name) is not None}
    return Measurement(
        data["event_id"], data["event_time"], _uuid(data.get("post_id")), _uuid(data.get("channel_account_id")),
        data.get("video_job_id") or "", data.get("posted_at"), numbers, data.get("metadata") or {},
    )  # fmt: skip


def _uuid(value: Any) -> UUID | None:
    return value or None


class KpiEvents(DialectView):
    scope = "schedules"
    parser_classes = [Json, MultiPartParser]

    @extend_schema(tags=TAGS, request=MeasurementFields, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: ApiRequest) -> Response:
        """Send one measurement, a list of up to 10,000, or a CSV file; each event id counts once."""
        workspace, asked = workspace_of(request), rows_of(request)
        good, errors = [], []
        for number, row in enumerate(asked):
            fields = MeasurementFields(data=row)
            if fields.is_valid():
                good.append(measurement_of(fields.validated_data))
            else:
                errors += [f"Row {number}: {name}: {texts[0]}" for name, texts in fields.errors.items()]
        if errors and not good:
            raise InvalidInput("Nothing was stored.", {"errors": errors[:100]})
        intake = ingest(request.user, workspace, good)
        said = {"stored": intake.stored, "known": intake.known, "errors": (errors + intake.errors)[:100]}
        return Response(said, status=201 if intake.stored else 200)


def rows_of(request: ApiRequest) -> list[Any]:
    """The rows of the body, whatever its form. Raises InvalidInput for too many or none."""
    file = request.FILES.get("file") if hasattr(request, "FILES") else None
    if file is not None:
        rows: list[Any] = list(_csv_rows(file.read()))
    else:
        rows = request.data if isinstance(request.data, list) else [request.data]
    if not rows or len(rows) > MOST_ROWS:
        raise InvalidInput(f"Send 1 to {MOST_ROWS:,} measurements, not {len(rows):,}.")
    return rows


def _csv_rows(data: bytes) -> Iterator[dict[str, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("The CSV file is not UTF-8.") from error
    for row in csv.DictReader(io.StringIO(text)):
        yield {name.strip(): value.strip() for name, value in row.items() if name and value and value.strip()}
