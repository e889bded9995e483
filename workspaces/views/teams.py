"""Workspaces: make one, switch, settings, members, the audit trail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.edits import Seen, digests_of
from common.errors import InvalidInput, Problem
from common.forms import SEEN, show_problem, status_of
from common.mappings import TemplateContext
from common.pages import RefusalsTold
from common.pagination import paginate
from workspaces.doors import PageRequest, member_page, own_zone, signed_in
from workspaces.forms import MemberForm, WorkspaceForm, WorkspaceSettingsForm
from workspaces.roles import Role
from workspaces.selectors import audit_trail, members_of
from workspaces.services import workspaces


@signed_in
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """Make a workspace and go on in it."""
    form = WorkspaceForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            workspace = workspaces.create_workspace(request.user, **form.cleaned_data)
        except Problem as problem:
            show_problem(form, problem)
        else:
            request.session["workspace"] = workspace.slug
            messages.success(
                request, f"{workspace.name} is ready. Add a channel to begin."
            )
            return redirect("channels")
    return render(
        request,
        "workspaces/new.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@signed_in
@require_POST
def switch(request: PageRequest) -> HttpResponse:
    """Work in another workspace from now on."""
    workspace = workspaces.choose_workspace(
        request.user, request.POST.get("workspace", "")
    )
    request.session["workspace"] = workspace.slug
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if safe else "home")


@member_page(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def settings(request: PageRequest) -> HttpResponse:
    """Name, zone and the like of the workspace."""
    workspace = request.workspace
    values = workspaces.stored(workspace)
    form = WorkspaceSettingsForm(request.POST or None, initial=values, stored=values)
    if form.is_bound and form.is_valid():
        try:
            workspaces.change_workspace(
                request.user, workspace.slug, form.cleaned_data, form.seen
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("workspace-settings")
    return render(
        request,
        "workspaces/settings.html",
        {"form": form},
        status=status_of(form),
    )


@member_page(Role.VIEWER, writing=Role.MANAGER)
@require_http_methods(["GET", "POST"])
def members(request: PageRequest) -> HttpResponse:
    """Who is here; managers add people who have an account."""
    form = MemberForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            data = form.cleaned_data
            workspaces.add_member(
                request.user, request.workspace, data["login"], Role(data["role"])
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Added.")
            return redirect("members")
    context: TemplateContext = {
        "form": form,
        "members": [
            (member, Seen(digests_of({"role": member.role})))
            for member in members_of(request.user, request.workspace)
        ],
        "roles": Role.choices,
    }
    return render(
        request, "workspaces/members.html", context, status=422 if form.errors else 200
    )


@member_page(Role.MANAGER)
@require_POST
def change_member(request: PageRequest, member_id: int) -> HttpResponse:
    """Another role, or out."""
    with RefusalsTold(request):
        if "remove" in request.POST:
            workspaces.remove_member(request.user, request.workspace, member_id)
        else:
            workspaces.change_role(
                request.user,
                request.workspace,
                member_id,
                role_called(request.POST.get("role")),
                seen_in(request),
            )
        messages.success(request, "Done.")
    return redirect("members")


def seen_in(request: PageRequest) -> Seen | None:
    """What was seen of the member; None where the form does not say."""
    text = request.POST.get(SEEN)
    return None if text is None else Seen.read(text)


def role_called(name: str | None) -> Role:
    """Raises InvalidInput for what is no role."""
    if name not in Role.values:
        raise InvalidInput(
            f"There is no role “{name or ''}”; there are: {', '.join(Role.values)}."
        )
    return Role(name)


@member_page(Role.MANAGER)
@require_GET
def trail(request: PageRequest) -> HttpResponse:
    """The audit trail, newest first."""
    page = paginate(
        audit_trail(request.user, request.workspace), request.GET.get("page"), 50
    )
    zone = own_zone(request)
    return render(
        request,
        "workspaces/trail.html",
        {"page": page, "entries": page.object_list, "zone": zone},
    )
