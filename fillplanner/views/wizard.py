"""The page that asks for lots, strategy and rules: what it is shown with, whether it is
new, checked or edited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from common.errors import Problem
from common.mappings import Record, Values
from common.numbers import whole_number
from fillplanner.forms import USUAL, ComparisonForm, PlanForm, displayed
from fillplanner.lots import lot_table
from fillplanner.lots.bad_rows import BadRow, bad_rows
from fillplanner.models import Comparison, Plan
from fillplanner.planning import problem as planning
from fillplanner.planning.bounds import least_blocks
from fillplanner.planning.intake import IntakeReport
from fillplanner.planning.rules import read_config
from fillplanner.planning.solve import overall_bound
from fillplanner.planning.strategies import guidance
from fillplanner.rules import matrix, rule_tables
from fillplanner.selectors import access_plan
from fillplanner.services import plans
from fillplanner.views.asking import (
    filled_rules,
    form_for,
    request_values,
    show_errors,
    strategies_of,
)
from fillplanner.views.rule_page import RulePage
from workspaces.doors import PageRequest, own_zone
from workspaces.models import User

TABLE = "table"


@dataclass(frozen=True)
class Review:
    """What the lots come to before anything is planned. Hours; `refused` says why no
    plan can be made of them, `frozen` which of their frozen blocks, by number, are why.
    """

    lots: int
    types: int
    vials: int
    fill_hours: float
    bound: float = 0.0
    blocks: int = 0
    ends: datetime | None = None
    refused: Sequence[str] = ()
    frozen: Sequence[tuple[int, str]] = ()


@dataclass
class Wizard(RulePage[PlanForm]):
    """All that the page shows. `table` is None while the lots are text; `usual` is the
    matrix below what is typed; `zone` is the person's.
    """

    table: list[lot_table.Cells] | None = None
    report: IntakeReport | None = None
    bad: list[BadRow] = field(default_factory=list)
    review: Review | None = None
    complaints: list[str] = field(default_factory=list)
    usual: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    zone: str = "UTC"

    @property
    def rule_faults(self) -> list[tuple[str, int, str]]:
        """What is wrong in which row (from 0, blank ones left out) of which table of rules."""
        return [
            (table, number, text) for (table, number), text in self.rules.faults.items()
        ]

    @property
    def kind(self) -> str:
        """What is to be made."""
        return "comparison" if self.is_comparison else "plan"

    @property
    def levels(self) -> list[str]:
        """The names of the priorities that lots may have."""
        return [name for name, _ in self.rules.rows.get("priority_levels", [])] or list(
            planning.PRIORITIES
        )

    @property
    def rows(self) -> list[tuple[int, list[tuple[str, str, str]]]]:
        """The table's rows under their numbers: field, text, and what is wrong with it."""
        wrong = {
            (row.number, cell.field): cell.message
            for row in self.bad
            for cell in row.cells
        }
        rows = []
        for number, texts in enumerate(self.table or [], start=lot_table.FIRST_ROW):
            cells = [
                (name, text, wrong.get((number, name), ""))
                for name, text in zip(lot_table.FIELDS, texts, strict=True)
            ]
            rows.append((number, cells))
        return rows

    @property
    def titles(self) -> dict[str, str]:
        """Titles of the table's columns."""
        return lot_table.FIELDS

    @property
    def is_comparison(self) -> bool:
        """Whether several strategies are to be compared."""
        return isinstance(self.form, ComparisonForm)

    @property
    def chosen(self) -> list[str]:
        """The names of the strategies that are chosen."""
        field_name = "strategies" if self.is_comparison else "strategy"
        value = self.form[field_name].value()
        values = value if isinstance(value, list | tuple) else [value]
        return [str(name) for name in values]

    @property
    def cards(self) -> list[tuple[guidance.Card, bool]]:
        """Every strategy, and whether it is chosen."""
        lots = self.review.lots if self.review else 500
        chosen = self.chosen
        cards = guidance.cards(lots, self.limit)
        return [(card, card.name in chosen) for card in cards]

    @property
    def limit(self) -> float:
        """Seconds that the exact optimiser may take."""
        try:
            return float(self.form["milp_time_limit"].value() or 60)
        except (TypeError, ValueError):
            return 60.0

    @property
    def expected(self) -> str:
        """How long the chosen strategies take for these lots, the longest of them."""
        times = [card.time for card, chosen in self.cards if chosen]
        return times[-1] if times else ""


def begun(
    request: PageRequest, kind: type[PlanForm], initial: Record | None = None
) -> Wizard:
    """The page as it is first opened, perhaps prefilled; else with the rules of the
    person's default template.
    """
    initial = initial or {}
    form = form_for(request, kind)
    form.initial.update(initial)
    filled = fill(request, form, form.initial["template"])
    zone = own_zone(request)
    typed = matrix.typed_from(initial.get("matrix") or {})
    return Wizard(
        form=form,
        typed=typed,
        editor=matrix.editor((), typed, planning.LineConfig()),
        rules=rule_tables.typed_from(initial.get("tables") or filled, zone),
        zone=zone,
    )


def fill(request: PageRequest, form: PlanForm, number: int | None) -> Values:
    """Put a template's rules into their fields; the rules, for those that come in rows.
    Nothing for none.
    """
    rules = filled_rules(request.user, number)
    form.initial["filled_from"] = number if rules else None
    if rules:
        form.initial.update({name: displayed(name, rules) for name in USUAL})
    return rules


def prefilled(
    request: PageRequest, access: Callable[[User, int], Plan | Comparison] = access_plan
) -> Values:
    """What the plan or comparison was made of that is to be changed and planned again
    (`?from=`); nothing for none.
    """
    number = whole_number(request.GET.get("from", ""))
    if number is None:
        return {}
    old = access(request.user, number)
    hours = old.config.get("changeover_matrix") or {}
    elsewhere = [*rule_tables.KEYS]
    # More types than the editor shows stay JSON.
    if not matrix.rest_of(hours):
        elsewhere.append("changeover_matrix")
    rate = old.config.get("fill_rate_vph") or planning.LineConfig().fill_rate_vph
    lots = lot_table.csv_of_lots(old.lots, old.start_time, rate)
    return (
        PlanForm.rules_apart(old.config, elsewhere)
        | start_fields(old.start_time, own_zone(request))
        | strategy_fields(old)
        | {
            "template": None,
            "name": old.name,
            "matrix": hours if "changeover_matrix" in elsewhere else {},
            "tables": old.config,
            "lots": lots,
        }
    )


def strategy_fields(old: Plan | Comparison) -> Values:
    """What an older plan or comparison was planned by; a plan is the new one's origin."""
    if isinstance(old, Plan):
        return {"origin": old.pk, "strategy": old.strategy}
    return {"strategies": old.strategies}


def sent(request: PageRequest, kind: type[PlanForm]) -> Wizard:
    """What was sent: the cells of the lots' table as text, matrix and other tables as
    they were typed.
    """
    zone = own_zone(request)
    table = None
    lots = None
    if TABLE in request.POST:
        table = lot_table.cells_posted(request.POST)
        lots = {"lots": lot_table.csv_of(lot_table.with_offsets(table, zone))}
    typed = matrix.typed_in(request.POST)
    types = [str(name) for name in request.POST.getlist("matrix_type")]
    return Wizard(
        form=form_for(request, kind, lots),
        typed=typed,
        editor=matrix.editor(types, typed, planning.LineConfig()),
        rules=rule_tables.typed_in(request.POST, zone),
        table=table,
        zone=zone,
    )


def request_of(request: PageRequest, wizard: Wizard) -> Values | None:
    """The fields of a request for a plan or a comparison; None, with the reasons on the
    form, where it cannot be.
    """
    form = wizard.form
    wizard.tell_faults()
    if not form.is_valid():
        return None
    try:
        values = request_values(request, form, strategies_of(form), wizard.rules)
    except forms.ValidationError as error:
        form.add_error("lots", error)
        return None
    except Problem as problem:
        show_errors(form, problem)
        return None
    config = values["config"]
    wizard.usual = config.get("changeover_matrix") or {}
    if wizard.typed.texts:
        hours = wizard.typed.hours()
        config["changeover_matrix"] = matrix.laid_over(wizard.usual, hours)
    return values


def checked(request: PageRequest, wizard: Wizard) -> Values | None:
    """Look the lots over and note on the wizard what is to be said of them; the fields
    of a request for a plan of them, or None, with the reasons on the form, where it
    cannot be read.
    """
    values = request_of(request, wizard)
    try:
        if values is not None:
            report = plans.check(plans.PlanRequest(**values))
            look_over(wizard, report, values)
            values = None if frozen_faults(wizard) else values
    except Problem as problem:
        show_errors(wizard.form, problem)
        values = None
    wizard.complaints = [
        str(error) for errors in wizard.form.errors.values() for error in errors
    ]
    return values


def look_over(wizard: Wizard, report: IntakeReport, values: Record) -> None:
    """Note on the wizard what came of the lots."""
    config = read_config(values["config"])
    usual = read_config({**values["config"], "changeover_matrix": wizard.usual})
    types = list(dict.fromkeys(lot.lot_type for lot in report.lots))
    start = values["start_time"] or timezone.now()
    wizard.report = report
    wizard.bad = bad_rows(report, values["rows"], values["data"], values["sheet"])
    wizard.editor = matrix.editor(types, wizard.typed, usual)
    wizard.review = reviewed(report, config, start)


def frozen_faults(wizard: Wizard) -> bool:
    """Whether blocks that were typed cannot be frozen with these lots; it is said beside them."""
    typed = len(wizard.rules.rows.get("frozen_blocks", []))
    for number, text in wizard.review.frozen if wizard.review else ():
        if number < typed:
            words = text.removeprefix("frozen_blocks names ")
            wizard.rules.faults["frozen_blocks", number] = words
            wizard.form.add_error(None, f"Frozen blocks, row {number + 1}: {words}")
    return bool(wizard.rules.faults)


def reviewed(
    report: IntakeReport, config: planning.LineConfig, start: datetime
) -> Review | None:
    """The lots that are in order, and what holds for every plan of them."""
    lots = tuple(report.lots)
    if not lots:
        return None
    fills = sum(lot.fill_hours for lot in lots)
    plain = Review(
        lots=len(lots),
        types=len({lot.lot_type for lot in lots}),
        vials=sum(lot.vials for lot in lots),
        fill_hours=fills,
    )
    try:
        problem = planning.Problem(lots, config, start)
    except planning.ProblemError as error:
        reasons = [
            text.replace("frozen_blocks names", "A frozen block names")
            for text in error.errors[:20]
        ]
        return replace(plain, refused=reasons, frozen=error.frozen)
    bound = overall_bound(problem, 0.0)
    return replace(
        plain,
        bound=bound,
        blocks=least_blocks(fills, config.window_hours),
        ends=start + timedelta(hours=bound),
    )


def start_fields(begin: datetime, zone: str) -> dict[str, str]:
    """A plan's start (aware) as the form has it, on the person's clock."""
    local = begin.astimezone(ZoneInfo(zone))
    return {"start_date": f"{local:%Y-%m-%d}", "start_clock": f"{local:%H:%M}"}
