"""A person's notices: mails on or off, webhooks and what was sent to them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem
from common.pages import render_page
from fillplanner.forms import WebhookForm
from fillplanner.selectors import recent_deliveries, wants_mail, webhooks_of
from fillplanner.services import notices
from workspaces.doors import PageRequest, signed_in

DELIVERIES_SHOWN = 20


@signed_in
@require_http_methods(["GET", "POST"])
def page(request: PageRequest) -> HttpResponse:
    """The settings, and the form of a new webhook, whose secret is shown once, right here."""
    form = WebhookForm(request.POST or None)
    if not form.is_bound:
        return render_page(
            request,
            "fillplanner/notices.html",
            "fillplanner/_notices.html",
            context(request, form),
        )
    secret = ""
    if form.is_valid():
        try:
            _, secret = notices.subscribe(
                request.user, form.cleaned_data["url"], form.cleaned_data["events"]
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            form = WebhookForm()
    values = context(request, form) | {"secret": secret}
    return render(
        request, "fillplanner/notices.html", values, status=422 if form.errors else 200
    )


def context(request: PageRequest, form: WebhookForm) -> dict[str, object]:
    """What the settings show."""
    return {
        "form": form,
        "webhooks": webhooks_of(request.user),
        "mails": wants_mail(request.user),
        "deliveries": recent_deliveries(request.user)[:DELIVERIES_SHOWN],
        "as_of": timezone.now(),
    }


@signed_in
@require_POST
def mails(request: PageRequest) -> HttpResponse:
    """Turn mails on or off."""
    on = request.POST.get("on") == "1"
    notices.want_mail(request.user, on)
    messages.success(
        request, f"Mails go to {request.user.email}." if on else "No more mails."
    )
    return redirect("notifications")


@signed_in
@require_POST
def delete(request: PageRequest, webhook_id: int) -> HttpResponse:
    """Delete a webhook."""
    notices.unsubscribe(request.user, webhook_id)
    messages.success(request, "Webhook deleted.")
    return redirect("notifications")


@signed_in
@require_POST
def try_out(request: PageRequest, webhook_id: int) -> HttpResponse:
    """Send a test event to a webhook."""
    notices.try_out(request.user, webhook_id)
    messages.success(request, "A test is on its way; it shows under deliveries.")
    return redirect("notifications")
