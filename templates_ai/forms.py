"""Forms of the pages of prompts and engines: they read what people type; services decide."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from common.forms import EditForm
from templates_ai.models import EngineSettings

LONGEST_PROMPT = 20_000


class TemplateForm(EditForm, forms.Form):
    thing = "this template"
    name = forms.CharField(max_length=120)
    prompt_text = forms.CharField(
        label="Prompt",
        max_length=LONGEST_PROMPT,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 14, "spellcheck": "true", "class": "prompt-text"}
        ),
    )


class TryForm(forms.Form):
    """A prompt and the facts to try it with."""

    prompt_text = forms.CharField(
        label="Prompt",
        max_length=LONGEST_PROMPT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    filename = forms.CharField(
        label="File name", max_length=4096, initial="epic_gaming_moment.mp4"
    )
    game_context = forms.CharField(
        label="What it shows", max_length=4096, required=False
    )
    platform = forms.CharField(max_length=40, required=False)
    language = forms.CharField(max_length=60, required=False)


class EngineForm(EditForm, forms.ModelForm):
    """The engine's settings; a key goes in and is never shown."""

    thing = "these settings"
    pronoun = "them"
    LABELS: ClassVar[dict[str, str]] = {"key": "Key"}
    new_key = forms.CharField(
        label="Key",
        required=False,
        max_length=500,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def text_of(self, name: str, value: Any) -> str:
        """The key that is kept is shown no more than the one that is typed."""
        return super().text_of("new_key" if name == "key" else name, value)

    class Meta:
        model = EngineSettings
        fields = (
            "engine",
            "base_url",
            "model",
            "seconds",
            "stream",
            "price_in",
            "price_out",
            "daily_tokens",
            "daily_cost",
            "needs_approval",
        )
        labels = {
            "base_url": "Address",
            "seconds": "Seconds to wait",
            "stream": "Ask for streamed answers",
            "price_in": "Price of a million tokens asked",
            "price_out": "Price of a million tokens answered",
            "daily_tokens": "Tokens a day",
            "daily_cost": "Cost a day",
            "needs_approval": "Generated texts need a person's approval",
        }
        help_texts = {
            "base_url": "Up to and with /v1, for example https://api.openai.com/v1.",
            "model": "As the server calls it.",
            "stream": "For servers that close long silent connections.",
            "daily_tokens": "Blank for no limit.",
            "daily_cost": "In the currency of the prices; blank for no limit.",
            "needs_approval": "Posts filled with them stay drafts until somebody schedules them.",
        }
        widgets = {"engine": forms.RadioSelect}
