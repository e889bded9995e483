"""The field for a time zone is Django's in everything but what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.test.html import parse_html

from common.forms import ZoneField
from common.zones import zone_choices


class Ours(forms.Form):
    zone = ZoneField(label="Time zone", help_text="Of the “audience”.")
    other = ZoneField(required=False, blank="The workspace's")


class Djangos(forms.Form):
    zone = forms.ChoiceField(
        label="Time zone", choices=zone_choices, help_text="Of the “audience”."
    )
    other = forms.ChoiceField(
        required=False, choices=lambda: [("", "The workspace's"), *zone_choices()]
    )


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"zone": "Europe/Berlin", "other": ""},
        {"zone": "America/New_York", "other": "Asia/Kolkata"},
        {"zone": "Mars/<b>", "other": "nowhere"},
    ],
)
def test_a_zone_field_is_shown_and_judged_as_any_choice(data: Any) -> None:
    ours, djangos = Ours(data), Djangos(data)
    for name in ("zone", "other"):
        assert parse_html(str(ours[name])) == parse_html(str(djangos[name]))
    assert ours.errors == djangos.errors


@pytest.mark.parametrize("zone", ["US/Pacific", "CET", "Etc/GMT+5"])
def test_a_zone_of_old_stays_as_it_is_stored(zone: str) -> None:
    shown = str(Ours(initial={"zone": zone})["zone"])
    assert f'<option value="{zone}" selected>' in shown
    sent = Ours({"zone": zone})
    assert sent.is_valid()
    assert sent.cleaned_data["zone"] == zone
