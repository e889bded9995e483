"""Forms of the calendar page: where a post is dropped, and what is done to many."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.http import QueryDict

from common.errors import InvalidInput
from common.forms import DayField
from common.mappings import Values
from common.outgoing import LONGEST_URL
from common.zones import parse_instant
from scheduling.domain.cadence import instant
from scheduling.models import ChannelAccount
from scheduling.posts.forms import FillForm


class DropForm(forms.Form):
    """Where a post was dropped: an instant, or a local day with or without a time; and
    where it was seen before.

    `also` names, as often as wanted, a post that goes along: its id and, after a blank,
    where it was seen.
    """

    at = forms.CharField(required=False)
    date = DayField(required=False)
    time = forms.TimeField(required=False)
    seen = forms.CharField(required=False)

    def clean_at(self) -> datetime | None:
        """Where it was dropped, aware; None where no time is named."""
        return self._instant("at")

    def clean_seen(self) -> datetime | None:
        """When the page saw the post planned, aware; None for a post without a time."""
        return self._instant("seen")

    def _instant(self, name: str) -> datetime | None:
        text = self.cleaned_data[name]
        try:
            return parse_instant(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def along(self) -> dict[UUID, datetime | None]:
        """The posts that go along, each with where it was seen. Raises InvalidInput for
        what names none.
        """
        also: dict[UUID, datetime | None] = {}
        try:
            for text in cast(QueryDict, self.data).getlist("also"):
                key, _, seen = text.partition(" ")
                also[UUID(key)] = parse_instant(seen) if seen else None
        except ValueError as error:
            raise InvalidInput("Choose the posts again.") from error
        return also

    def clean(self) -> Values:
        data = super().clean() or self.cleaned_data
        if not (data.get("at") or data.get("date")) and not self.errors:
            raise forms.ValidationError("Say where the post goes.")
        return data


class CalendarPostForm(FillForm):
    """Content for a channel at a time of the clock that the calendar shows."""

    account = forms.ModelChoiceField(
        queryset=ChannelAccount.objects.none(),
        label="Channel",
        empty_label="Choose a channel",
    )
    date = DayField()
    time = forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}))

    def __init__(self, *args: Any, accounts: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        self.zone = zone
        self.fields["time"].help_text = f"In {zone} time."

    def instant(self) -> datetime:
        """Aware; a time that a clock change skips becomes the one after the gap."""
        return instant(self.cleaned_data["date"], self.cleaned_data["time"], self.zone)


class UploadForm(forms.Form):
    """A file, brought along or named by its address, that becomes content for a slot."""

    file = forms.FileField(label="Image or video", required=False)
    address = forms.URLField(
        label="Or the address of one",
        assume_scheme="https",
        required=False,
        max_length=LONGEST_URL,
    )
    title = forms.CharField(
        max_length=200, required=False, help_text="Blank for the file's name."
    )
    caption = forms.CharField(
        required=False, max_length=70_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> Values:
        data = super().clean() or self.cleaned_data
        if bool(data.get("file")) == bool(data.get("address")) and not self.errors:
            raise forms.ValidationError(
                "Choose a file or give an address, one of the two."
            )
        return data


class BulkForm(forms.Form):
    """What to do to the posts that were chosen; a move says by how much."""

    SCHEDULE = "schedule"
    CANCEL = "cancel"
    LATER = "later"
    EARLIER = "earlier"
    ACTS: ClassVar[dict[str, str]] = {
        SCHEDULE: "Scheduled",
        CANCEL: "Canceled",
        LATER: "Moved",
        EARLIER: "Moved",
    }
    UNITS: ClassVar[dict[str, tuple[int, int]]] = {
        "days": (1, 0),
        "weeks": (7, 0),
        "hours": (0, 60),
    }

    act = forms.ChoiceField(choices=[*ACTS.items()])
    by = forms.IntegerField(required=False, min_value=0, max_value=9999)
    unit = forms.ChoiceField(required=False, choices=[(unit, unit) for unit in UNITS])
    post = forms.TypedMultipleChoiceField(
        coerce=UUID, error_messages={"required": "Choose posts first."}
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        keys = data.getlist("post")
        self.fields["post"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]

    @property
    def shift(self) -> tuple[int, int]:
        """Days and minutes; negative for earlier."""
        days, minutes = self.UNITS[self.cleaned_data["unit"] or "days"]
        by = self.cleaned_data["by"] or 0
        if self.cleaned_data["act"] == self.EARLIER:
            by = -by
        return by * days, by * minutes
