"""What the pages for new plans and new comparisons share: lots, rules and start, as
they are typed or uploaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.contrib import messages

from common.errors import Problem
from common.mappings import Values
from fillplanner.forms import PlanForm, rows_of_json
from fillplanner.rules import rule_tables
from fillplanner.rules.template_checks import unread_keys
from fillplanner.selectors import access_template, default_template, templates_of
from fillplanner.services import configs
from fillplanner.wire import start_of
from workspaces.doors import PageRequest, own_zone
from workspaces.models import User

MOST_ERRORS_SHOWN = 50
MOST_TEMPLATES = 200
Form = TypeVar("Form", bound=PlanForm)


def form_for(
    request: PageRequest,
    kind: type[Form],
    changed: Mapping[str, str] | None = None,
    sent: bool = True,
) -> Form:
    """The form with the templates the person may plan with, their default chosen;
    `changed` goes before what was sent, and without `sent` the form is one that nobody
    filled in yet.
    """
    templates = templates_of(request.user).values_list("pk", "name")[:MOST_TEMPLATES]
    chosen = default_template(request.user)
    choices = dict(templates) | ({chosen.pk: chosen.name} if chosen else {})
    initial = {"template": chosen.pk if chosen else None}
    if not (sent and request.method == "POST"):
        return kind(templates=choices.items(), initial=initial)
    data = request.POST.copy()
    for name, value in (changed or {}).items():
        data[name] = value
    return kind(data, request.FILES, templates=choices.items(), initial=initial)


def strategies_of(form: PlanForm) -> list[str]:
    """The strategies that a valid form asks for: one for a plan."""
    values = form.cleaned_data
    if "strategies" in values:
        chosen: list[str] = values["strategies"]
        return chosen
    return [values["strategy"]]


def filled_rules(user: User, number: int | None) -> Values:
    """The rules of the template that a form was filled in from; none where there is no
    such one any more.
    """
    if not number:
        return {}
    try:
        return configs.rules_of(access_template(user, number))
    except Problem:
        return {}


def request_values(
    request: PageRequest,
    form: PlanForm,
    strategies: Sequence[str],
    rows: rule_tables.TypedRows,
) -> Values:
    """Lots or data, name, rules (`rows` are those that come in rows) and start of a
    valid form. Raises ValidationError for JSON that cannot be used, and InvalidInput
    where the chosen template does not allow one of the strategies.
    """
    data = form.payload()
    document = rows_of_json(data)
    lots, inner, start = document or (None, {}, None)
    values = form.cleaned_data
    zone = own_zone(request)
    filled = filled_rules(request.user, values["filled_from"])
    written = {
        **template_rules(request.user, values["template"], strategies),
        **configs.rules_named(inner),
        **configs.rules_named(values["more_rules"]),
    }
    config = rule_tables.laid_over(written, rows, rule_tables.typed_from(filled, zone))
    return {
        "rows": lots,
        "data": None if document else data,
        "sheet": form.chosen_sheet(),
        "name": values["name"],
        "config": config | form.changed_config(filled),
        "start_time": form.start(zone) or start_of(start),
    }


def template_rules(user: User, number: int | None, strategies: Sequence[str]) -> Values:
    """The rules of the chosen template, none for none. Raises InvalidInput where it
    does not allow one of the strategies.
    """
    rules: Values = {}
    if number:
        # The rules are the same for all; each strategy is asked after by itself.
        for strategy in strategies:
            rules = configs.rules_for(user, number, strategy)
    return rules


def tell_unread(request: PageRequest, form: PlanForm) -> None:
    """Say which keys of the chosen template change nothing in the plan."""
    number = form.cleaned_data["template"]
    unread = unread_keys(access_template(request.user, number).config) if number else []
    if unread:
        messages.info(request, f"Not used for planning: {', '.join(unread[:20])}.")


def show_errors(form: PlanForm, problem: Problem) -> None:
    """Every complaint about rows and rules on the form, the first fifty of a long list."""
    detail = problem.detail if isinstance(problem.detail, dict) else {}
    errors: list[str] = detail.get("errors") or [problem.message]
    for text in errors[:MOST_ERRORS_SHOWN]:
        form.add_error("lots", text)
    if len(errors) > MOST_ERRORS_SHOWN:
        form.add_error("lots", f"… and {len(errors) - MOST_ERRORS_SHOWN} more.")
