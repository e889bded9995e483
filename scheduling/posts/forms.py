"""Forms of posts: what goes out, when, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms

from common.forms import DayField, EditForm
from scheduling.content.forms import ContentChoice
from scheduling.domain.cadence import instant
from scheduling.models import ContentItem


class FillForm(EditForm, forms.Form):
    """Which content goes into a slot, and whether it is scheduled right away."""

    thing = "this post"
    content = ContentChoice(
        queryset=ContentItem.objects.none(), empty_label="Choose content"
    )
    caption = forms.CharField(
        required=False,
        max_length=70_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Leave blank to use the content's own caption.",
    )

    @property
    def schedules(self) -> bool:
        """Whether the button that schedules was pressed."""
        return "schedule" in self.data

    @property
    def needs_all(self) -> bool:
        """Who lets a post go out has read it."""
        return self.schedules

    def __init__(self, *args: Any, content: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["content"].queryset = content  # type: ignore[attr-defined]


class TimeForm(EditForm, forms.Form):
    """A date and a time of day in a zone."""

    thing = "this post"
    LABELS: ClassVar[dict[str, str]] = {"at": "Time"}
    date = DayField()
    time = forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}))

    def instant(self, zone: str) -> datetime:
        """The chosen moment, read on the zone's clock; aware."""
        return instant(self.cleaned_data["date"], self.cleaned_data["time"], zone)


class OutcomeForm(forms.Form):
    """What a person says about a post: where it is, or why it is not."""

    url = forms.URLField(required=False, assume_scheme="https", max_length=1000)
    reason = forms.CharField(required=False, max_length=2000)
