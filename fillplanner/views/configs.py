"""Config templates: list, new, one, default, delete, export, import."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Problem
from common.pages import render_page
from common.pagination import paginate
from fillplanner.forms import ConfigForm, ImportForm
from fillplanner.models import ConfigTemplate
from fillplanner.selectors import access_plan, access_template, own_template, templates_of
from fillplanner.services import configs
from fillplanner.template_checks import SYSTEM_DEFAULT, Verdict, check_template
from fillplanner.wire import template_file
from workspaces.doors import PageRequest, signed_in

PAGE_SIZE = 30
MOST_ERRORS_SHOWN = 50


@signed_in
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """The person's templates and everybody's public ones; `?show=public` keeps those."""
    public_only = request.GET.get("show") == "public"
    page = paginate(templates_of(request.user, public_only), request.GET.get("page"), PAGE_SIZE)
    context = {
        "page": page, "templates": page.object_list, "public_only": public_only, "as_of": timezone.now(),
        "import_form": ImportForm(),
    }  # fmt: skip
    return render_page(request, "fillplanner/configs.html", "fillplanner/_configs.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A new template, from what `beginning` finds."""
    form = ConfigForm(request.POST or None, initial=beginning(request))
    verdict = verdict_asked(request, form)
    if verdict is None and form.is_bound and form.is_valid():
        try:
            made = configs.create(request.user, form.cleaned_data)
        except Problem as problem:
            show_errors(form, problem)
        else:
            messages.success(request, f"“{made.name}” saved.")
            return redirect("config-template", made.pk)
    return show(request, form, verdict)


def beginning(request: PageRequest) -> dict[str, Any]:
    """What a new template begins with: another one (`?from=`), the rules of a plan (`?plan=`), or what is usual."""
    if source := number_in(request, "from"):
        template = access_template(request.user, source)
        return {"name": f"{template.name[:240]} (copy)", "description": template.description,
                "config": pretty(template.config)}  # fmt: skip
    if source := number_in(request, "plan"):
        plan = access_plan(request.user, source)
        # Frozen blocks name the lots of this plan alone.
        rules = {name: value for name, value in plan.config.items() if name != "frozen_blocks"}
        return {"name": plan.name, "config": pretty(rules)}
    return {"config": pretty(SYSTEM_DEFAULT)}


def number_in(request: PageRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= configs.LONGEST_ID else None


def pretty(config: dict[str, Any]) -> str:
    return json.dumps(config, indent=2, ensure_ascii=False)


@signed_in
@require_http_methods(["GET", "POST"])
def one(request: PageRequest, template_id: int) -> HttpResponse:
    """One's own template to change, or somebody's public one to read."""
    template = access_template(request.user, template_id)
    if template.owner_id != request.user.pk and request.method == "GET":
        return show(request, None, check_template(template.config), template)
    template = own_template(request.user, template_id)
    fields = {"name": template.name, "description": template.description, "is_public": template.is_public}
    form = ConfigForm(request.POST or None, initial={**fields, "config": pretty(template.config)})
    verdict = verdict_asked(request, form)
    if verdict is None and form.is_bound and form.is_valid():
        try:
            configs.change(request.user, template_id, form.cleaned_data)
        except Problem as problem:
            if problem.status == 404:
                raise
            show_errors(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("config-template", template_id)
    return show(request, form, verdict if form.is_bound else check_template(template.config), template)


def verdict_asked(request: PageRequest, form: ConfigForm) -> Verdict | None:
    """What “Check” says of the config; None where something else was pressed or it is no JSON."""
    if "check" in request.POST and form.is_valid():
        return check_template(form.cleaned_data["config"])
    return None


def show(
    request: PageRequest, form: ConfigForm | None, verdict: Verdict | None, template: ConfigTemplate | None = None
) -> HttpResponse:
    context = {
        "form": form, "verdict": verdict, "template": template, "checked": "check" in request.POST,
        "config_text": pretty(template.config) if template else "",
    }  # fmt: skip
    status = 422 if form is not None and form.errors else 200
    return render(request, "fillplanner/config_edit.html", context, status=status)


def show_errors(form: forms.Form, problem: Problem) -> None:
    """Every complaint about the config beside it, the first fifty of a long list."""
    detail = problem.detail if isinstance(problem.detail, dict) else {}
    errors: list[str] = detail.get("errors") or [problem.message]
    for text in errors[:MOST_ERRORS_SHOWN]:
        form.add_error("config", text)


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
    template = configs.delete(request.user, template_id)
    messages.success(request, f"“{template.name}” deleted.")
    return redirect("configs")


@signed_in
@require_GET
def download(request: PageRequest, template_id: int) -> HttpResponse:
    template = access_template(request.user, template_id)
    response = JsonResponse(template_file(template), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="config_{template.pk}.json"'
    return response


@signed_in
@require_POST
def take_in(request: PageRequest) -> HttpResponse:
    """Keep an exported template as a private one of one's own."""
    form = ImportForm(request.POST, request.FILES)
    try:
        if form.is_valid():
            made = configs.create(request.user, form.cleaned_data["file"])
            messages.success(request, f"“{made.name}” imported.")
            return redirect("config-template", made.pk)
        said = " ".join(str(text) for texts in form.errors.values() for text in texts)
    except Problem as problem:
        detail = problem.detail if isinstance(problem.detail, dict) else {}
        said = "; ".join([problem.message, *detail.get("errors", [])[:5]])
    messages.error(request, f"Nothing was imported: {said}")
    return redirect("configs")
