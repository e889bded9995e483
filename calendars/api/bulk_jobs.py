"""Bulk jobs: videos come in, a content calendar comes out, with a report on each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from calendars.api.doors import DialectView
from calendars.services.bulk_rows import platforms_of, videos_of
from calendars.services.generating import USUAL_DAYS, USUAL_STAGGER, BulkOrder, Generated, Placement, generate
from calendars.services.reading import csv_rows
from calendars.vocabulary import wire_platform
from common.errors import InvalidInput
from common.parsers import Json
from workspaces.doors import ApiRequest, read, workspace_of

TAGS = ["Scheduling"]
MOST_FAULTS = 100


class BulkJobFields(serializers.Serializer[Any]):
    """A job with its videos; as a form, `file` is a CSV with a row a video and platforms are joined by commas."""

    bulk_job_id = serializers.CharField(max_length=200)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    platforms = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    timezone = serializers.CharField(max_length=64, required=False, allow_blank=True)
    days = serializers.IntegerField(min_value=1, max_value=90, default=USUAL_DAYS)
    stagger_minutes = serializers.IntegerField(
        min_value=0, max_value=7 * 24 * 60, default=int(USUAL_STAGGER.total_seconds() // 60)
    )
    videos = serializers.ListField(child=serializers.JSONField(), required=False)
    file = serializers.FileField(required=False)


class BulkJobs(DialectView):
    parser_classes = [Json, MultiPartParser]

    @extend_schema(tags=TAGS, request=BulkJobFields, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: ApiRequest) -> Response:
        """Give each video a time on each platform. The same job again adds only what it has not placed yet."""
        data = read(BulkJobFields, request)
        file = data.get("file")
        videos, faults = videos_of(list(csv_rows(file.read())) if file else data.get("videos") or [])
        if not videos:
            raise InvalidInput("There is no video in it.", {"errors": faults[:MOST_FAULTS]})
        made = generate(request.user, workspace_of(request), BulkOrder(
            data["bulk_job_id"], videos, platforms_of(named(data.get("platforms"))), data.get("timezone", ""),
            data["days"], timedelta(minutes=data["stagger_minutes"]), data.get("title", ""),
        ))  # fmt: skip
        return Response(body(made, faults), status=201 if made.planned else 200)


def named(platforms: list[str] | None) -> list[str]:
    """The platforms asked for, one a name or joined by commas; the library's three when none are."""
    return [name for text in platforms or ["youtube,tiktok,instagram"] for name in text.split(",")]


def body(made: Generated, faults: list[str]) -> dict[str, Any]:
    return {
        "bulk_job_id": made.job.name, "schedule_id": made.calendar.wire_id if made.calendar else None,
        "planned": made.planned, "known": made.known, "left_out": made.left_out, "errors": faults[:MOST_FAULTS],
        "rows": [row_body(row) for row in made.rows],
    }  # fmt: skip


def row_body(row: Placement) -> dict[str, Any]:
    state = "left_out" if row.problem else "known" if row.is_known else "planned"
    return {
        "video_job_id": row.video_id, "platform": wire_platform(row.platform), "scheduled_time": row.at, "state": state,
        "problem": row.problem or None,
    }  # fmt: skip
