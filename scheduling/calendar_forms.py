"""Forms of the calendar page: where a post is dropped, and what is done to many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from common.zones import parse_instant


class DropForm(forms.Form):
    """Where a post was dropped: an instant, or a local day with or without a time; and where it was seen before."""

    at = forms.CharField(required=False)
    date = forms.DateField(required=False)
    time = forms.TimeField(required=False)
    seen = forms.CharField(required=False)

    def clean_at(self) -> datetime | None:
        return self._instant("at")

    def clean_seen(self) -> datetime | None:
        return self._instant("seen")

    def _instant(self, name: str) -> datetime | None:
        try:
            return parse_instant(self.cleaned_data[name]) if self.cleaned_data[name] else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not (data.get("at") or data.get("date")) and not self.errors:
            raise forms.ValidationError("Say where the post goes.")
        return data
