"""The page that asks for lots, strategy and rules: what it is shown with, whether it is
new, checked or edited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from common.errors import Problem
from fillplanner import guidance, lot_table, matrix, rule_tables
from fillplanner.bad_rows import BadRow, bad_rows
from fillplanner.forms import USUAL, ComparisonForm, PlanForm, displayed
from fillplanner.models import Comparison, Plan
from fillplanner.planning import problem as planning
from fillplanner.planning.bounds import least_blocks
from fillplanner.planning.intake import IntakeReport
from fillplanner.planning.rules import read_config
from fillplanner.planning.solve import overall_bound
from fillplanner.selectors import access_plan
from fillplanner.services import plans
from fillplanner.views.asking import (
    asked_for,
    filled_rules,
    form_for,
    show_errors,
    strategies_of,
)
from fillplanner.views.rule_page import RulePage
from workspaces.doors import PageRequest, own_zone
from workspaces.models import User

TABLE = "table"
LONGEST_ID = 18


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
        return [
            (
                n,
                [
                    (name, cell, wrong.get((n, name), ""))
                    for name, cell in zip(lot_table.FIELDS, row, strict=True)
                ],
            )
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
        return (
            [str(name) for name in value]
            if isinstance(value, list | tuple)
            else [str(value)]
        )

    @property
    def cards(self) -> list[tuple[guidance.Card, bool]]:
        lots = self.review.lots if self.review else 500
        return [
            (card, card.name in self.chosen)
            for card in guidance.cards(lots, self.limit)
        ]

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


def begun(
    request: PageRequest, kind: type[PlanForm], initial: Mapping[str, Any] | None = None
) -> Wizard:
    """The page as it is first opened, perhaps prefilled; else with the rules of the
    person's default template.
    """
    form = form_for(request, kind)
    form.initial.update(initial or {})
    filled = fill(request, form, form.initial["template"])
    zone = own_zone(request)
    rules = rule_tables.typed_from((initial or {}).get("tables") or filled, zone)
    typed = matrix.typed_from((initial or {}).get("matrix") or {})
    return Wizard(
        form, typed, matrix.editor((), typed, planning.LineConfig()), rules, zone=zone
    )


def fill(request: PageRequest, form: PlanForm, number: int | None) -> dict[str, Any]:
    """Put a template's rules into their fields; the rules, for those that come in rows.
    Nothing for none.
    """
    rules = filled_rules(request.user, number)
    form.initial["filled_from"] = number if rules else None
    form.initial.update(
        {name: displayed(name, rules) for name in USUAL} if rules else {}
    )
    return rules


def prefilled(
    request: PageRequest, access: Callable[[User, int], Plan | Comparison] = access_plan
) -> dict[str, Any]:
    """What the plan or comparison was made of that is to be changed and planned again
    (`?from=`); nothing for none.
    """
    number = request.GET.get("from", "")
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_ID):
        return {}
    old = access(request.user, int(number))
    found = old.config.get("changeover_matrix") or {}
    rate = old.config.get("fill_rate_vph") or planning.LineConfig().fill_rate_vph
    # More types than the editor shows stay JSON.
    apart = (
        rule_tables.KEYS
        if matrix.rest_of(found)
        else (*rule_tables.KEYS, "changeover_matrix")
    )
    if isinstance(old, Plan):
        own: dict[str, Any] = {"origin": old.pk, "strategy": old.strategy}
    else:
        own = {"strategies": old.strategies}
    return (
        PlanForm.rules_apart(old.config, apart)
        | start_fields(old.start_time, own_zone(request))
        | own
        | {
            "template": None,
            "name": old.name,
            "matrix": found if "changeover_matrix" in apart else {},
            "tables": old.config,
            "lots": lot_table.csv_of_lots(old.lots, old.start_time, rate),
        }
    )


def asked(request: PageRequest, kind: type[PlanForm]) -> Wizard:
    """What was sent: the cells of the lots' table as text, matrix and other tables as
    they were typed.
    """
    table = lot_table.cells_posted(request.POST) if TABLE in request.POST else None
    typed, zone = matrix.typed_in(request.POST), own_zone(request)
    lots = (
        None
        if table is None
        else {"lots": lot_table.csv_of(lot_table.with_offsets(table, zone))}
    )
    form, rules = (
        form_for(request, kind, lots),
        rule_tables.typed_in(request.POST, zone),
    )
    types = [str(name) for name in request.POST.getlist("matrix_type")]
    return Wizard(
        form,
        typed,
        matrix.editor(types, typed, planning.LineConfig()),
        rules,
        table=table,
        zone=zone,
    )


def wanted(request: PageRequest, wizard: Wizard) -> dict[str, Any] | None:
    """The request for a plan or a comparison; None, with the reasons on the form, where
    it cannot be.
    """
    form = wizard.form
    wizard.tell_faults()
    if not form.is_valid():
        return None
    try:
        found = asked_for(request, form, strategies_of(form), wizard.rules)
    except forms.ValidationError as error:
        form.add_error("lots", error)
    except Problem as problem:
        show_errors(form, problem)
    else:
        base = wizard.usual = found["config"].get("changeover_matrix") or {}
        if wizard.typed.texts:
            found["config"]["changeover_matrix"] = matrix.laid_over(
                base, wizard.typed.hours()
            )
        return found
    return None


def checked(request: PageRequest, wizard: Wizard) -> dict[str, Any] | None:
    """Look the lots over and note on the wizard what is to be said of them; the request
    for a plan of them, or None, with the reasons on the form, where it cannot be read.
    """
    found = wanted(request, wizard)
    try:
        if found is not None:
            look_over(wizard, plans.check(plans.Request(**found)), found)
            found = None if frozen_faults(wizard) else found
    except Problem as problem:
        show_errors(wizard.form, problem)
        found = None
    wizard.complaints = [
        str(error) for errors in wizard.form.errors.values() for error in errors
    ]
    return found


def look_over(wizard: Wizard, report: IntakeReport, found: Mapping[str, Any]) -> None:
    config = read_config(found["config"])
    wizard.report = report
    wizard.bad = bad_rows(report, found["rows"], found["data"])
    types = list(dict.fromkeys(lot.lot_type for lot in report.lots))
    usual = read_config({**found["config"], "changeover_matrix": wizard.usual})
    wizard.editor = matrix.editor(types, wizard.typed, usual)
    wizard.review = reviewed(report, config, found["start_time"] or timezone.now())


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
        len(lots),
        len({lot.lot_type for lot in lots}),
        sum(lot.vials for lot in lots),
        fills,
    )
    try:
        problem = planning.Problem(lots, config, start)
    except planning.ProblemError as error:
        said = [
            text.replace("frozen_blocks names", "A frozen block names")
            for text in error.errors[:20]
        ]
        return replace(plain, refused=said, frozen=error.frozen)
    bound = overall_bound(problem, 0.0)
    blocks = least_blocks(fills, config.window_hours)
    return replace(
        plain, bound=bound, blocks=blocks, ends=start + timedelta(hours=bound)
    )


def start_fields(begin: datetime, zone: str) -> dict[str, str]:
    """A plan's start (aware) as the form has it, on the person's clock."""
    local = begin.astimezone(ZoneInfo(zone))
    return {"start_date": f"{local:%Y-%m-%d}", "start_clock": f"{local:%H:%M}"}
