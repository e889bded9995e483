from __future__ import annotations

from django import forms


class TemplateForm(forms.Form):
    name = forms.CharField(max_length=120)
    prompt_text = forms.CharField(label="Prompt", max_length=20_000, widget=forms.Textarea(attrs={"rows": 12}))
