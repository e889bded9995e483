"""The page that asks for lots, strategy and rules: what it is shown with, whether it is new, checked or edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils import timezone

from common.errors import Problem
from fillplanner import guidance, lot_table, matrix
from fillplanner.bad_rows import BadRow, bad_rows
from fillplanner.forms import ComparisonForm, PlanForm
from fillplanner.models import Comparison, Plan
from fillplanner.planning import problem as planning
from fillplanner.planning.bounds import least_blocks
from fillplanner.planning.intake import IntakeReport
from fillplanner.planning.rules import read_config
from fillplanner.planning.solve import overall_bound
from fillplanner.selectors import access_plan
from fillplanner.services import plans
from fillplanner.views.asking import asked_for, form_for, show_errors, strategies_of, zone_of
from fillplanner.wire import start_of
from workspaces.doors import PageRequest
from workspaces.models import User

TABLE, TEXT, ROWS = "table", "text", "rows"
LONGEST_ID = 18


@dataclass(frozen=True)
class Review:
    """What the lots come to before anything is planned. Hours; `refused` says why no plan can be made of them."""

    lots: int
    types: int
    vials: int
    fill_hours: float
    bound: float = 0.0
    blocks: int = 0
    ends: datetime | None = None
    refused: Sequence[str] = ()


@dataclass
class Wizard:
    """All that the page shows. `table` is None while the lots are text; `usual` is the matrix below what is typed."""

    form: PlanForm
    typed: matrix.Typed
    editor: matrix.Matrix
    table: list[lot_table.Cells] | None = None
    report: IntakeReport | None = None
    bad: list[BadRow] = field(default_factory=list)
    review: Review | None = None
    complaints: list[str] = field(default_factory=list)
    usual: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def rows(self) -> list[tuple[int, list[tuple[str, str, str]]]]:
        """The table's rows under their numbers: field, text, and what is wrong with it."""
        wrong = {(row.number, cell.field): cell.message for row in self.bad for cell in row.cells}
        return [
            (n, [(name, cell, wrong.get((n, name), "")) for name, cell in zip(lot_table.FIELDS, row, strict=True)])
            for n, row in enumerate(self.table or [], start=lot_table.FIRST_ROW)
        ]

    @property
    def titles(self) -> dict[str, str]:
        return lot_table.FIELDS

    @property
    def is_comparison(self) -> bool:
        return isinstance(self.form, ComparisonForm)

    @property
    def chosen(self) -> list[str]:
        """The names of the strategies that are chosen."""
        value = self.form["strategies" if self.is_comparison else "strategy"].value()
        return [str(name) for name in value] if isinstance(value, list | tuple) else [str(value)]

    @property
    def cards(self) -> list[tuple[guidance.Card, bool]]:
        lots = self.review.lots if self.review else 500
        return [(card, card.name in self.chosen) for card in guidance.cards(lots, self.limit)]

    @property
    def limit(self) -> float:
        try:
            return float(self.form["milp_time_limit"].value() or 60)
        except (TypeError, ValueError):
            return 60.0

    @property
    def expected(self) -> str:
        """How long the chosen strategies take for these lots, the longest of them."""
        times = [card.time for card, chosen in self.cards if chosen]
        return times[-1] if times else ""


def begun(request: PageRequest, kind: type[PlanForm], initial: Mapping[str, Any] | None = None) -> Wizard:
    """The page as it is first opened, perhaps prefilled."""
    form = form_for(request, kind)
    form.initial.update(initial or {})
    typed = matrix.typed_from((initial or {}).get("matrix") or {})
    return Wizard(form, typed, matrix.editor((), typed, planning.LineConfig()))


def prefilled(request: PageRequest, access: Callable[[User, int], Plan | Comparison] = access_plan) -> dict[str, Any]:
    """What the plan or comparison was made of that is to be changed and planned again (`?from=`); nothing for none."""
    number = request.GET.get("from", "")
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_ID):
        return {}
    old = access(request.user, int(number))
    found = old.config.get("changeover_matrix") or {}
    rate = old.config.get("fill_rate_vph") or planning.LineConfig().fill_rate_vph
    # More types than the editor shows stay JSON.
    apart = () if matrix.rest_of(found) else ("changeover_matrix",)
    if isinstance(old, Plan):
        own: dict[str, Any] = {"origin": old.pk, "strategy": old.strategy}
    else:
        own = {"strategies": old.strategies}
    return PlanForm.rules_apart(old.config, apart) | start_fields(old.start_time, zone_of(request)) | own | {
        "template": None, "name": old.name, "matrix": found if apart else {},
        "lots": lot_table.csv_of_lots(old.lots, old.start_time, rate),
    }  # fmt: skip


def asked(request: PageRequest, kind: type[PlanForm]) -> Wizard:
    """What was sent: the table's cells as text, the matrix as it was typed."""
    table = lot_table.cells_posted(request.POST) if TABLE in request.POST else None
    typed = matrix.typed_in(request.POST)
    form = form_for(request, kind, None if table is None else {"lots": lot_table.csv_of(table)})
    types = [str(name) for name in request.POST.getlist("matrix_type")]
    return Wizard(form, typed, matrix.editor(types, typed, planning.LineConfig()), table)


def wanted(request: PageRequest, wizard: Wizard) -> dict[str, Any] | None:
    """The request for a plan or a comparison; None, with the reasons on the form, where it cannot be."""
    form = wizard.form
    for text in wizard.typed.faults.values():
        form.add_error(None, text)
    if not form.is_valid():
        return None
    try:
        found = asked_for(request, form, strategies_of(form))
    except forms.ValidationError as error:
        form.add_error("lots", error)
    except Problem as problem:
        show_errors(form, problem)
    else:
        base = wizard.usual = found["config"].get("changeover_matrix") or {}
        if wizard.typed.texts:
            found["config"]["changeover_matrix"] = matrix.laid_over(base, wizard.typed.hours())
        return found
    return None


def checked(request: PageRequest, wizard: Wizard) -> dict[str, Any] | None:
    """Look the lots over and note on the wizard what is to be said of them; the request for a plan of them, or None,
    with the reasons on the form, where it cannot be read."""
    found = wanted(request, wizard)
    try:
        if found is not None:
            look_over(wizard, plans.check(plans.Request(**found)), found)
    except Problem as problem:
        show_errors(wizard.form, problem)
        found = None
    wizard.complaints = [str(error) for errors in wizard.form.errors.values() for error in errors]
    return found


def look_over(wizard: Wizard, report: IntakeReport, found: Mapping[str, Any]) -> None:
    config = read_config(found["config"])
    wizard.report = report
    wizard.bad = bad_rows(report, found["rows"], found["data"])
    types = list(dict.fromkeys(lot.lot_type for lot in report.lots))
    usual = read_config({**found["config"], "changeover_matrix": wizard.usual})
    wizard.editor = matrix.editor(types, wizard.typed, usual)
    wizard.review = reviewed(report, config, found["start_time"] or timezone.now())


def reviewed(report: IntakeReport, config: planning.LineConfig, start: datetime) -> Review | None:
    """The lots that are in order, and what holds for every plan of them."""
    lots = tuple(report.lots)
    if not lots:
        return None
    fills = sum(lot.fill_hours for lot in lots)
    plain = Review(len(lots), len({lot.lot_type for lot in lots}), sum(lot.vials for lot in lots), fills)
    try:
        problem = planning.Problem(lots, config, start)
    except planning.ProblemError as error:
        return replace(plain, refused=error.errors[:20])
    bound = overall_bound(problem, 0.0)
    blocks = least_blocks(fills, config.window_hours)
    return replace(plain, bound=bound, blocks=blocks, ends=start + timedelta(hours=bound))


def edited(request: PageRequest, kind: type[PlanForm]) -> Wizard:
    """The same page with the lots as a table, as text, or with more rows; nothing is checked and nothing lost."""
    wizard = asked(request, kind)
    wizard.form.keep_upload()
    how, data = request.POST["edit"], cast(QueryDict, wizard.form.data)
    values = {name: data.getlist(name) if name == "strategies" else data.get(name) for name in wizard.form.fields}
    # Read back as something that was never sent: nothing in it is wrong yet.
    form = form_for(request, kind, sent=False)
    form.initial.update({**values, "allow_waiting": bool(values.get("allow_waiting"))})
    form.kept_file = wizard.form.kept_file
    table = wizard.table
    if how == TABLE:
        table = as_table(request, form, str(values["lots"] or ""))
    elif how == ROWS and table is not None:
        table = lot_table.spare(table, lot_table.MORE_ROWS)
    return Wizard(form, wizard.typed, wizard.editor, None if how == TEXT else table)


def as_table(request: PageRequest, form: PlanForm, text: str) -> list[lot_table.Cells] | None:
    """The text's rows; the rules and the start inside a JSON document move into their fields."""
    try:
        rows = form.rows_out_of(text)
        begin = start_of(form.told_start)
    except forms.ValidationError as error:
        form.why_no_table = " ".join(error.messages)
        return None
    except Problem as problem:
        form.why_no_table = problem.message
        return None
    if rows is None:
        form.why_no_table = f"The table takes CSV with a header, or JSON, of up to {lot_table.MOST_ROWS} lots."
        return None
    if begin and not form.initial.get("start_date"):
        form.initial.update(start_fields(begin, zone_of(request)))
    return lot_table.spare(rows)


def start_fields(begin: datetime, zone: str) -> dict[str, str]:
    """A plan's start (aware) as the form has it, on the person's clock."""
    local = begin.astimezone(ZoneInfo(zone))
    return {"start_date": f"{local:%Y-%m-%d}", "start_clock": f"{local:%H:%M}"}
