"""Moments in the bodies that programs send."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from common import json_fields as serializers
from common.wall_clocks import OUTSIDE, in_calendar


class InstantField(serializers.DateTimeField):
    """An ISO 8601 moment within the calendar (`common.wall_clocks`), aware."""

    def to_internal_value(self, value: Any) -> datetime:
        """Raises ValidationError for other values."""
        moment: datetime = super().to_internal_value(value)
        if not in_calendar(moment):
            raise serializers.ValidationError(OUTSIDE)
        return moment
