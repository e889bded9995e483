"""Forms of blackouts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms

from common.forms import ZoneField
from common.mappings import Values
from scheduling.models import Blackout, ChannelAccount


class LocalMoment(forms.CharField):
    """A time on the wall clock, as browsers send it: "2026-12-24T18:00"."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError(
                "Give a date and time, such as 2026-12-24T18:00."
            ) from error
        return moment.replace(tzinfo=None).isoformat(timespec="minutes")


class BlackoutForm(forms.Form):
    """Hours without posts: for whom, from when to when, and whether they come again."""

    AGAIN: ClassVar[dict[str, str]] = {
        "": "Does not come again",
        "FREQ=DAILY": "Daily",
        "FREQ=WEEKLY": "Weekly",
        "FREQ=YEARLY": "Yearly",
    }

    reason = forms.CharField(
        max_length=300, required=False, help_text="What your team calls it."
    )
    kind = forms.ChoiceField(choices=Blackout.Kind.choices)
    scope = forms.ChoiceField(required=False, label="For")
    begins_local = LocalMoment(label="From")
    ends_local = LocalMoment(label="To")
    zone = ZoneField(label="Time zone")
    again = forms.ChoiceField(
        required=False, label="Comes again", choices=[*AGAIN.items()]
    )
    rule = forms.CharField(
        required=False,
        max_length=500,
        label="Recurrence rule",
        help_text=(
            "Goes before the choice above; RFC 5545, such as "
            "FREQ=MONTHLY;BYDAY=1MO;COUNT=12."
        ),
    )

    def __init__(
        self, *args: Any, channels: Iterable[ChannelAccount], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.channels = {str(channel.pk): channel for channel in channels}
        platforms = {
            (channel.platform, channel.platform_name)
            for channel in self.channels.values()
        }
        choices = [("", "Every channel")]
        for name, label in sorted(platforms):
            choices.append((name, f"Every {label} channel"))
        for key, channel in self.channels.items():
            choices.append((key, channel.name))
        cast(forms.ChoiceField, self.fields["scope"]).choices = choices

    def values(self) -> Values:
        """The blackout's fields."""
        data = self.cleaned_data
        chosen = self.channels.get(data["scope"])
        fields = {
            name: data[name]
            for name in ("reason", "kind", "begins_local", "ends_local", "zone")
        }
        return {
            **fields,
            "account": chosen,
            "platform": "" if chosen else data["scope"],
            "rule": data["rule"].strip() or data["again"],
        }
