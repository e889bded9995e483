"""Forms of the posting pages: they read what people type; services decide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms

from common.outgoing import LONGEST_URL
from common.zones import zone_names
from scheduling.cadence import (
    LARGEST_CADENCE,
    Cadence,
    CadenceError,
    instant,
    parse_times,
)
from scheduling.models import Blackout, ChannelAccount, ContentItem
from scheduling.models.queue import LONGEST_HOURS
from scheduling.platforms.catalogue import PLATFORMS
from scheduling.publishers.registry import PUBLISHERS


def zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in zone_names()]


def texts_of(value: Any) -> list[str]:
    """Times as a list, from a list or from the text that people type."""
    return (
        value
        if isinstance(value, list)
        else [text for text in re.split(r"[,;\s]+", str(value)) if text]
    )


class LocalTimes(forms.CharField):
    """Times of day typed as text: "09:00, 17:30"."""

    def clean(self, value: Any) -> list[str]:
        texts = texts_of(super().clean(value))
        try:
            return [f"{moment:%H:%M}" for moment in parse_times(texts)]
        except CadenceError as error:
            raise forms.ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class Hashtags(forms.CharField):
    """Tags typed as text, with or without #."""

    def clean(self, value: Any) -> list[str]:
        return [
            text.lstrip("#")
            for text in re.split(r"[,;\s]+", super().clean(value))
            if text.strip("#")
        ]

    def prepare_value(self, value: Any) -> Any:
        return (
            " ".join(f"#{tag}" for tag in value) if isinstance(value, list) else value
        )


class CadenceForm(forms.Form):
    posts_per_week = forms.IntegerField(
        min_value=0, max_value=LARGEST_CADENCE, initial=3, help_text="0 plans no slots."
    )
    local_times = LocalTimes(
        initial="09:00",
        label="Local times",
        help_text="Taken in turn, for example 09:00, 17:30.",
    )
    zone = forms.ChoiceField(
        label="Time zone",
        choices=zone_choices,
        help_text="The audience's clock; it stays the same over clock changes.",
    )

    def cadence(self) -> Cadence | None:
        """What is typed, or what the form began with; None while it makes no cadence."""
        if (
            self.is_bound
            and not self.is_valid()
            and any(name in self.errors for name in CadenceForm.base_fields)
        ):
            return None
        data = (
            self.cleaned_data
            if self.is_bound
            else {name: self[name].value() for name in CadenceForm.base_fields}
        )
        return Cadence(
            data["posts_per_week"],
            data["zone"],
            parse_times(texts_of(data["local_times"])),
        )


class ChannelForm(CadenceForm):
    name = forms.CharField(
        max_length=120, help_text="What your team calls this account."
    )
    platform = forms.ChoiceField(choices=[(p.id, p.name) for p in PLATFORMS])
    publisher = forms.ChoiceField(
        required=False,
        choices=lambda: [
            ("", "Not connected"),
            *((name, name.capitalize()) for name in PUBLISHERS),
        ],
        help_text="What sends the posts out.",
    )
    status = forms.ChoiceField(
        choices=ChannelAccount.Status.choices, initial=ChannelAccount.Status.ACTIVE
    )
    profile_url = forms.URLField(
        assume_scheme="https", required=False, label="Profile address", max_length=500
    )
    notes = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ConnectionForm(forms.Form):
    """What sends the channel's posts; the secret that is kept is never shown."""

    publisher = forms.ChoiceField(
        choices=lambda: [(name, name.capitalize()) for name in PUBLISHERS]
    )
    endpoint = forms.CharField(
        required=False,
        max_length=1000,
        label="Address",
        help_text=(
            "Of the server, site or webhook: https://mastodon.example. Bluesky: "
            "only your own server."
        ),
    )
    login_name = forms.CharField(
        required=False,
        max_length=200,
        label="Name to sign in with",
        help_text="WordPress: the user's name. Bluesky: the handle.",
    )
    secret = forms.CharField(
        required=False,
        max_length=4000,
        strip=False,
        label="Secret",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Access token, application or app password, the webhook's secret, "
        "Discord's webhook address. "
        "Blank keeps the present one, unless address or name change.",
    )


class OutcomeForm(forms.Form):
    """What a person says about a post: where it is, or why it is not."""

    url = forms.URLField(required=False, assume_scheme="https", max_length=1000)
    reason = forms.CharField(required=False, max_length=2000)


class ContentForm(forms.Form):
    title = forms.CharField(max_length=200)
    caption = forms.CharField(
        required=False, max_length=70_000, widget=forms.Textarea(attrs={"rows": 6})
    )
    hashtags = Hashtags(
        required=False, help_text="Separated by blanks, with or without #."
    )
    link = forms.URLField(assume_scheme="https", required=False, max_length=1000)
    notes = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For your team only.",
    )


class ContentChoice(forms.ModelChoiceField):
    def label_from_instance(self, item: ContentItem) -> str:
        return item.title


class MediaForm(forms.Form):
    """Files are taken beside it: of them there may be many."""

    address = forms.URLField(
        label="Or the address of one",
        assume_scheme="https",
        required=False,
        max_length=LONGEST_URL,
    )


class FillForm(forms.Form):
    """Which content goes into a slot, and whether it is scheduled right away."""

    content = ContentChoice(
        queryset=ContentItem.objects.none(), empty_label="Choose content"
    )
    caption = forms.CharField(
        required=False,
        max_length=70_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Leave blank to use the content's own caption.",
    )

    def __init__(self, *args: Any, content: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["content"].queryset = content  # type: ignore[attr-defined]


class QueueForm(forms.Form):
    """What the workspace wants of its posting queue."""

    auto_plan = forms.BooleanField(
        required=False,
        label="Plan new files by itself",
        help_text="Each takes the next slot that is free everywhere.",
    )
    spacing_hours = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_HOURS,
        label="Hours between posts",
        help_text="At least, on one channel.",
    )
    offset_hours = forms.IntegerField(
        min_value=0,
        max_value=LONGEST_HOURS,
        label="Hours ahead",
        help_text="How soon the first free slot may be.",
    )
    platforms = forms.MultipleChoiceField(
        required=False,
        choices=[(p.id, p.name) for p in PLATFORMS],
        widget=forms.CheckboxSelectMultiple,
        label="Platforms for new files",
        help_text="None chosen means all that are connected.",
    )
    watching = forms.BooleanField(required=False, label="Watch the folder")


class TimeForm(forms.Form):
    """A date and a time of day in a zone."""

    date = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}))

    def instant(self, zone: str) -> datetime:
        """The chosen moment, read on the zone's clock; aware."""
        return instant(self.cleaned_data["date"], self.cleaned_data["time"], zone)


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
    zone = forms.ChoiceField(label="Time zone", choices=zone_choices)
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
        platforms = sorted(
            {
                (channel.platform, channel.platform_name)
                for channel in self.channels.values()
            }
        )
        cast(forms.ChoiceField, self.fields["scope"]).choices = [
            ("", "Every channel"),
            *((name, f"Every {label} channel") for name, label in platforms),
            *((key, channel.name) for key, channel in self.channels.items()),
        ]

    def values(self) -> dict[str, Any]:
        """The blackout's fields."""
        data = self.cleaned_data
        chosen = self.channels.get(data["scope"])
        kept = {
            name: data[name]
            for name in ("reason", "kind", "begins_local", "ends_local", "zone")
        }
        return {
            **kept,
            "account": chosen,
            "platform": "" if chosen else data["scope"],
            "rule": data["rule"].strip() or data["again"],
        }
