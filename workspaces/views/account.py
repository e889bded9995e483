"""A person's own page: profile and API tokens."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem, status_of
from common.mappings import TemplateContext
from workspaces.doors import PageRequest, signed_in
from workspaces.forms import ProfileForm, RegisterForm, TokenForm
from workspaces.models import User
from workspaces.selectors import memberships_of, tokens_of
from workspaces.services import tokens, users


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Make an account and sign in with it."""
    form = RegisterForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            user = users.register(
                **form.cleaned_data, is_open=settings.REGISTRATION_OPEN
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            login(request, user, backend="workspaces.backends.EmailOrUsername")
            return redirect("workspace-new")
    return render(
        request,
        "registration/register.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@signed_in
@require_http_methods(["GET", "POST"])
def account(request: PageRequest) -> HttpResponse:
    """Profile form and tokens; a new token's text is shown once, right here."""
    user = request.user
    form = profile_form(user, request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            users.change_profile(user, form.cleaned_data, form.seen)
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("account")
    return page(request, profile=form)


def profile_form(user: User, data: QueryDict | None = None) -> ProfileForm:
    """The person's own form, as it is or as it was sent."""
    values = users.profile(user)
    return ProfileForm(data, initial=values, stored=values)


def page(
    request: PageRequest,
    profile: Form | None = None,
    token_form: Form | None = None,
    new_token: str = "",
) -> HttpResponse:
    """The person's page, with the forms as they were sent where something is wrong.

    new_token: the text of one that was just made, shown this once.
    """
    user = request.user
    context: TemplateContext = {
        "profile": profile or profile_form(user),
        "token_form": token_form or TokenForm(workspaces=choices(request)),
        "tokens": tokens_of(user),
        "new_token": new_token,
    }
    sent = [form for form in (profile, token_form) if form is not None]
    return render(request, "workspaces/account.html", context, status=status_of(*sent))


def choices(request: PageRequest) -> list[tuple[str, str]]:
    """The person's workspaces by slug."""
    return [
        (row.workspace.slug, row.workspace.name) for row in memberships_of(request.user)
    ]


@signed_in
@require_POST
def new_token(request: PageRequest) -> HttpResponse:
    """Make a token and show it once."""
    form = TokenForm(request.POST, workspaces=choices(request))
    if form.is_valid():
        data = form.cleaned_data
        try:
            _, text = tokens.create_token(
                request.user,
                data["name"],
                data["scopes"],
                data["workspace"],
                data["days"],
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            return page(request, new_token=text)
    return page(request, token_form=form)


@signed_in
@require_POST
def revoke_token(request: PageRequest, key: str) -> HttpResponse:
    """Lock out whatever uses a token, at once."""
    tokens.revoke_token(request.user, key)
    messages.success(request, "Token revoked; what used it is locked out from now on.")
    return redirect("account")
