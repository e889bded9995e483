"""Forms of content and its files."""

from __future__ import annotations

from typing import Any

from django import forms

from common.forms import EditForm
from common.hashtags import hashtags_of
from common.outgoing import LONGEST_URL
from scheduling.models import ContentItem


class Hashtags(forms.CharField):
    """Tags typed as text, with or without #."""

    def clean(self, value: Any) -> list[str]:
        return hashtags_of(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return " ".join(f"#{tag}" for tag in value)
        return value


class ContentForm(EditForm, forms.Form):
    """What a content item says; files are added on its page."""

    thing = "this content"
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


class ContentChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Content by its title."""

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
