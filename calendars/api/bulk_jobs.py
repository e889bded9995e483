"""Bulk jobs: videos come in, content calendars come out, with a report on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework.response import Response

from calendars.api.calendar import PAGES, paged
from calendars.api.cursors import Order
from calendars.api.doors import (
    LEAST_PAGE,
    MOST_PAGE,
    PAGE_SIZE,
    DialectView,
    number,
    stamp,
    workspace_of,
)
from calendars.bodies.bulk_jobs import (
    BulkBody,
    BulkHeadBody,
    BulkListBody,
    BulkListedBody,
    BulkPageBody,
    BulkRowBody,
)
from calendars.models import BulkRow, BulkRun
from calendars.video_batches import services as generating
from calendars.video_batches.access import (
    access_bulk_run,
    bulk_rows_of,
    bulk_runs_of,
    report_on,
)
from calendars.video_batches.rows import LIMITS, job_in, platforms_of, videos_of
from calendars.video_batches.services import USUAL_DAYS, USUAL_STAGGER, BulkOrder
from calendars.vocabulary import BULK_RUN, key_of, wire_platform
from common import json_fields as serializers
from common.errors import InvalidInput
from common.parsers import Json, MultiPart
from common.tables import bytes_of
from workspaces.doors import ApiRequest

MOST_FAULTS = 100
UNDER_WAY = "This job is being worked on."
RECENT = 50
PLACED = Order("placed", ("pk",))
BULK_ID = OpenApiParameter(
    "wire_id", str, OpenApiParameter.PATH, description="The bulk job's id"
)
VIDEO = {
    "description": "A video: `video_job_id`, and what there is of `title`, "
    "`description`, `hashtags`, `format`, `mood` and `link`",
}


@extend_schema_field(VIDEO)
class VideoField(serializers.JSONField):
    """A video as it came; what is wrong with it is said with its row."""


class BulkJobFields(serializers.Serializer[Any]):
    """A job with its videos. As a form, `file` is a CSV or Excel file with a row a
    video, or a JSON file with the videos or all of this; what the form says goes first.
    Platforms may be joined by commas.
    """

    bulk_job_id = serializers.CharField(
        max_length=200, help_text="Your own id; sent again it adds what is missing"
    )
    title = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="What the calendar is called",
    )
    platforms = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        help_text="Where videos go; YouTube, TikTok and Instagram unless told",
    )
    timezone = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text="The IANA zone of the calendar; the workspace's unless told",
    )
    days = serializers.IntegerField(
        min_value=1,
        max_value=90,
        default=USUAL_DAYS,
        help_text="In how many days from now times are looked for",
    )
    stagger_minutes = serializers.IntegerField(
        min_value=0,
        max_value=7 * 24 * 60,
        default=int(USUAL_STAGGER.total_seconds() // 60),
        help_text="How far one video's posts are apart",
    )
    videos = serializers.ListField(
        child=VideoField(), required=False, help_text="What goes out"
    )
    file = serializers.FileField(
        required=False, write_only=True, help_text=".csv, .xlsx or .json"
    )
    sheet = serializers.CharField(
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="Name of the workbook's sheet; default the first visible one with rows",
    )


class BulkJobs(DialectView):
    parser_classes = [Json, MultiPart]

    @extend_schema(
        operation_id="list_bulk_jobs",
        responses=BulkListBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """The jobs that were sent last, newest first, without their rows."""
        runs = bulk_runs_of(request.user, workspace_of(request))[:RECENT]
        answer: BulkListBody = {"data": [listed(run) for run in runs]}
        return Response(answer)

    @extend_schema(
        operation_id="start_bulk_job",
        request={
            "application/json": BulkJobFields,
            "multipart/form-data": BulkJobFields,
        },
        responses={200: BulkBody, 201: BulkBody, 202: BulkBody, 409: UNDER_WAY},
    )
    def post(self, request: ApiRequest) -> Response:
        """Give each video a time on each platform. The same job again adds only what it
        has not placed yet. More than fifty posts are worked on in the background: 202,
        and `GET` tells how it goes.
        """
        body_fields, numbers = with_file(request.data)
        is_form = hasattr(request.data, "getlist")
        context = serializers.FROM_TEXTS if is_form else {}
        fields = BulkJobFields(data=body_fields, context=context)
        fields.is_valid(raise_exception=True)
        data = fields.validated_data
        videos, faults = videos_of(zip(numbers, data.get("videos") or [], strict=False))
        if not videos:
            raise InvalidInput(
                "There is no video in it.",
                {"errors": [str(fault) for fault in faults[:MOST_FAULTS]]},
            )
        order = BulkOrder(
            data["bulk_job_id"],
            videos,
            platforms_of(named(data.get("platforms"))),
            data.get("timezone", ""),
            data["days"],
            timedelta(minutes=data["stagger_minutes"]),
            data.get("title", ""),
        )
        run = generating.start(request.user, workspace_of(request), order, faults)
        report = body(run, list(bulk_rows_of(run)))
        if run.is_open:
            return Response(report, status=202)
        return Response(report, status=201 if report["planned"] else 200)


class OneBulkJob(DialectView):
    @extend_schema(
        operation_id="read_bulk_job",
        parameters=[BULK_ID, *PAGES],
        responses=BulkPageBody,
    )
    def get(self, request: ApiRequest, wire_id: str) -> Response:
        """How far a job is, and what became of its posts so far, page by page."""
        run = run_behind(request, wire_id)
        size = number(request, "page_size", PAGE_SIZE, LEAST_PAGE, MOST_PAGE)
        rows, next_token = PLACED.page(
            bulk_rows_of(run), request.query_params.get("page_token"), size
        )
        answer: BulkPageBody = {
            **body(run, rows),
            "page": paged(next_token, size),
        }
        return Response(answer)


class CancelBulkJob(DialectView):
    @extend_schema(
        operation_id="cancel_bulk_job",
        parameters=[BULK_ID],
        request=None,
        responses={200: BulkBody, 409: "It is over already."},
    )
    def post(self, request: ApiRequest, wire_id: str) -> Response:
        """Stop a job; what is placed stays. 409 when it is over."""
        run = run_behind(request, wire_id)
        return Response(body(generating.cancel(request.user, run.pk), []))


def run_behind(request: ApiRequest, wire_id: str) -> BulkRun:
    """The run with that id of the wire. Raises Missing for one that is none."""
    return access_bulk_run(request.user, key_of(BULK_RUN, wire_id))


def with_file(data: Any) -> tuple[Any, Iterable[int]]:
    """The call's fields, with those of a file where the form does not have them; and
    the numbers of its videos.
    """
    file: Any = data.get("file") if isinstance(data, Mapping) else None
    if not hasattr(file, "read"):
        return data, count(1)
    content = job_in(bytes_of(file, LIMITS), str(data.get("sheet", "")))
    job = content.job
    names = [str(name) for name in BulkJobFields().fields]
    of_file = {name: job[name] for name in names if name in job}
    of_form = {name: value for name, value in data.items() if name != "file"}
    if "platforms" in of_form:
        of_form["platforms"] = data.getlist("platforms")
    videos = {"videos": [row for _, row in content.rows]}
    return of_file | of_form | videos, [number for number, _ in content.rows]


def named(platforms: list[str] | None) -> list[str]:
    """The platforms asked for, one a name or joined by commas; the library's three when
    none are.
    """
    return [
        name
        for text in platforms or ["youtube,tiktok,instagram"]
        for name in text.split(",")
    ]


def listed(run: BulkRun) -> BulkListedBody:
    """A run of `bulk_runs_of`, which has counted what is done."""
    return {**head(run), "done": run.done}  # type: ignore[attr-defined]


def head(run: BulkRun) -> BulkHeadBody:
    """What lists show of a run."""
    return {
        "id": run.wire_id,
        "bulk_job_id": run.job.name,
        "state": run.state,
        "total": run.total,
        "schedule_id": run.calendar.wire_id if run.calendar else None,
        "error": run.error or None,
        "created_at": stamp(run.created_at),
        "ended_at": stamp(run.ended_at),
    }


def body(run: BulkRun, rows: Sequence[BulkRow]) -> BulkBody:
    """A run with its counts, the first of its faults and the given rows."""
    report = report_on(run)
    faults = bulk_rows_of(run, faulty=True)[:MOST_FAULTS]
    return {
        **head(run),
        "planned": report.planned,
        "known": report.known,
        "left_out": report.left_out,
        "done": report.done,
        "errors": [str(fault) for fault in faults],
        "rows": [row_body(row) for row in rows],
    }


def row_body(row: BulkRow) -> BulkRowBody:
    """What became of one video on one platform."""
    return {
        "video_job_id": row.video_id,
        "platform": wire_platform(row.platform),
        "scheduled_time": stamp(row.at),
        "state": row.outcome,
        "problem": row.problem or None,
    }
