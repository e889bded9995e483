"""Lots in a body: described for clients, and read row by row by the planner itself,
which says what is wrong with each.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from common import json_fields as serializers

NUMBER = {"type": "number", "exclusiveMinimum": 0}
TARGET = {"type": ["string", "null"]}


@extend_schema_field(NUMBER)
class HoursField(serializers.FloatField):
    """Hours, more than none."""


@extend_schema_field(TARGET)
class TargetField(serializers.JSONField):
    """An ISO date and time."""


class Lot(serializers.Serializer[Any]):
    """Vials of one product that are filled without a break."""

    lot_id = serializers.CharField(help_text="Its name; no two lots have the same")
    lot_type = serializers.CharField(
        help_text="What is filled; between types the line changes over"
    )
    vials = serializers.IntegerField(min_value=1, help_text="How many are filled")
    fill_hours = HoursField(help_text="How long that takes")
    target_start = TargetField(
        required=False,
        help_text="Not to be filled earlier: ISO 8601, without offset UTC",
    )
    target_end = TargetField(
        required=False,
        help_text="To be filled by then: ISO 8601, without offset UTC",
    )
    priority = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="One of the `priority_levels` of the rules",
    )


@extend_schema_field(Lot)
class LotField(serializers.JSONField):
    """A lot as it came."""


class LotsField(serializers.ListField):
    """Lots as they came."""

    child = LotField()


@extend_schema_field(Lot(many=True))
class LotList(serializers.JSONField):
    """Lots without anything around them."""
