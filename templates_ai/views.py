"""Prompt templates: the list beside the editor."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem
from templates_ai.forms import TemplateForm
from templates_ai.models import PromptTemplate
from templates_ai.rendering import VARIABLES, prompt_of
from templates_ai.selectors import access_template, access_version, difference, templates_of, versions_of
from templates_ai.services import activate_template, change_template, create_template, delete_template, restore_version
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

SAMPLE = {"filename": "boat_launch_at_dawn.mp4", "game_context": "first launch of the season"}


@member_page(Role.VIEWER, writing=Role.EDITOR)
@require_http_methods(["GET", "POST"])
def templates(request: PageRequest) -> HttpResponse:
    """The list, and the editor of a new template."""

    def save(name: str, text: str) -> PromptTemplate:
        return create_template(request.user, request.workspace, name, text)

    return editor(request, None, save)


@member_page(Role.VIEWER, writing=Role.EDITOR)
@require_http_methods(["GET", "POST"])
def template(request: PageRequest, template_id: int) -> HttpResponse:
    """The list, and the editor of one template."""
    shown = access_template(request.user, template_id)

    def save(name: str, text: str) -> PromptTemplate:
        return change_template(request.user, template_id, name, text)

    return editor(request, shown, save)


def editor(
    request: PageRequest, shown: PromptTemplate | None, save: Callable[[str, str], PromptTemplate]
) -> HttpResponse:
    initial = {"name": shown.name, "prompt_text": shown.prompt_text} if shown else None
    form = TemplateForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            saved = save(form.cleaned_data["name"], form.cleaned_data["prompt_text"])
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("ai-template", saved.pk)
    context = {
        "form": form, "shown": shown, "templates": templates_of(request.user, request.workspace),
        "variables": VARIABLES, "preview": prompt_of(shown.prompt_text, SAMPLE) if shown else "", "sample": SAMPLE,
        "versions": versions_of(request.user, shown.pk)[:50] if shown else [],
        "may_edit": Role(request.membership.role).covers(Role.EDITOR),
    }  # fmt: skip
    return render(request, "templates_ai/templates.html", context, status=422 if form.errors else 200)


@member_page(Role.EDITOR)
@require_POST
def activate(request: PageRequest, template_id: int) -> HttpResponse:
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
    shown = access_template(request.user, template_id)
    old = access_version(request.user, template_id, number)
    context = {
        "shown": shown, "version": old, "lines": difference(old, shown),
        "may_edit": Role(request.membership.role).covers(Role.EDITOR),
    }  # fmt: skip
    return render(request, "templates_ai/version.html", context)


@member_page(Role.EDITOR)
@require_POST
def restore(request: PageRequest, template_id: int, number: int) -> HttpResponse:
    restore_version(request.user, template_id, number)
    messages.success(request, f"Version {number} is back.")
    return redirect("ai-template", template_id)
