"""Measurements as people and programs send them, as JSON or a table: each row is read,
or its fault is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from calendars.results.services import MOST_ROWS, NUMBERS, Intake, Measurement, ingest
from common import json_fields as serializers
from common.cells import decimal_point
from common.errors import InvalidInput
from common.instants import InstantField
from common.mappings import Record
from common.tables import (
    TableLimits,
    guess_columns,
    read_table,
    records,
    unused_note,
)
from workspaces.models import User, Workspace

MOST_ERRORS = 100
LIMITS = TableLimits(10_000_000, MOST_ROWS)
# Digits in groups of three: 1.000 is a thousand to one reader and one to another.
GROUPED = re.compile(r"\s*[+-]?\d{1,3}(?:[.,' \u00a0\u2019\u202f]\d{3})+\s*")
DECIMALS = ("watch_time_seconds", "engagement_rate")


class CountField(serializers.IntegerField):
    """A whole number, in texts without thousands separators."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and GROUPED.fullmatch(data):
            raise serializers.ValidationError(
                f"Write it without thousands separators (got {data})."
            )
        return int(super().to_internal_value(data))


class MeasurementFields(serializers.Serializer[Any]):
    """One measurement; `post_id` or `channel_account_id` says whose."""

    event_id = serializers.CharField(
        max_length=100, help_text="Your own id; each counts once"
    )
    event_time = InstantField(help_text="When it was measured")
    post_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The post that was measured"
    )
    channel_account_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="Its channel, for posts that are none of ours",
    )
    video_job_id = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="Your own id of the video",
    )
    posted_at = InstantField(
        required=False,
        allow_null=True,
        help_text="When it went out, for posts that are none of ours",
    )
    views = CountField(
        required=False,
        allow_null=True,
        help_text="How often it was watched",
    )
    impressions = CountField(
        required=False,
        allow_null=True,
        help_text="How often it was shown",
    )
    clicks = CountField(
        required=False,
        allow_null=True,
        help_text="How often its link was followed",
    )
    saves = CountField(
        required=False,
        allow_null=True,
        help_text="How often it was saved",
    )
    shares = CountField(
        required=False,
        allow_null=True,
        help_text="How often it was shared",
    )
    comments = CountField(
        required=False,
        allow_null=True,
        help_text="How often it was answered",
    )
    watch_time_seconds = serializers.FloatField(
        required=False,
        allow_null=True,
        help_text="How long it was watched, together",
    )
    engagement_rate = serializers.FloatField(
        required=False,
        allow_null=True,
        help_text="From 0 to 1; worked out from the counts where it is left out",
    )
    followers_delta = CountField(
        required=False,
        allow_null=True,
        help_text="How many followers came, less those who left",
    )
    metadata = serializers.DictField(
        required=False, help_text="What else you want to keep"
    )


# What a column of a table can be; metadata are of programs alone.
COLUMNS = {
    str(name): (str(name).replace("_", " "),)
    for name in MeasurementFields().fields
    if str(name) != "metadata"
}


def take(
    user: User,
    workspace: Workspace,
    rows: Iterable[tuple[int, Any]],
    *,
    from_table: bool = False,
) -> Intake:
    """Read the rows and take in those that can be read; the others are told with their
    number.

    rows: the number by which whoever sent a row knows it, and its fields.
    from_table: whether its values are texts, from which numbers are to be read.

    Raises InvalidInput for no row, too many, or none that can be read.
    """
    numbered = list(rows)
    if not numbered or len(numbered) > MOST_ROWS:
        raise InvalidInput(
            f"Send 1 to {MOST_ROWS:,} measurements, not {len(numbered):,}."
        )
    good, errors = read(numbered, serializers.FROM_TEXTS if from_table else {})
    if errors and not good:
        raise InvalidInput("Nothing was stored.", {"errors": errors[:MOST_ERRORS]})
    intake = ingest(user, workspace, good)
    intake.errors = (errors + intake.errors)[:MOST_ERRORS]
    return intake


def read(
    rows: Iterable[tuple[int, Any]], context: Record
) -> tuple[list[Measurement], list[str]]:
    """The measurements of rows that can be read, and what is wrong with the others."""
    measurements = []
    errors = []
    for number, row in rows:
        fields = MeasurementFields(data=row, context=dict(context))
        if isinstance(row, Mapping) and row.get(None):
            errors.append(f"Row {number}: has more cells than the header")
        elif fields.is_valid():
            measurements.append(measurement_of(fields.validated_data, number))
        else:
            errors += [
                f"Row {number}: {name}: {texts[0]}"
                for name, texts in fields.errors.items()
            ]
    return measurements, errors


def measurement_of(data: Record, row: int) -> Measurement:
    """What a checked row says was measured; numbers as far as it has them.

    row: its number in what was sent, for complaints.
    """
    numbers = {
        name: float(data[name]) for name in NUMBERS if data.get(name) is not None
    }
    return Measurement(
        event_id=data["event_id"],
        event_time=data["event_time"],
        post_id=_uuid(data.get("post_id")),
        account_id=_uuid(data.get("channel_account_id")),
        content_key=data.get("video_job_id") or "",
        posted_at=data.get("posted_at"),
        numbers=numbers,
        metadata=data.get("metadata") or {},
        row=row,
    )


def _uuid(value: Any) -> UUID | None:
    return value or None


def table_rows(
    data: bytes, sheet: str = ""
) -> tuple[list[tuple[int, dict[str | None, str]]], list[str]]:
    """The rows of a CSV file or a workbook with their numbers, for `take`; and what
    people should know of the table: which sheet was read, and which columns were not.

    sheet: of a workbook, by its name; blank for the first that holds something.

    Raises TableError.
    """
    table = read_table(data, LIMITS, sheet)
    columns = guess_columns(table.titles, COLUMNS)
    rows = list(records(table, columns))
    for _, values in rows:
        for name in DECIMALS:
            if table.decimal_comma and name in values:
                values[name] = decimal_point(values[name])
    unused = unused_note(table.titles, columns.places.values())
    return rows, [note for note in (table.sheet_note, unused) if note]
