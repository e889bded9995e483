"""Forms of the calendar pages: they read what people type; services decide."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from calendars import words
from calendars.recommendations import PLATFORMS as RECOMMENDED
from common.templatetags.marks import platform_mark
from common.zones import zone_names
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.models import ChannelAccount

FORMATS = sorted({format_ for platform in PLATFORMS for format_ in platform.formats})
LARGEST_FILE = 10_000_000
SPAN = re.compile(r"^(\d{1,2})(?::00)?\s*(?:-|–|to)\s*(\d{1,2})(?::00)?$")


def zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in zone_names()]


def format_choices() -> list[tuple[str, str]]:
    return [("", "Every format"), *((name, name.capitalize()) for name in FORMATS)]


def recommended_formats() -> list[tuple[str, str]]:
    return [("", "Usual format"), *((name, name.capitalize()) for name in FORMATS)]


class RecommendationForm(forms.Form):
    """What the page of recommendations shows; every field may be missing from the address."""

    platform = forms.ChoiceField(
        required=False,
        choices=[
            ("", "All platforms"),
            *((name, platform_mark(name).name) for name in RECOMMENDED),
        ],
    )
    format = forms.ChoiceField(required=False, choices=recommended_formats)
    zone = forms.ChoiceField(
        required=False, label="Show times in", choices=zone_choices
    )
    days = forms.TypedChoiceField(
        required=False,
        coerce=int,
        label="Range",
        initial=14,
        choices=[(7, "7 days"), (14, "14 days"), (28, "4 weeks"), (90, "90 days")],
    )


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
        label="CSV file", widget=forms.FileInput(attrs={"accept": ".csv,text/csv"})
    )

    def clean_file(self) -> Any:
        return _small(self.cleaned_data["file"])


def _small(file: Any) -> Any:
    if file.size > LARGEST_FILE:
        raise forms.ValidationError("The file is larger than 10 MB; send it in parts.")
    return file


class BulkJobForm(forms.Form):
    """A job's videos as a file, and where and how they are planned."""

    file = forms.FileField(
        label="CSV or JSON file",
        widget=forms.FileInput(
            attrs={"accept": ".csv,text/csv,.json,application/json"}
        ),
        help_text=(
            "Columns: video_job_id, and any of title, description, hashtags, "
            "format, mood, link."
        ),
    )
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
    zone = forms.ChoiceField(
        label="Time zone",
        choices=zone_choices,
        help_text="Of the calendar. Videos go out at good hours on each channel’s own clock.",
    )
    title = forms.CharField(
        required=False, max_length=200, label="Name of the calendar"
    )

    def clean_file(self) -> Any:
        return _small(self.cleaned_data["file"])


class HourSpans(forms.CharField):
    """Hours typed as text: "22-6, 12-13"."""

    def clean(self, value: Any) -> list[dict[str, int]] | None:
        texts = [
            text.strip() for text in super().clean(value).split(",") if text.strip()
        ]
        spans = []
        for text in texts:
            found = SPAN.match(text)
            if found is None or max(map(int, found.groups())) > 24:
                raise forms.ValidationError(
                    f"“{text}” is no span of hours; write them as 22-6."
                )
            spans.append({"start": int(found[1]), "end": int(found[2])})
        return spans or None

    def prepare_value(self, value: Any) -> Any:
        return (
            ", ".join(f"{one['start']}-{one['end']}" for one in value)
            if isinstance(value, list)
            else value
        )


class PreferencesForm(forms.Form):
    """Wishes of a person, or of the workspace where `scopes` has it; what is blank is
    looked up further out.
    """

    scope = forms.ChoiceField(
        label="Whose", choices=[("own", "Yours"), ("workspace", "The workspace’s")]
    )
    platform = forms.ChoiceField(
        required=False,
        choices=[("", "Every platform"), *((one.id, one.name) for one in PLATFORMS)],
    )
    format = forms.ChoiceField(required=False, choices=format_choices)
    zone = forms.ChoiceField(
        required=False,
        label="Time zone",
        choices=lambda: [("", "As further out"), *zone_choices()],
        help_text=(
            "Used to show you best times. Days and hours off follow each channel’s "
            "own clock."
        ),
    )
    per_day_most = forms.IntegerField(
        required=False, min_value=0, max_value=100, label="Most posts a day"
    )
    per_week_least = forms.IntegerField(
        required=False, min_value=0, max_value=700, label="Fewest posts a week"
    )
    per_week_most = forms.IntegerField(
        required=False, min_value=0, max_value=700, label="Most posts a week"
    )
    gap_hours = forms.IntegerField(
        required=False, min_value=0, max_value=1000, label="Hours between posts"
    )
    weekdays_off = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label="Days off",
        widget=forms.CheckboxSelectMultiple,
        choices=[(number, name[:3]) for number, name in enumerate(words.DAYS)],
    )
    hours_off = HourSpans(
        required=False,
        label="Hours off",
        help_text="Such as 22-6, 12-13; the end is not included.",
    )
    quality_threshold = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label="Lowest score",
        help_text="0 to 1: lower ones are not offered.",
    )

    def __init__(self, *args: Any, may_manage: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_manage:
            self.fields["scope"].choices = [("own", "Yours")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        least, most = data.get("per_week_least"), data.get("per_week_most")
        if least is not None and most is not None and least > most:
            self.add_error("per_week_least", "More than the most posts a week.")
        if data.get("format") and not data.get("platform"):
            self.add_error("platform", "Choose the platform whose format it is.")
        return data
