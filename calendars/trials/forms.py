"""What people type to design a trial."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms

from calendars.models import Trial
from calendars.models.timing import PLATFORM_CHOICES, WEEKDAY_CHOICES
from common.forms import DayField
from common.mappings import Values


class TrialForm(forms.Form):
    """A trial of strategies against posting as planned; own windows are hours of some weekdays."""

    name = forms.CharField(max_length=120, help_text="What you want to know.")
    first = DayField(label="From")
    last = DayField(label="To")
    platform = forms.ChoiceField(
        required=False, choices=[("", "Every platform"), *PLATFORM_CHOICES]
    )
    optimized = forms.BooleanField(
        label="Try optimised times", required=False, initial=True
    )
    experimental = forms.BooleanField(label="Try times by chance", required=False)
    weekdays = forms.TypedMultipleChoiceField(
        label="Try windows of your own on",
        coerce=int,
        required=False,
        choices=WEEKDAY_CHOICES,
        widget=forms.CheckboxSelectMultiple,
    )
    begins = forms.IntegerField(
        label="From hour", required=False, min_value=0, max_value=23
    )
    ends = forms.IntegerField(
        label="To hour", required=False, min_value=1, max_value=24
    )
    kpi = forms.ChoiceField(label="What counts", choices=Trial.Kpi.choices)
    guardrail = forms.FloatField(
        label="Stop a variant under",
        required=False,
        min_value=0,
        max_value=1,
        initial=0.02,
        help_text="Mean engagement rate, 0 to 1; blank never stops.",
    )

    def clean(self) -> Values:
        data = super().clean() or self.cleaned_data
        self._check_windows(data)
        self._check_choice(data)
        return data

    def _check_windows(self, data: Values) -> None:
        """Whoever chooses days for windows has to give the hours, too."""
        if data.get("weekdays") and not _are_in_order(
            data.get("begins"), data.get("ends")
        ):
            self.add_error(
                "ends", "Give the hours of the windows; the second must be later."
            )

    def _check_choice(self, data: Values) -> None:
        """Something has to be tried besides posts as they are planned."""
        if not (
            data.get("optimized") or data.get("experimental") or data.get("weekdays")
        ):
            self.add_error("optimized", "Choose at least one thing to try.")

    @property
    def variants(self) -> list[Values]:
        """The chosen variants of a valid form, posts as they are planned being the
        first.
        """
        data = self.cleaned_data
        variants: list[Values] = [
            {"name": "as planned", "strategy": Trial.Strategy.STANDARD}
        ]
        if data["optimized"]:
            variants.append({"name": "optimised", "strategy": Trial.Strategy.OPTIMIZED})
        if data["experimental"]:
            variants.append(
                {"name": "by chance", "strategy": Trial.Strategy.EXPERIMENTAL}
            )
        if data["weekdays"]:
            windows = [
                {"weekday": day, "start": data["begins"], "end": data["ends"]}
                for day in data["weekdays"]
            ]
            variants.append(
                {
                    "name": "own windows",
                    "strategy": Trial.Strategy.WINDOWS,
                    "windows": windows,
                }
            )
        return variants

    def range_in(self, zone: str) -> tuple[datetime, datetime]:
        """The two instants around the days, on the zone's clock; aware."""
        after = self.cleaned_data["last"] + timedelta(days=1)
        return _midnight(self.cleaned_data["first"], zone), _midnight(after, zone)


def _midnight(day: date, zone: str) -> datetime:
    """When the day begins on the zone's clock."""
    return datetime.combine(day, time(0), ZoneInfo(zone))


def _are_in_order(begins: int | None, ends: int | None) -> bool:
    """Whether both hours are given, and the second is later."""
    return begins is not None and ends is not None and begins < ends
