"""Measurements as people and programs send them, as JSON or CSV: each row is read, or
its fault is told.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from rest_framework import serializers

from calendars.results.services import MOST_ROWS, NUMBERS, Intake, Measurement, ingest
from common.errors import InvalidInput
from workspaces.models import User, Workspace

MOST_ERRORS = 100


class MeasurementFields(serializers.Serializer[Any]):
    """One measurement; `post_id` or `channel_account_id` says whose."""

    event_id = serializers.CharField(max_length=100)
    event_time = serializers.DateTimeField()
    post_id = serializers.UUIDField(required=False, allow_null=True)
    channel_account_id = serializers.UUIDField(required=False, allow_null=True)
    video_job_id = serializers.CharField(
        max_length=200, required=False, allow_blank=True
    )
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


def take(user: User, workspace: Workspace, rows: Sequence[Any]) -> Intake:
    """Read the rows and take in those that can be read; the others are told with their
    number, counted from 0.

    Raises InvalidInput for no row, too many, or none that can be read.
    """
    if not rows or len(rows) > MOST_ROWS:
        raise InvalidInput(f"Send 1 to {MOST_ROWS:,} measurements, not {len(rows):,}.")
    good = []
    errors = []
    for number, row in enumerate(rows):
        fields = MeasurementFields(data=row)
        if fields.is_valid():
            good.append(measurement_of(fields.validated_data))
        else:
            errors += [
                f"Row {number}: {name}: {texts[0]}"
                for name, texts in fields.errors.items()
            ]
    if errors and not good:
        raise InvalidInput("Nothing was stored.", {"errors": errors[:MOST_ERRORS]})
    intake = ingest(user, workspace, good)
    intake.errors = (errors + intake.errors)[:MOST_ERRORS]
    return intake


def measurement_of(data: Mapping[str, Any]) -> Measurement:
    numbers = {
        name: float(data[name]) for name in NUMBERS if data.get(name) is not None
    }
    return Measurement(
        data["event_id"],
        data["event_time"],
        _uuid(data.get("post_id")),
        _uuid(data.get("channel_account_id")),
        data.get("video_job_id") or "",
        data.get("posted_at"),
        numbers,
        data.get("metadata") or {},
    )


def _uuid(value: Any) -> UUID | None:
    return value or None


def csv_rows(data: bytes) -> Iterator[dict[str, str]]:
    """The rows of a CSV file by the names in its first line, without blanks. Raises
    InvalidInput unless UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("The CSV file is not UTF-8.") from error
    try:
        for row in csv.DictReader(io.StringIO(text, newline="")):
            yield {
                name.strip(): value.strip()
                for name, value in row.items()
                if _has_value(name, value)
            }
    except csv.Error as error:
        raise InvalidInput(f"The CSV file cannot be read: {error}.") from error


def _has_value(name: Any, value: Any) -> bool:
    """Cells beyond the first line's have no name and come as a list."""
    return bool(name) and isinstance(value, str) and bool(value.strip())
