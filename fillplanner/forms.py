"""The forms of plans and config templates: they read what people paste or upload; the
services decide.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict

from common.cells import TableError
from common.forms import DayField, EditForm, sheet_field
from common.mappings import JsonObject, Record, Values
from common.tables import csv_text, read_table, text_in
from common.workbooks import is_workbook
from fillplanner.lots.lot_table import Cells, cells_of, cells_of_text
from fillplanner.notices.outbox import EVENTS
from fillplanner.planning.intake import LIMITS, request_from_json
from fillplanner.planning.problem import LineConfig
from fillplanner.planning.rules import MOST_LINES
from fillplanner.planning.strategies import DEFAULT, STRATEGIES
from fillplanner.planning.strategies.guidance import TITLES
from fillplanner.results.ranking import FEWEST
from fillplanner.rules.rule_words import RULE_NAMES, rule_text
from fillplanner.rules.template_parts import RULE

DEFAULTS = LineConfig()
RULES = (
    "clean_hours",
    "window_hours",
    "same_type_changeover_hours",
    "default_changeover_hours",
    "fill_rate_vph",
    "lines",
    "allow_waiting",
)
# What a form was filled in with before anybody changed it, where no template said something else.
USUAL = {name: getattr(DEFAULTS, name) for name in RULES} | {
    "milp_time_limit": DEFAULTS.tunables.milp_time_limit
}
MORE_RULES = (
    '{"milp_opt": {"seed": 7, "work_limit": 200000}, "smart_pack": {"beam_width": 5}}'
)
EXAMPLE = "Lot ID,Type,Vials\nLOT001,VialA,100000\nLOT002,VialB,900000"
MOST_KEPT_BYTES = 1024 * 1024


def hours(label: str, name: str, least: float = 0) -> forms.FloatField:
    """A field of hours that shows the usual ones."""
    return forms.FloatField(
        label=label,
        min_value=least,
        max_value=10_000,
        initial=displayed(name),
        required=False,
    )


def displayed(name: str, rules: Record = USUAL) -> Any:
    """A rule as its field shows it."""
    return whole(rules.get(name, USUAL[name]))


def whole(value: Any) -> Any:
    """A whole number without its point; what is none as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class RuleFields(forms.Form):
    """A line's rules that are one value each, and those that only JSON can say."""

    clean_hours = hours("Clean (h)", "clean_hours")
    window_hours = hours("Window (h)", "window_hours", least=0.01)
    same_type_changeover_hours = hours(
        "Changeover, same type (h)", "same_type_changeover_hours"
    )
    default_changeover_hours = hours(
        "Changeover, other type (h)", "default_changeover_hours"
    )
    fill_rate_vph = forms.FloatField(
        label="Fill rate (vials/h)",
        min_value=0.01,
        max_value=1_000_000,
        required=False,
        initial=displayed("fill_rate_vph"),
        help_text="Hours of a lot without any of its own follow from its vials.",
    )
    lines = forms.IntegerField(
        required=False,
        label="Lines side by side",
        min_value=1,
        max_value=MOST_LINES,
        initial=DEFAULTS.lines,
    )
    milp_time_limit = forms.FloatField(
        required=False,
        label="Time for the exact optimiser (s)",
        min_value=1,
        max_value=settings.PLAN_MOST_SECONDS,
        initial=displayed("milp_time_limit"),
    )
    allow_waiting = forms.BooleanField(
        required=False,
        label="The line may wait where that keeps a lot within its target times",
    )
    more_rules = forms.CharField(
        required=False,
        label="More rules as JSON",
        strip=False,
        help_text=(
            "Knobs of the strategies, and any rule under its name in the API; what "
            "is above goes before it."
        ),
        widget=forms.Textarea(
            attrs={"rows": 4, "placeholder": MORE_RULES, "spellcheck": "false"}
        ),
    )

    def clean_more_rules(self) -> Values:
        """The rules as an object, none for a blank text."""
        text = self.cleaned_data["more_rules"]
        rules = json_of(text) if text.strip() else {}
        if not isinstance(rules, dict):
            raise forms.ValidationError("The rules must be a JSON object.")
        return rules


class PlanForm(RuleFields):
    kept_file = ""
    why_no_table = ""
    told_start: str | None = None
    field_order = (
        "origin",
        "filled_from",
        "name",
        "file",
        "sheet",
        "lots",
        "template",
        "strategy",
        "strategies",
    )

    origin = forms.IntegerField(
        required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput
    )
    filled_from = forms.IntegerField(
        required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput
    )
    name = forms.CharField(
        max_length=255, required=False, help_text="Blank names it after the time."
    )
    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        help_text="CSV or Excel (.xlsx) with the columns Lot ID, Type, Vials; or JSON.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.json,.txt"}),
    )
    sheet = sheet_field()
    lots = forms.CharField(
        required=False,
        label="Or paste the lots",
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 8, "placeholder": EXAMPLE, "spellcheck": "false"}
        ),
    )
    template = forms.TypedChoiceField(
        required=False,
        label="Rules from template",
        coerce=int,
        empty_value=None,
        help_text="Fills in the rules below; what you change there goes before the template.",
    )
    strategy = forms.ChoiceField(
        choices=[(s.name, s.description) for s in STRATEGIES], initial=DEFAULT
    )
    start_date = DayField(required=False, help_text="Blank begins now.")
    start_clock = forms.TimeField(
        required=False,
        label="Start time",
        widget=forms.TimeInput(attrs={"type": "time"}),
    )

    def __init__(
        self, *args: Any, templates: Iterable[tuple[int, str]] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        cast(forms.TypedChoiceField, self.fields["template"]).choices = [
            ("", "The rules below"),
            *templates,
        ]

    def clean_file(self) -> Any:
        """The file, if it is not too large."""
        file = self.cleaned_data["file"]
        if file and file.size > LIMITS.size:
            raise forms.ValidationError("The file is larger than 10 MB.")
        return file

    def clean(self) -> Values:
        """Lots are to come from a file or from the text."""
        data = super().clean() or self.cleaned_data
        if (
            not data.get("file")
            and not data.get("lots", "").strip()
            and "file" not in self.errors
        ):
            self.add_error("lots", "Upload a file or paste some lots.")
        return data

    @staticmethod
    def rules_apart(config: Record, elsewhere: Collection[str]) -> Values:
        """A plan's rules as initial values: those with a field of their own, and the
        others as JSON but for those that are shown elsewhere.
        """
        own = {name: displayed(name, config) for name in USUAL}
        rest = {
            name: value
            for name, value in config.items()
            if name not in {*USUAL, *elsewhere}
        }
        return own | {
            "more_rules": json.dumps(rest, indent=1, ensure_ascii=False) if rest else ""
        }

    def size(self) -> int:
        """Bytes of what was sent, about: before anything of it is read."""
        file = self.files.get("file")
        return (file.size or 0) if file else len(self.data.get("lots") or "")

    def payload(self) -> bytes:
        """The file's bytes, else the pasted text's."""
        file = self.cleaned_data["file"]
        if file:
            file.seek(0)
        return bytes(file.read()) if file else self.cleaned_data["lots"].encode()

    def chosen_sheet(self) -> str:
        """The sheet of the uploaded workbook that is to be read; blank for the first."""
        return str(self.cleaned_data["sheet"]) if self.cleaned_data["file"] else ""

    def keep_upload(self) -> None:
        """Puts an uploaded file's text into the field for pasting: a browser shows the
        form again without its file.
        """
        file: Any = self.files.get("file")
        sheet = str(self.data.get("sheet") or "")
        is_small = file and file.size <= MOST_KEPT_BYTES
        text = text_of(file, sheet) if is_small else None
        if text is not None:
            self.kept_file = file.name
            data = cast(QueryDict, self.data).copy()
            data["lots"] = text
            data["sheet"] = ""
            self.data = data

    def rows_out_of(self, text: str) -> list[Cells] | None:
        """The lots of a text as cells of a table, None for what the table cannot take;
        the rules of a JSON document become initial values, and its start
        `self.told_start`. Raises ValidationError for JSON that cannot be used.
        """
        document = rows_of_json(text.encode()) if text.strip() else ([], {}, None)
        if document is None:
            return cells_of_text(text)
        rows, inner, start = document
        self.told_start = start
        if inner:
            known = json_of(self.initial.get("more_rules") or "{}")
            self.initial["more_rules"] = json.dumps(
                {**inner, **known}, indent=1, ensure_ascii=False
            )
        return cells_of(row for row in rows if isinstance(row, dict))

    def changed_config(self, filled: Record) -> Values:
        """The rules that differ from those the form was filled in with: those of a
        template or a JSON document stay unless somebody changed them here.
        """
        before = {**USUAL, **filled}
        given = {name: self.cleaned_data[name] for name in USUAL}
        return {
            name: value
            for name, value in given.items()
            if value is not None and value != before[name]
        }

    def start(self, zone: str) -> datetime | None:
        """The chosen start on the person's clock, aware; None for now."""
        day = self.cleaned_data["start_date"]
        clock = self.cleaned_data["start_clock"]
        if day is None:
            return None
        return datetime.combine(
            day, clock or datetime.min.time(), ZoneInfo(zone)
        ).astimezone(UTC)


class ComparisonForm(PlanForm):
    """Lots and rules as for a plan, and the strategies to compare."""

    strategy = None  # type: ignore[assignment]  # how a form drops a field of the one it builds on
    strategies = forms.MultipleChoiceField(
        choices=[(s.name, f"{s.name}: {s.description}") for s in STRATEGIES],
        initial=[s.name for s in STRATEGIES],
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_strategies(self) -> list[str]:
        """The strategies, if there are enough to compare."""
        chosen: list[str] = self.cleaned_data["strategies"]
        if len(chosen) < FEWEST:
            raise forms.ValidationError(f"Choose at least {FEWEST} strategies.")
        return chosen


class ConfigForm(EditForm, RuleFields):
    """A config template; a blank field leaves what is usual, which it shows in grey."""

    thing = "this template"
    field_order = ("name", "description", "is_public")
    name = forms.CharField(max_length=255)
    description = forms.CharField(
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        strip=False,
    )
    is_public = forms.BooleanField(required=False, label="Everybody here may read it")
    allowed_strategies = forms.MultipleChoiceField(
        required=False,
        choices=list(TITLES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="What plans with these rules may be made by; none means all.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in USUAL:
            self.fields[name].initial = None
            if name != "allow_waiting":
                self.fields[name].widget.attrs["placeholder"] = displayed(name)
        self.fields["more_rules"].help_text = (
            "Knobs of the strategies, frozen blocks, and keys of other "
            "programs, which are kept. A whole template can "
            "be pasted here while the fields above are blank."
        )

    def label_of(self, name: str) -> str:
        """A rule by what it is called everywhere."""
        rule = name.removeprefix(RULE)
        return RULE_NAMES.get(rule) or super().label_of(rule)

    def text_of(self, name: str, value: Any) -> str:
        """A rule in words."""
        if name.startswith(RULE):
            return rule_text(value, name.removeprefix(RULE))
        return super().text_of(name, value)

    @classmethod
    def fits(cls, name: str, value: Any) -> bool:
        """Whether a rule's field can show a value."""
        field = cls.base_fields[name]
        try:
            return value is not None and bool(field.clean(value) == value)
        except forms.ValidationError:
            return False


# What the file of an exported template holds, as `wire.template_file` writes it.
TEMPLATE_FILE = {"name", "description", "config", "created_at", "updated_at"}


class ImportForm(forms.Form):
    """An exported config template."""

    file = forms.FileField(
        label="Exported template", help_text="A JSON file with name and config."
    )

    def clean_file(self) -> Values:
        """The template's fields; the form's `unused` names what else the file holds."""
        text = (
            text_of(self.cleaned_data["file"])
            if self.cleaned_data["file"].size <= MOST_KEPT_BYTES
            else None
        )
        template = json_of(text) if text is not None else None
        if (
            not isinstance(template, dict)
            or not isinstance(template.get("name"), str)
            or "config" not in template
        ):
            raise forms.ValidationError(
                "This is not an exported template: a JSON object with name and config."
            )
        self.unused = sorted(template.keys() - TEMPLATE_FILE)
        description = template.get("description")
        return {
            "name": template["name"],
            "config": template["config"],
            "description": description if isinstance(description, str) else "",
        }


class WebhookForm(forms.Form):
    """An address that is told of events."""

    url = forms.CharField(
        label="Address",
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    events = forms.MultipleChoiceField(
        choices=[(name, name) for name in EVENTS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None means all.",
    )


def json_of(text: str) -> Any:
    """What a text holds as JSON. Raises ValidationError for one that is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise forms.ValidationError(f"The JSON cannot be used: {error}") from error


def text_of(file: Any, sheet: str = "") -> str | None:
    """An uploaded file's text, a workbook's sheet as CSV; None for what is none."""
    file.seek(0)
    data = file.read()
    try:
        if is_workbook(data):
            return csv_text(read_table(data, LIMITS, sheet))
        return text_in(data)
    except TableError:
        return None


def rows_of_json(data: bytes) -> tuple[list[Any], JsonObject, str | None] | None:
    """Lots, rules and start time when the data is a JSON document of ours, None for
    something else: CSV, then.
    """
    if data.lstrip()[:1] not in (b"[", b"{"):
        return None
    try:
        return request_from_json(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise forms.ValidationError(f"The JSON cannot be used: {error}") from error
