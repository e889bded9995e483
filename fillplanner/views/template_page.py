"""The page that a rule template is written on: taken apart for it, read back from it,
and turned round.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, cast

from django.http import QueryDict

from common.mappings import Record, Values
from fillplanner.forms import USUAL, ConfigForm, displayed, whole
from fillplanner.planning.rules import read_config
from fillplanner.rules import matrix, rule_tables
from fillplanner.rules.template_checks import TemplateVerdict, check_template
from fillplanner.rules.template_parts import (
    MATRIX,
    ROWS,
    STRATEGIES,
    apart,
    given_twice,
    hours_kept,
    strategies_kept,
    together,
)
from fillplanner.views.rule_page import RulePage
from workspaces.doors import PageRequest, own_zone

MOST_ERRORS_SHOWN = 50
# What its buttons ask for; the last two name a table of rules, and a row of it.
TYPES = "types"
MORE = "more"
DROP = "drop"
GENERAL = ("same_type_changeover_hours", "default_changeover_hours")


@dataclass(frozen=True)
class Beginning:
    """What the page is opened with: a template, or what a new one begins as."""

    name: str = ""
    config: Record = field(default_factory=dict)
    description: str = ""
    is_public: bool = False
    stored: Values | None = None


@dataclass
class TemplatePage(RulePage[ConfigForm]):
    """`own` are the rules that it began with and has a place for; `wrong_types` is why
    types were not added.
    """

    begun: Beginning = field(default_factory=Beginning)
    own: Record = field(default_factory=dict)
    verdict: TemplateVerdict | None = None
    new_types: str = ""
    wrong_types: str = ""
    TABLES: ClassVar = ROWS
    adds_types: ClassVar = True

    @property
    def turns(self) -> bool:
        """Whether it asks for another row or types; types that were typed and not added
        yet are not lost by saving.
        """
        return "edit" in self.form.data or bool(self.new_types)

    @property
    def filled(self) -> rule_tables.TypedRows:
        """The rows as they were before anybody touched them."""
        return rows_of(self.own, self.rules.zone)


def opened(request: PageRequest, begun: Beginning) -> TemplatePage:
    """The page before anything was sent."""
    own, rest = apart(begun.config, USUAL, ConfigForm.fits)
    form = ConfigForm(
        stored=begun.stored,
        initial={
            "name": begun.name,
            "description": begun.description,
            "is_public": begun.is_public,
            **{name: displayed(name, own) for name in own if name in USUAL},
            STRATEGIES: own.get(STRATEGIES, []),
            "more_rules": json.dumps(rest, indent=1, ensure_ascii=False)
            if rest
            else "",
        },
    )
    typed = matrix.typed_from(own.get(MATRIX, {}))
    rules = rows_of(own, own_zone(request))
    return TemplatePage(
        form=form,
        typed=typed,
        editor=table_of((), typed, form),
        rules=rules,
        begun=begun,
        own=own,
    )


def sent(request: PageRequest, begun: Beginning) -> TemplatePage:
    """The page as it was sent."""
    own = apart(begun.config, USUAL, ConfigForm.fits).own
    data = request.POST
    form = ConfigForm(data, stored=begun.stored)
    typed = matrix.typed_in(data)
    rules = rule_tables.typed_in(data, own_zone(request))
    editor = table_of(data.getlist("matrix_type"), typed, form)
    return TemplatePage(
        form=form,
        typed=typed,
        editor=editor,
        rules=rules,
        begun=begun,
        own=own,
        new_types=" ".join(data.get("matrix_more", "").split()),
    )


def rows_of(own: Record, zone: str) -> rule_tables.TypedRows:
    """The template's rules that come in rows, as if they had been typed."""
    return rule_tables.typed_from(
        rule_tables.canonical({key: own[key] for key in ROWS if key in own}), zone
    )


def table_of(types: Any, typed: matrix.TypedHours, form: ConfigForm) -> matrix.Matrix:
    """The table of types, in grey the general hours that the form has."""
    texts = {name: str(form[name].value() or "").replace(",", ".") for name in GENERAL}
    hours = {name: float(text) for name, text in texts.items() if matrix.is_hours(text)}
    return matrix.editor(types, typed, read_config(hours))


# --- what was sent as a template
# -------------------------------------------------------------------------


def values_of(page: TemplatePage) -> Values | None:
    """The template's fields, ready to be kept; None, with the reasons in their places,
    where it cannot be.
    """
    form = page.form
    page.tell_faults()
    if not form.is_valid():
        return None
    own = own_of(page)
    rest = form.cleaned_data["more_rules"]
    for key in given_twice(own, rest):
        form.add_error(
            "more_rules", f"“{key}” is given twice: here, and in its own place above."
        )
    config = together(page.begun.config, own, rest)
    page.verdict = check_template(config)
    for text in [] if form.errors else page.verdict.errors[:MOST_ERRORS_SHOWN]:
        form.add_error("more_rules", text)
    return (
        None
        if form.errors
        else {
            **{
                name: form.cleaned_data[name]
                for name in ("name", "description", "is_public")
            },
            "config": config,
        }
    )


def own_of(page: TemplatePage) -> Values:
    """What was typed where it has a place; what still reads as it did before is the
    very thing it was.
    """
    before = page.own
    typed = page.form.cleaned_data
    values = {
        name: before.get(name)
        if typed[name] == before.get(name)
        else whole(typed[name])
        for name in USUAL
    }
    values[STRATEGIES] = strategies_kept(before.get(STRATEGIES, []), typed[STRATEGIES])
    values[MATRIX] = hours_kept(before.get(MATRIX, {}), page.typed)
    rows = {key: before[key] for key in ROWS if key in before}
    return values | rule_tables.laid_over(rows, page.rules, page.filled)


# --- turned round
# ----------------------------------------------------------------------------------------


def edited(page: TemplatePage) -> TemplatePage:
    """The same page with more or fewer rows, or more types; nothing is checked and nothing lost."""
    data = cast(QueryDict, page.form.data)
    how, _, place = data.get("edit", TYPES).partition(":")
    names = page.form.fields
    values = {
        name: data.getlist(name) if name == STRATEGIES else data.get(name)
        for name in names
    }
    # Read back as something that was never sent: nothing in it is wrong yet.
    form = ConfigForm(
        initial=values
        | {name: bool(values[name]) for name in ("is_public", "allow_waiting")}
    )
    form.opened_with = page.form.seen
    turned = replace(page, form=form, more=place if how == MORE else how)
    if how == DROP:
        turned.rules.drop(place)
    if how == TYPES:
        add_types(turned)
    return turned


def add_types(page: TemplatePage) -> None:
    """Add the types that were typed to the table, where it has room."""
    types = list(
        dict.fromkeys([*page.editor.types, *rule_tables.ids_of(page.new_types)])
    )
    if len(types) > matrix.MOST_TYPES:
        page.wrong_types = (
            f"The table takes {matrix.MOST_TYPES} types; for more, write “{MATRIX}” "
            "as JSON below."
        )
        return
    page.editor = table_of(types, page.typed, page.form)
    page.new_types = ""
