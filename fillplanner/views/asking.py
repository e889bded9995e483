"""What the pages for new plans and new comparisons share: lots, rules and start, as they are typed or uploaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.contrib import messages

from common.errors import Problem
from fillplanner.forms import PlanForm, rows_of_json
from fillplanner.selectors import access_template, default_template, templates_of
from fillplanner.services import configs
from fillplanner.template_checks import unread_keys
from fillplanner.wire import start_of
from workspaces.doors import PageRequest

MOST_ERRORS_SHOWN = 50
MOST_TEMPLATES = 200
Form = TypeVar("Form", bound=PlanForm)


def zone_of(request: PageRequest) -> str:
    """The clock that the person's pages show: theirs, else the workspace's, else UTC."""
    return request.user.zone or (request.workspace.zone if request.membership else "UTC")


def form_for(
    request: PageRequest, kind: type[Form], changed: Mapping[str, str] | None = None, sent: bool = True
) -> Form:
    """The form with the templates the person may plan with, their default chosen; `changed` goes before what was sent,
    and without `sent` the form is one that nobody filled in yet."""
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
    return values["strategies"] if "strategies" in values else [values["strategy"]]


def asked_for(request: PageRequest, form: PlanForm, strategies: Sequence[str]) -> dict[str, Any]:
    """Rows or data, name, rules and start of a valid form. Raises ValidationError for JSON that cannot be used, and
    InvalidInput where the chosen template does not allow one of the strategies."""
    data = form.payload()
    made = rows_of_json(data)
    rows, inner, start = made if made else (None, {}, None)
    values = form.cleaned_data
    base: dict[str, Any] = {}
    if values["template"]:
        # The rules are the same for all; each strategy is asked after by itself.
        for strategy in strategies:
            base = configs.rules_for(request.user, values["template"], strategy)
    return {
        "rows": rows, "data": None if made else data, "name": values["name"],
        "config": {
            **base, **configs.rules_named(inner), **configs.rules_named(values["more_rules"]), **form.changed_config(),
        },
        "start_time": form.start(zone_of(request)) or start_of(start),
    }  # fmt: skip


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
