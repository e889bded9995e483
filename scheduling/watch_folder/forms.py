"""The form of the queue's settings."""

from __future__ import annotations

from django import forms

from common.forms import EditForm
from scheduling.domain.platforms.catalogue import PLATFORMS
from scheduling.models.queue import LONGEST_HOURS


class QueueForm(EditForm, forms.Form):
    """What the workspace wants of its posting queue."""

    thing = "these settings"
    pronoun = "them"
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
