"""Forms for posts that come as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from common.cells import column_name
from common.forms import ZoneField, sheet_field, table_input
from scheduling.imports.table import COLUMNS

LABELS = {
    "title": "Title",
    "caption": "Text",
    "hashtags": "Hashtags",
    "link": "Link",
    "channels": "Channels",
    "date": "Date",
    "time": "Time of day",
    "zone": "Time zone",
}
HELP = {
    "channels": "Names of channels or platforms, several with semicolons.",
    "date": "2026-12-24 or 24.12.2026; a time may stand with it.",
    "zone": "Of the row's date and time; without one, the file's.",
    "title": "Without one, the text's first line is taken.",
}


class ImportForm(forms.Form):
    """A file of posts, the clock that its times are on, and whether they are scheduled
    at once.
    """

    file = forms.FileField(
        label="File",
        help_text="CSV or Excel (.xlsx) with column names in its first row; at most 2,000 rows.",
        widget=table_input(),
    )
    sheet = sheet_field()
    zone = ZoneField(label="Times are in")
    approved = forms.BooleanField(
        label="Schedule at once, instead of making drafts", required=False
    )


class ColumnsForm(forms.Form):
    """Which column of the file is what."""

    def __init__(self, *args: Any, columns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("", "None"),
            *(
                (str(place), column_name(columns, place))
                for place in range(len(columns))
            ),
        ]
        for what in COLUMNS:
            self.fields[what] = forms.ChoiceField(
                label=LABELS[what],
                choices=choices,
                required=False,
                help_text=HELP.get(what, ""),
            )

    def places(self) -> dict[str, int]:
        """The place of each column that was named."""
        return {what: int(place) for what, place in self.cleaned_data.items() if place}
