"""The page for a new plan, turned round: lots as table or as text, rules filled in,
rows added and taken out.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

from django import forms
from django.http import QueryDict

from common.errors import Problem
from common.numbers import whole_number
from fillplanner.forms import PlanForm, json_of
from fillplanner.lots import lot_table
from fillplanner.rules import rule_tables
from fillplanner.views import wizard
from fillplanner.views.asking import form_for
from fillplanner.wire import start_of
from workspaces.doors import PageRequest, own_zone

# What its buttons ask for, beside `wizard.TABLE`; the last two name a table of rules,
# and a row of it.
TEXT = "text"
ROWS = "rows"
FILL = "fill"
MORE = "more"
DROP = "drop"


def edited(request: PageRequest, kind: type[PlanForm]) -> wizard.Wizard:
    """The same page with the lots as a table, as text, or with more rows, or with the
    rules filled in or in more or fewer rows; nothing is checked and nothing lost.
    """
    page = wizard.sent(request, kind)
    page.form.keep_upload()
    form = as_unsent(request, kind, page)
    how, _, place = request.POST["edit"].partition(":")
    table = page.table
    if how == wizard.TABLE:
        table = as_table(request, form, str(form.initial["lots"] or ""))
    elif how == ROWS and table is not None:
        table = lot_table.spare(table, lot_table.MORE_ROWS)
    elif how == TEXT:
        table = None
    return replace(
        page,
        form=form,
        table=table,
        rules=rules_edited(request, form, page.rules, how, place),
        more=place if how == MORE else "",
    )


def as_unsent(
    request: PageRequest, kind: type[PlanForm], page: wizard.Wizard
) -> PlanForm:
    """What was sent, in a form that nobody filled in yet: nothing in it is wrong."""
    data = cast(QueryDict, page.form.data)
    values = {
        name: data.getlist(name) if name == "strategies" else data.get(name)
        for name in page.form.fields
    }
    form = form_for(request, kind, sent=False)
    form.initial.update(values)
    form.initial["allow_waiting"] = bool(values.get("allow_waiting"))
    form.kept_file = page.form.kept_file
    return form


def rules_edited(
    request: PageRequest,
    form: PlanForm,
    rules: rule_tables.TypedRows,
    how: str,
    place: str,
) -> rule_tables.TypedRows:
    """The rules in rows: filled in from the chosen template, without a row, or with
    those that were written as JSON.
    """
    if how == FILL:
        number = whole_number(str(form.initial["template"] or ""))
        filled = wizard.fill(request, form, number)
        return rule_tables.typed_from(filled, own_zone(request)) if filled else rules
    if how == DROP:
        rules.drop(place)
    # With scripts only the table of these two is shown anew, not what is written.
    if how in (DROP, MORE):
        return rules
    return lifted_out(form, rules)


def lifted_out(form: PlanForm, rules: rule_tables.TypedRows) -> rule_tables.TypedRows:
    """The rows with those that the form's JSON has, which move out of it."""
    try:
        written = json_of(str(form.initial["more_rules"] or "{}"))
    except forms.ValidationError:
        return rules
    if not isinstance(written, dict):
        return rules
    rest, rules = rule_tables.lifted(written, rules)
    if rest != written:
        text = json.dumps(rest, indent=1, ensure_ascii=False) if rest else ""
        form.initial["more_rules"] = text
    return rules


def as_table(
    request: PageRequest, form: PlanForm, text: str
) -> list[lot_table.Cells] | None:
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
        form.why_no_table = (
            "The table takes CSV with a header, or JSON, of up to "
            f"{lot_table.MOST_ROWS} lots."
        )
        return None
    if begin and not form.initial.get("start_date"):
        form.initial.update(wizard.start_fields(begin, own_zone(request)))
    return lot_table.spare(lot_table.on_clock(rows, own_zone(request)))
