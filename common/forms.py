"""Putting a service's complaint where the person typed, and fields of every app's forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.forms import BaseForm
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.edits import Seen, digests_of
from common.errors import Overtaken, Problem, Unprocessable
from common.mappings import Values
from common.pages import CLASHING, CLOSED, TO_MEND
from common.wall_clocks import OUTSIDE, in_calendar
from common.zones import known_zones, zone_choices

LARGEST_FILE = 10_000_000
TABLES = ".csv,.tsv,.txt,.xlsx"


def show_problem(form: BaseForm, problem: Problem) -> None:
    """Beside the fields it names, else at the top of the form; what somebody else has
    changed, beside what was typed. Raises the problem itself where it closes a door.
    """
    if problem.status in CLOSED:
        raise problem
    if isinstance(problem, Overtaken) and isinstance(form, EditForm):
        form.meet(problem)
        return
    fields = problem.fields if isinstance(problem, Unprocessable) else {}
    plain = {name.removeprefix("body."): texts for name, texts in fields.items()}
    own_fields = {name: texts for name, texts in plain.items() if name in form.fields}
    for name, texts in own_fields.items():
        form.add_error(name, texts)
    if not own_fields:
        every_text = [text for texts in fields.values() for text in texts]
        form.add_error(None, " ".join(every_text) or problem.message)


def status_of(*sent: BaseForm) -> int:
    """The status of a page with these forms: 409 where somebody else was quicker, 422
    where something is wrong.
    """
    if any(isinstance(form, EditForm) and form.clash for form in sent):
        return CLASHING
    return TO_MEND if any(form.errors for form in sent) else 200


SEEN = "seen"
# Before the name of a field: whose text of it stays.
STAYS = "stays-"
THEIRS = "theirs"
# A change so long ago at most is told with its time alone.
JUST_NOW = timedelta(hours=12)


@dataclass(frozen=True)
class Side:
    """What one of two people made of a field: `own` is what only their text has, between
    what both begin and end with. A moment is told on the reader's clock.
    """

    before: str
    own: str
    after: str
    moment: datetime | None

    @property
    def text(self) -> str:
        """All of it."""
        return self.before + self.own + self.after


@dataclass(frozen=True)
class Difference:
    """What two people made of a field."""

    name: str
    label: str
    theirs: Side
    mine: Side


class EditForm(BaseForm):
    """A form of a stored thing, which somebody else may change while it is filled in.

    It carries a note of what the thing said when it was shown (`{% edit_guard form %}`).
    Its view gives that to the service (`seen`), and what the service refuses to
    `show_problem`; the page shows both texts then, and the next press is deliberate.

    stored: what the thing says, by the names of the service; None for a new thing.
    """

    # What it is of, as in "Anna changed this post while you were editing it".
    thing = "this"
    pronoun = "it"
    # Words for what has no field of its own, or another name.
    LABELS: ClassVar[dict[str, str]] = {}

    def __init__(
        self, *args: Any, stored: Values | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.stored = stored
        self.clash: Overtaken | None = None
        # Of another form that this one shows anew, without having been sent itself.
        self.opened_with: Seen | None = None

    @property
    def needs_all(self) -> bool:
        """Whether all of it must have been seen: the change also lets the thing go out,
        or its fields only make sense together.
        """
        return False

    @property
    def seen(self) -> Seen | None:
        """What was seen of the thing; None for a new one, and for a form that does not
        say.
        """
        if self.opened_with is not None:
            return self.opened_with
        if self.stored is None or (self.is_bound and SEEN not in self.data):
            return None
        if not self.is_bound or self.clash:
            return Seen(digests_of(self.stored))
        chosen = (name for name in self.data if name.startswith(STAYS))
        left = [name for name in chosen if self.data[name] == THEIRS]
        names = (name.removeprefix(STAYS) for name in left)
        seen = Seen.read(self.data[SEEN], names)
        seen.needs_all = self.needs_all
        return seen

    def meet(self, clash: Overtaken) -> None:
        """Show that somebody else was quicker. All that was typed stays; fields that
        only they have changed say what they made of them.
        """
        self.stored = clash.now
        self.clash = clash
        untouched = clash.now.keys() - clash.mine.keys()
        for name in self.fields.keys() & untouched:
            if not is_secret(self.fields[name]):
                self.show_value(name, clash.now[name])

    def show_value(self, name: str, value: Any) -> None:
        """Let a field of the form as it was sent say this."""
        shown = self.fields[name].prepare_value(value)
        data = cast(QueryDict, self.data).copy()
        key = self.add_prefix(name)
        if isinstance(shown, bool):
            texts = ["on"] if shown else []
        elif isinstance(shown, list | tuple):
            texts = [str(part) for part in shown]
        else:
            texts = ["" if shown is None else str(shown)]
        data.setlist(key, texts)
        if not texts:
            del data[key]
        self.data = data

    @property
    def has_secret(self) -> bool:
        """Whether it has a field that does not show again what was typed."""
        return any(is_secret(field) for field in self.fields.values())

    @property
    def differences(self) -> list[Difference]:
        """What the other person and this one made of each field that both changed."""
        if self.clash is None:
            return []
        now, mine = self.clash.now, self.clash.mine
        return [
            self.difference(name, now.get(name), mine[name])
            for name in self.clash.clashes
        ]

    def difference(self, name: str, theirs: Any, mine: Any) -> Difference:
        """Two values of a field as the page shows them."""
        texts = (self.text_of(name, theirs), self.text_of(name, mine))
        before, after = shared_ends(*texts)
        sides = []
        for value, text in zip((theirs, mine), texts, strict=True):
            own = text[len(before) : len(text) - len(after)]
            moment = value if isinstance(value, datetime) else None
            sides.append(Side(before, own, after, moment))
        return Difference(name, self.label_of(name), *sides)

    def label_of(self, name: str) -> str:
        """What the page calls a value."""
        if name in self.LABELS:
            return self.LABELS[name]
        return str(self[name].label) if name in self.fields else name

    def text_of(self, name: str, value: Any) -> str:
        """A value in words; blank where there is nothing to show."""
        field = self.fields.get(name)
        if field is None:
            return "" if value is None else str(value)
        if is_secret(field):
            return "Not shown" if value else ""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, Model):
            return str(value)
        if isinstance(field, forms.ChoiceField):
            return choice_text(field, value)
        shown = field.prepare_value(value)
        return "" if shown is None else str(shown)

    @property
    def is_recent(self) -> bool:
        """Whether the other change was made so lately that its time is enough."""
        at = self.clash and self.clash.at
        return bool(at) and timezone.now() - cast(datetime, at) < JUST_NOW


def shared_ends(first: str, second: str) -> tuple[str, str]:
    """What both texts begin with and what they end with, in whole words."""
    words = [re.split(r"(\s+)", text) for text in (first, second)]
    before = _shared(*words)
    rest = [list(reversed(parts[len(before) :])) for parts in words]
    after = reversed(_shared(*rest))
    return "".join(before), "".join(after)


def _shared(first: list[str], second: list[str]) -> list[str]:
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    return [word for word, _ in pairs]


def is_secret(field: forms.Field) -> bool:
    """Whether what is typed into the field is never shown."""
    return isinstance(field.widget, forms.PasswordInput)


def choice_text(field: forms.ChoiceField, value: Any) -> str:
    """What was chosen, in the words of the choices."""
    values = value if isinstance(value, list | tuple) else [value]
    choices = cast(list[tuple[Any, Any]], field.choices)
    words = {str(key): str(label) for key, label in choices}
    texts = [words.get(str(part), str(part)) for part in values if part is not None]
    return ", ".join(texts)


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
