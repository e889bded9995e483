"""Putting a service's complaint where the person typed, and fields of every app's forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseForm
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.errors import Problem, Unprocessable
from common.pages import CLOSED
from common.wall_clocks import OUTSIDE, in_calendar
from common.zones import known_zones, zone_choices

LARGEST_FILE = 10_000_000
TABLES = ".csv,.tsv,.txt,.xlsx"


def show_problem(form: BaseForm, problem: Problem) -> None:
    """Beside the fields it names, else at the top of the form. Raises the problem
    itself where it closes a door.
    """
    if problem.status in CLOSED:
        raise problem
    fields = problem.fields if isinstance(problem, Unprocessable) else {}
    plain = {name.removeprefix("body."): texts for name, texts in fields.items()}
    own_fields = {name: texts for name, texts in plain.items() if name in form.fields}
    for name, texts in own_fields.items():
        form.add_error(name, texts)
    if not own_fields:
        every_text = [text for texts in fields.values() for text in texts]
        form.add_error(None, " ".join(every_text) or problem.message)


@contextmanager
def beside(name: str) -> Iterator[None]:
    """What is refused within is a matter of the field of this name."""
    try:
        yield
    except Problem as problem:
        if problem.status in CLOSED:
            raise
        raise Unprocessable(problem.message, {name: [problem.message]}) from problem


def small_file(file: UploadedFile[bytes]) -> UploadedFile[bytes]:
    """The file, if it is one that a form takes. Raises ValidationError."""
    if file.size is not None and file.size > LARGEST_FILE:
        raise ValidationError("The file is larger than 10 MB; send it in parts.")
    return file


@lru_cache(maxsize=100)
def zone_options(blank: str | None, chosen: str) -> SafeString:
    """An option for each zone, and a first one for none where `blank` names it.

    A zone that is stored and has another name of old (`US/Pacific`, `CET`) stays chosen:
    saving the form changes nothing that it does not show.
    """
    choices = zone_choices() if blank is None else [("", blank), *zone_choices()]
    if chosen in known_zones() - dict(choices).keys():
        choices = [(chosen, chosen.replace("_", " ")), *choices]
    return format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        (
            (zone, SafeString(" selected" if zone == chosen else ""), text)
            for zone, text in choices
        ),
    )


class DayField(forms.DateField):
    """A day that can be planned; a browser offers a calendar for it."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not in_calendar(day):
            raise ValidationError(OUTSIDE)
        return day


class ZoneSelect(forms.Select):
    """As Django's, which renders a template for each of six hundred options each time."""

    blank: str | None = None

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: Any = None
    ) -> SafeString:
        """The options are the same for all and kept as text: there are six hundred."""
        attributes = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        chosen = "" if value is None else str(value)
        options = zone_options(self.blank, chosen)
        return format_html("<select{}>\n{}\n</select>", flatatt(attributes), options)


class ZoneField(forms.ChoiceField):
    """An IANA zone. `blank` is what an empty choice is called; None offers none."""

    widget = ZoneSelect

    def __init__(self, *, blank: str | None = None, **options: Any) -> None:
        empty = [] if blank is None else [("", blank)]
        super().__init__(choices=lambda: [*empty, *zone_choices()], **options)
        self.widget.blank = blank

    def valid_value(self, value: Any) -> bool:
        """Every IANA zone, offered or not."""
        return super().valid_value(value) or value in known_zones()


def table_input(*more: str) -> forms.FileInput:
    """Offers files that `common.tables` reads, and those with these endings."""
    return forms.FileInput(attrs={"accept": ",".join([TABLES, *more])})


def sheet_field() -> forms.CharField:
    """The sheet of a workbook; a page offers those there are once a file is chosen."""
    return forms.CharField(
        required=False,
        max_length=255,
        label="Sheet",
        help_text="Name of the Excel sheet. Empty reads the first one with rows.",
    )


class SheetForm(forms.Form):
    """Which of a workbook's sheets is to be read."""

    sheet = forms.ChoiceField(label="Sheet")

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.fields["sheet"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
