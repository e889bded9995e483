"""Forms of advice: which hours are shown, and what somebody wishes of them."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from calendars.advice import reasons
from calendars.advice.recommend import PLATFORMS as RECOMMENDED
from common.forms import EditForm, ZoneField
from common.mappings import Values
from common.templatetags.marks import platform_mark
from scheduling.domain.platforms.catalogue import PLATFORMS

FORMATS = sorted({format_ for platform in PLATFORMS for format_ in platform.formats})
SPAN = re.compile(r"^(\d{1,2})(?::00)?\s*(?:-|–|to)\s*(\d{1,2})(?::00)?$")


def format_choices() -> list[tuple[str, str]]:
    """The formats to ask about, all of them first."""
    return [("", "Every format"), *((name, name.capitalize()) for name in FORMATS)]


def recommended_formats() -> list[tuple[str, str]]:
    """The formats to be recommended for, each platform's usual one first."""
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
    zone = ZoneField(required=False, label="Show times in")
    days = forms.TypedChoiceField(
        required=False,
        coerce=int,
        label="Range",
        initial=14,
        choices=[(7, "7 days"), (14, "14 days"), (28, "4 weeks"), (90, "90 days")],
    )


class HourSpans(forms.CharField):
    """Hours typed as text: "22-6, 12-13"."""

    def clean(self, value: Any) -> list[dict[str, int]] | None:
        texts = [
            text.strip() for text in super().clean(value).split(",") if text.strip()
        ]
        spans = []
        for text in texts:
            match = SPAN.match(text)
            if match is None or max(map(int, match.groups())) > 24:
                raise forms.ValidationError(
                    f"“{text}” is no span of hours; write them as 22-6."
                )
            spans.append({"start": int(match[1]), "end": int(match[2])})
        return spans or None

    def prepare_value(self, value: Any) -> Any:
        return (
            ", ".join(f"{span['start']}-{span['end']}" for span in value)
            if isinstance(value, list)
            else value
        )


class PreferencesForm(EditForm, forms.Form):
    """Wishes of a person, or of the workspace where `scopes` has it; what is blank is
    looked up further out.
    """

    thing = "these preferences"
    pronoun = "them"
    scope = forms.ChoiceField(
        label="Whose", choices=[("own", "Yours"), ("workspace", "The workspace’s")]
    )
    platform = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Every platform"),
            *((platform.id, platform.name) for platform in PLATFORMS),
        ],
    )
    format = forms.ChoiceField(required=False, choices=format_choices)
    zone = ZoneField(
        required=False,
        label="Time zone",
        blank="As further out",
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
        choices=[(number, name[:3]) for number, name in enumerate(reasons.DAYS)],
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

    def clean(self) -> Values:
        data = super().clean() or {}
        least = data.get("per_week_least")
        most = data.get("per_week_most")
        if least is not None and most is not None and least > most:
            self.add_error("per_week_least", "More than the most posts a week.")
        if data.get("format") and not data.get("platform"):
            self.add_error("platform", "Choose the platform whose format it is.")
        return data
