"""The form of a video batch."""

from __future__ import annotations

from typing import Any

from django import forms

from calendars.advice.recommend import PLATFORMS as RECOMMENDED
from common.forms import ZoneField, sheet_field, small_file, table_input
from common.templatetags.marks import platform_mark


class BulkJobForm(forms.Form):
    """A job's videos as a file, and where and how they are planned."""

    file = forms.FileField(
        label="File",
        widget=table_input(".json"),
        help_text=(
            "CSV, Excel (.xlsx) or JSON. Columns: video_job_id, and any of title, "
            "description, hashtags, format, mood, link."
        ),
    )
    sheet = sheet_field()
    job = forms.CharField(
        required=False,
        max_length=200,
        label="Job",
        help_text=(
            "Its id: the same one adds to what it has planned. A JSON file may "
            "have it as bulk_job_id."
        ),
    )
    platforms = forms.MultipleChoiceField(
        choices=[(name, platform_mark(name).name) for name in RECOMMENDED],
        widget=forms.CheckboxSelectMultiple,
        initial=["youtube", "tiktok", "instagram"],
    )
    days = forms.IntegerField(
        min_value=1, max_value=90, initial=30, label="Within days"
    )
    stagger = forms.IntegerField(
        min_value=0,
        max_value=168,
        initial=2,
        label="Hours between platforms",
        help_text="For one video.",
    )
    zone = ZoneField(
        label="Time zone",
        help_text="Of the calendar. Videos go out at good hours on each channel’s own clock.",
    )
    title = forms.CharField(
        required=False, max_length=200, label="Name of the calendar"
    )

    def clean_file(self) -> Any:
        """The file, where it is small enough to be read at once."""
        return small_file(self.cleaned_data["file"])
