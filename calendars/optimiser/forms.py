"""What people type to have better times chosen."""

from __future__ import annotations

from datetime import timedelta

from django import forms

from calendars.optimiser.limits import HALF, HOUR, Limits, PlatformLimits
from scheduling.writing.forms import ChannelDaysForm


class OptimiseForm(ChannelDaysForm):
    """Which posts, and limits beside the preferences."""

    gap_hours = forms.IntegerField(
        label="Hours between two posts of a channel",
        required=False,
        min_value=0,
        max_value=500,
    )
    per_day = forms.IntegerField(
        label="Posts a day on a channel", required=False, min_value=1, max_value=50
    )
    stagger_hours = forms.IntegerField(
        label="Hours between posts of the same content",
        required=False,
        min_value=0,
        max_value=500,
        help_text="On different platforms.",
    )
    grid = forms.TypedChoiceField(
        label="Begin on",
        coerce=int,
        choices=[(HOUR, "Full hours"), (HALF, "Full and half hours")],
        initial=HOUR,
    )
    field_order = ["first", "last", "channels"]

    def limits(self, zone: str) -> Limits:
        """What is typed, for every platform of the channels."""
        data = self.cleaned_data
        start, after = self.range_in(zone)
        gap = data["gap_hours"] * 60 if data["gap_hours"] is not None else None
        rules = PlatformLimits(min_interval_minutes=gap, max_per_day=data["per_day"])
        every_channel = self.fields["channels"].queryset  # type: ignore[attr-defined]
        channels = data["channels"] or every_channel
        platforms = {channel.platform for channel in channels}
        return Limits(
            start,
            after - timedelta(minutes=1),
            (),
            dict.fromkeys(sorted(platforms), rules),
            60 * (data["stagger_hours"] or 0),
            data["grid"],
        )
