"""Forms of results: which are shown, and those that are sent."""

from __future__ import annotations

from typing import Any

from django import forms

from common.forms import sheet_field, small_file, table_input
from scheduling.models import ChannelAccount


class AnalyticsForm(forms.Form):
    """Which days and which channel the numbers are of."""

    days = forms.TypedChoiceField(
        coerce=int,
        label="Range",
        choices=[(7, "7 days"), (28, "4 weeks"), (90, "90 days"), (365, "A year")],
    )
    channel = forms.ModelChoiceField(
        required=False,
        queryset=ChannelAccount.objects.none(),
        empty_label="All channels",
        to_field_name="pk",
    )

    def __init__(self, *args: Any, channels: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["channel"].queryset = channels  # type: ignore[attr-defined]


class MeasurementsForm(forms.Form):
    """A file of measurements."""

    file = forms.FileField(
        label="File", help_text="CSV or Excel (.xlsx)", widget=table_input()
    )
    sheet = sheet_field()

    def clean_file(self) -> Any:
        """The file, where it is small enough to be read at once."""
        return small_file(self.cleaned_data["file"])
