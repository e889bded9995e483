"""What people type to have better times chosen."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from calendars.limits import HALF, HOUR, Limits, PlatformLimits
from scheduling.models import ChannelAccount


class OptimiseForm(forms.Form):
    """Days, both included, channels or all, and limits beside the preferences."""

    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))
    channels = forms.ModelMultipleChoiceField(
        queryset=ChannelAccount.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None stands for all.",
    )  # fmt: skip
    gap_hours = forms.IntegerField(
        label="Hours between two posts of a channel", required=False, min_value=0, max_value=500
    )
    per_day = forms.IntegerField(label="Posts a day on a channel", required=False, min_value=1, max_value=50)
    stagger_hours = forms.IntegerField(
        label="Hours between posts of the same content", required=False, min_value=0, max_value=500,
        help_text="On different platforms.",
    )  # fmt: skip
    grid = forms.TypedChoiceField(
        label="Begin on", coerce=int, choices=[(HOUR, "Full hours"), (HALF, "Full and half hours")], initial=HOUR
    )
    field_order = ["first", "last", "channels"]

    def __init__(self, *args: Any, channels: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["channels"].queryset = channels  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", "The last day is before the first.")
        return data

    def range_in(self, zone: str) -> tuple[datetime, datetime]:
        """The two instants around the days, on the zone's clock; aware."""
        first, after = self.cleaned_data["first"], self.cleaned_data["last"] + timedelta(days=1)
        return (datetime.combine(first, time(0), ZoneInfo(zone)), datetime.combine(after, time(0), ZoneInfo(zone)))

    def limits(self, zone: str) -> Limits:
        """What is typed, for every platform of the channels."""
        data = self.cleaned_data
        start, after = self.range_in(zone)
        gap = data["gap_hours"] * 60 if data["gap_hours"] is not None else None
        rules = PlatformLimits(min_interval_minutes=gap, max_per_day=data["per_day"])
        platforms = {channel.platform for channel in data["channels"] or self.fields["channels"].queryset}  # type: ignore[attr-defined]
        return Limits(
            start, after - timedelta(minutes=1), (), dict.fromkeys(sorted(platforms), rules),
            60 * (data["stagger_hours"] or 0), data["grid"],
        )  # fmt: skip
