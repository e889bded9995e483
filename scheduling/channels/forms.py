"""Forms of channels, their cadence and their connection."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from common.forms import EditForm, ZoneField
from scheduling.domain.cadence import (
    LARGEST_CADENCE,
    Cadence,
    CadenceError,
    parse_times,
)
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.models import ChannelAccount
from scheduling.networks.registry import PUBLISHERS


def texts_of(value: Any) -> list[str]:
    """Times as a list, from a list or from the text that people type."""
    if isinstance(value, list):
        return value
    return [text for text in re.split(r"[,;\s]+", str(value)) if text]


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


class CadenceForm(forms.Form):
    """How often a channel posts, at which local times, on whose clock."""

    posts_per_week = forms.IntegerField(
        min_value=0, max_value=LARGEST_CADENCE, initial=3, help_text="0 plans no slots."
    )
    local_times = LocalTimes(
        initial="09:00",
        label="Local times",
        help_text="Taken in turn, for example 09:00, 17:30.",
    )
    zone = ZoneField(
        label="Time zone",
        help_text="The audience's clock; it stays the same over clock changes.",
    )

    def cadence(self) -> Cadence | None:
        """What is typed, or what the form began with; None while it makes no cadence."""
        names = CadenceForm.base_fields
        if self.is_bound:
            if not self.is_valid() and any(name in self.errors for name in names):
                return None
            data = self.cleaned_data
        else:
            data = {name: self[name].value() for name in names}
        times = parse_times(texts_of(data["local_times"]))
        return Cadence(data["posts_per_week"], data["zone"], times)


class ChannelForm(EditForm, CadenceForm):
    """A channel as its manager writes it; what sends its posts has a form of its own."""

    thing = "this channel"
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


class ConnectionForm(EditForm, forms.Form):
    """What sends the channel's posts; the secret that is kept is never shown."""

    thing = "this connection"
    # Half of one connection and half of another would reach nothing, or the wrong place.
    needs_all = True
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
