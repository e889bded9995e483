"""Prompt templates: the list beside the editor."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem, status_of
from common.mappings import TemplateContext
from common.numbers import whole_number
from common.pages import render_page
from templates_ai.forms import LONGEST_PROMPT, TemplateForm, TryForm
from templates_ai.generation import BUILT_IN
from templates_ai.models import PromptTemplate
from templates_ai.rendering import (
    VARIABLES,
    in_braces,
    prompt_of,
    unknown_variables,
)
from templates_ai.selectors import (
    access_template,
    access_version,
    difference,
    templates_of,
    versions_of,
)
from templates_ai.services import (
    activate_template,
    change_template,
    create_template,
    delete_template,
    restore_version,
    stored,
    try_prompt,
)
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

SAMPLE = {
    "filename": "boat_launch_at_dawn.mp4",
    "game_context": "first launch of the season",
}


@member_page(Role.VIEWER, writing=Role.EDITOR)
@require_http_methods(["GET", "POST"])
def templates(request: PageRequest) -> HttpResponse:
    """The list, and the editor of a new template."""

    def save(form: TemplateForm) -> PromptTemplate:
        return create_template(request.user, request.workspace, **form.cleaned_data)

    return editor(request, None, save)


@member_page(Role.VIEWER, writing=Role.EDITOR)
@require_http_methods(["GET", "POST"])
def template(request: PageRequest, template_id: int) -> HttpResponse:
    """The list, and the editor of one template."""
    current = access_template(request.user, template_id)

    def save(form: TemplateForm) -> PromptTemplate:
        return change_template(
            request.user, template_id, **form.cleaned_data, expected=form.seen
        )

    return editor(request, current, save)


def editor(
    request: PageRequest,
    current: PromptTemplate | None,
    save: Callable[[TemplateForm], PromptTemplate],
) -> HttpResponse:
    """The page on which a template is written, with an example of what comes of it.

    save: keeps name and text, and returns the template.
    """
    form = TemplateForm(
        request.POST or None,
        initial=start_of(request, current),
        stored=stored(current) if current else None,
    )
    if form.is_bound and form.is_valid():
        try:
            saved = save(form)
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("ai-template", saved.pk)
    text = str(form["prompt_text"].value() or "")
    context = preview_of(text, SAMPLE) | {
        "form": form,
        "current": current,
        "templates": templates_of(request.user, request.workspace),
        "variables": VARIABLES,
        "tried": TryForm(initial=SAMPLE),
        "versions": versions_of(request.user, current.pk)[:50] if current else [],
    }
    return render(
        request,
        "templates_ai/templates.html",
        context,
        status=status_of(form),
    )


def start_of(request: PageRequest, current: PromptTemplate | None) -> dict[str, str]:
    """What the editor begins with: the template, a copy of another (`?copy=`), or the
    built-in prompt.
    """
    if current:
        return stored(current)
    source_id = whole_number(request.GET.get("copy", ""))
    if source_id is not None:
        source = access_template(request.user, source_id)
        return {
            "name": f"{source.name} (copy)"[:120],
            "prompt_text": source.prompt_text,
        }
    return {"prompt_text": BUILT_IN}


def preview_of(text: str, values: Mapping[str, str]) -> TemplateContext:
    """What an engine would be asked, and the names in braces that are no variables."""
    return {
        "preview": prompt_of(text, values),
        "unknown": in_braces(unknown_variables(text)),
        "sample": values,
    }


@member_page(Role.VIEWER)
@require_POST
def preview(request: PageRequest) -> HttpResponse:
    """The piece beside the editor that shows the prompt as it is typed."""
    text = request.POST.get("prompt_text", "")[:LONGEST_PROMPT]
    return render(request, "templates_ai/_preview.html", preview_of(text, SAMPLE))


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def attempt(request: PageRequest) -> HttpResponse:
    """Write one text with the prompt as it is typed, saved or not; `?template=` begins
    with a saved one.
    """
    form = TryForm(
        request.POST or None, initial={"prompt_text": chosen_prompt(request), **SAMPLE}
    )
    context: TemplateContext = {"form": form}
    if form.is_bound and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            context["result"] = try_prompt(
                request.user, request.workspace, values.pop("prompt_text"), values
            )
        except Problem as problem:
            show_problem(form, problem)
    status = 422 if form.errors else 200
    return render_page(
        request,
        "templates_ai/try.html",
        "templates_ai/_tried.html",
        context,
        status=status,
    )


def chosen_prompt(request: PageRequest) -> str:
    """The text of the template of `?template=`, the built-in one for none. Raises
    Missing.
    """
    number = whole_number(request.GET.get("template", ""))
    if number is None:
        return BUILT_IN
    return access_template(request.user, number).prompt_text


@member_page(Role.EDITOR)
@require_POST
def activate(request: PageRequest, template_id: int) -> HttpResponse:
    """Use this template from now on."""
    chosen = activate_template(request.user, template_id)
    messages.success(request, f"“{chosen.name}” is active now.")
    return redirect("ai-template", template_id)


@member_page(Role.EDITOR)
@require_POST
def delete(request: PageRequest, template_id: int) -> HttpResponse:
    delete_template(request.user, template_id)
    messages.success(request, "Template deleted.")
    return redirect("ai-templates")


@member_page(Role.VIEWER)
def version(request: PageRequest, template_id: int, number: int) -> HttpResponse:
    """An old version beside what the template says now."""
    current = access_template(request.user, template_id)
    old = access_version(request.user, template_id, number)
    context = {
        "current": current,
        "version": old,
        "lines": difference(old, current),
    }
    return render(request, "templates_ai/version.html", context)


@member_page(Role.EDITOR)
@require_POST
def restore(request: PageRequest, template_id: int, number: int) -> HttpResponse:
    """Make an older version the newest."""
    restore_version(request.user, template_id, number)
    messages.success(request, f"Version {number} is back.")
    return redirect("ai-template", template_id)
