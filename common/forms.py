"""Putting a service's complaint where the person typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseForm

from common.errors import Problem, Unprocessable
from common.pages import CLOSED

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


def small_file(file: UploadedFile) -> UploadedFile:
    """The file, if it is one that a form takes. Raises ValidationError."""
    if file.size is not None and file.size > LARGEST_FILE:
        raise ValidationError("The file is larger than 10 MB; send it in parts.")
    return file


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
