"""Forms for having texts written, and for what is done to the posts of some days."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from common.forms import DayField
from common.mappings import Values
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.models import ChannelAccount
from scheduling.writing.brief import Brief
from templates_ai.models import PromptTemplate


class BriefForm(forms.Form):
    """What a generated text is about."""

    about = forms.CharField(
        label="What is it about?",
        max_length=4096,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A sentence or two, or a few key words.",
    )
    filename = forms.CharField(
        label="Media file",
        required=False,
        max_length=4096,
        help_text="Its name, if there is one.",
    )
    audience = forms.CharField(required=False, max_length=500)
    tone = forms.CharField(required=False, max_length=200)
    language = forms.CharField(required=False, max_length=60)
    link = forms.URLField(assume_scheme="https", required=False, max_length=1000)
    template = forms.ModelChoiceField(
        queryset=PromptTemplate.objects.none(),
        required=False,
        empty_label="The active one",
        label="Template",
    )

    def __init__(self, *args: Any, templates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = templates  # type: ignore[attr-defined]

    def brief(self) -> Brief:
        """What is typed, as engines are told it."""
        data = self.cleaned_data
        template = self.cleaned_data["template"]
        names = ("about", "filename", "audience", "tone", "language", "link")
        return Brief(
            **{name: data[name] for name in names},
            template_id=template.pk if template else None,
        )


class VariantsForm(BriefForm):
    """A brief, and how many texts to choose from."""

    count = forms.TypedChoiceField(
        label="Variants",
        coerce=int,
        choices=[(n, str(n)) for n in range(1, 5)],
        initial=3,
    )


class PlatformVariantsForm(VariantsForm):
    """As `VariantsForm`, for each of some platforms."""

    platforms = forms.MultipleChoiceField(
        choices=[(p.id, p.name) for p in PLATFORMS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Up to four; none for a text that fits most.",
    )

    def clean_platforms(self) -> list[str]:
        """One to four of them."""
        chosen: list[str] = self.cleaned_data["platforms"]
        if len(chosen) > 4:
            raise forms.ValidationError("Choose up to four platforms.")
        return chosen


class ChannelDaysForm(forms.Form):
    """Days, both included, of some channels or all."""

    first = DayField(label="From")
    last = DayField(label="To")
    channels = forms.ModelMultipleChoiceField(
        queryset=ChannelAccount.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None stands for all.",
    )

    def __init__(self, *args: Any, channels: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channels"].queryset = channels  # type: ignore[attr-defined]

    def clean(self) -> Values:
        data = super().clean() or self.cleaned_data
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", "The last day is before the first.")
        return data

    def range_in(self, zone: str) -> tuple[datetime, datetime]:
        """The two instants around the days, on the zone's clock; aware."""
        first = self.cleaned_data["first"]
        after = self.cleaned_data["last"] + timedelta(days=1)
        return (
            datetime.combine(first, time(0), ZoneInfo(zone)),
            datetime.combine(after, time(0), ZoneInfo(zone)),
        )


class WritingRunForm(ChannelDaysForm, BriefForm):
    """A brief for the empty slots of some days."""

    field_order = ["about", "first", "last", "channels"]
