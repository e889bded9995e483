"""Config templates: list, new, one, default, delete, export, import."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.cells import listed
from common.errors import InvalidInput, Overtaken, Problem
from common.forms import status_of
from common.mappings import TemplateContext, Values
from common.numbers import whole_number
from common.pages import render_page
from common.pagination import paginate
from fillplanner.forms import ImportForm
from fillplanner.models import ConfigTemplate
from fillplanner.planning.strategies.guidance import TITLES
from fillplanner.rules.rule_words import grid_of, rules_in_words
from fillplanner.rules.template_checks import check_template, unread_keys
from fillplanner.rules.template_parts import as_fields
from fillplanner.selectors import (
    access_plan,
    access_template,
    own_template,
    templates_of,
)
from fillplanner.services import configs
from fillplanner.views import template_page
from fillplanner.views.template_page import Beginning, TemplatePage
from fillplanner.wire import template_file
from workspaces.doors import PageRequest, signed_in

PAGE_SIZE = 30


@signed_in
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """The person's templates and everybody's public ones; `?show=public` keeps those."""
    public_only = request.GET.get("show") == "public"
    page = paginate(
        templates_of(request.user, public_only), request.GET.get("page"), PAGE_SIZE
    )
    context = {
        "page": page,
        "templates": page.object_list,
        "public_only": public_only,
        "as_of": timezone.now(),
        "import_form": ImportForm(),
    }
    return render_page(
        request, "fillplanner/configs.html", "fillplanner/_configs.html", context
    )


@signed_in
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A new template, from what `beginning` finds."""
    page = page_of(request, beginning(request))
    template = saved(request, page, partial(configs.create, request.user))
    if template is None:
        return show(request, page)
    messages.success(request, f"“{template.name}” saved.")
    return redirect("config-template", template.pk)


def beginning(request: PageRequest) -> Beginning:
    """What a new template begins with: another one (`?from=`), the rules of a plan
    (`?plan=`), or nothing.
    """
    if source := number_in(request, "from"):
        template = access_template(request.user, source)
        return Beginning(
            f"{template.name[:240]} (copy)", template.config, template.description
        )
    if source := number_in(request, "plan"):
        plan = access_plan(request.user, source)
        # Frozen blocks name the lots of this plan alone.
        return Beginning(
            plan.name,
            {
                name: value
                for name, value in plan.config.items()
                if name != "frozen_blocks"
            },
        )
    return Beginning()


def number_in(request: PageRequest, name: str) -> int | None:
    """The number of a row in the address; None for nonsense."""
    return whole_number(request.GET.get(name, ""))


@signed_in
@require_http_methods(["GET", "POST"])
def detail(request: PageRequest, template_id: int) -> HttpResponse:
    """One's own template to change, or somebody's public one to read."""
    template = access_template(request.user, template_id)
    if template.owner_id != request.user.pk and request.method == "GET":
        return render(request, "fillplanner/config.html", in_words(template))
    template = own_template(request.user, template_id)
    page = page_of(request, begun_with(configs.stored(template)))
    change = partial(configs.change, request.user, template_id, expected=page.form.seen)
    try:
        if saved(request, page, change) is None:
            return show(request, page, template)
    except Overtaken as clash:
        return show(request, with_both(request, clash), template)
    messages.success(request, "Saved.")
    return redirect("config-template", template_id)


def begun_with(stored: Values, shown: Values | None = None) -> Beginning:
    """The page of a stored template; `shown` is what it says instead, where that is
    something else.
    """
    fields = as_fields(shown or stored)
    return Beginning(**fields, stored=stored)


def with_both(request: PageRequest, clash: Overtaken) -> TemplatePage:
    """The page with what one has typed and what the other has changed beside it."""
    both = clash.now | clash.mine
    page = template_page.opened(request, begun_with(clash.now, both))
    page.form.clash = clash
    return page


def in_words(template: ConfigTemplate) -> TemplateContext:
    """A template for who may only read it: its rules in words, where they still hold."""
    verdict = check_template(template.config)
    context = {"template": template}
    if not verdict.valid:
        written = [
            (key, json.dumps(value, ensure_ascii=False))
            for key, value in template.config.items()
        ]
        return context | {"errors": verdict.errors, "unread": written}
    rules = configs.rules_of(template)
    unread = unread_keys(template.config)
    columns, grid = grid_of(rules.get("changeover_matrix") or {})
    allowed = template.config.get("allowed_strategies", TITLES)
    titles = ", ".join(TITLES[name] for name in allowed) or "None"
    return context | {
        "rules": [*rules_in_words(rules), ("Allowed strategies", titles)],
        "columns": columns,
        "grid": grid,
        "unread": list(rules_in_words({key: template.config[key] for key in unread})),
    }


def page_of(request: PageRequest, begun: Beginning) -> TemplatePage:
    """The page as it is opened, as it was sent, or with what its buttons asked for."""
    if request.method == "GET":
        return template_page.opened(request, begun)
    page = template_page.sent(request, begun)
    if not page.turns:
        return page
    if "edit" not in request.POST:
        messages.info(
            request, "Nothing was saved yet: the types were not in the table."
        )
    return template_page.edited(page)


def saved(
    request: PageRequest,
    page: TemplatePage,
    keep: Callable[[Values], ConfigTemplate],
) -> ConfigTemplate | None:
    """The template that was kept of what was sent; None where nothing was, with the
    reasons on the page.
    """
    if not page.form.is_bound:
        return None
    values = template_page.values_of(page)
    if values is None or "check" in request.POST:
        return None
    try:
        return keep(values)
    except InvalidInput as problem:
        page.form.add_error("name", problem.message)
        return None


def show(
    request: PageRequest, page: TemplatePage, template: ConfigTemplate | None = None
) -> HttpResponse:
    """The page as it is to be edited, with what is wrong."""
    verdict = page.verdict or check_template(page.begun.config)
    wrong = bool(page.form.errors)
    context = {
        "page": page,
        "form": page.form,
        "template": template,
        "warnings": verdict.warnings,
        "errors": [] if wrong else verdict.errors,
        "checked": "check" in request.POST and not wrong,
    }
    status = status_of(page.form)
    return render_page(
        request,
        "fillplanner/config_edit.html",
        "fillplanner/_config_rules.html",
        context,
        status,
    )


@signed_in
@require_POST
def make_default(request: PageRequest, template_id: int) -> HttpResponse:
    """Choose the template for new plans, or (`unset`) choose none."""
    if "unset" in request.POST:
        own_template(request.user, template_id)
        configs.unset_default(request.user)
        messages.success(request, "New plans begin with the line's own rules.")
    else:
        template = configs.set_default(request.user, template_id)
        messages.success(request, f"New plans begin with “{template.name}”.")
    return redirect("configs")


@signed_in
@require_POST
def delete(request: PageRequest, template_id: int) -> HttpResponse:
    """Delete a template; plans made with it stay."""
    template = configs.delete(request.user, template_id)
    messages.success(request, f"“{template.name}” deleted.")
    return redirect("configs")


@signed_in
@require_GET
def download(request: PageRequest, template_id: int) -> HttpResponse:
    """A template as a file to keep or to pass on."""
    template = access_template(request.user, template_id)
    response = JsonResponse(
        template_file(template), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    response["Content-Disposition"] = (
        f'attachment; filename="config_{template.pk}.json"'
    )
    return response


@signed_in
@require_POST
def take_in(request: PageRequest) -> HttpResponse:
    """Keep an exported template as a private one of one's own."""
    form = ImportForm(request.POST, request.FILES)
    try:
        if form.is_valid():
            template = configs.create(request.user, form.cleaned_data["file"])
            messages.success(request, f"“{template.name}” imported.")
            if form.unused:
                messages.info(request, f"Not used: {listed(form.unused)}.")
            return redirect("config-template", template.pk)
        why = " ".join(str(text) for texts in form.errors.values() for text in texts)
    except Problem as problem:
        detail = problem.detail if isinstance(problem.detail, dict) else {}
        why = "; ".join([problem.message, *detail.get("errors", [])[:5]])
    messages.error(request, f"Nothing was imported: {why}")
    return redirect("configs")
