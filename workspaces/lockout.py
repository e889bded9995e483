"""What a person sees after too many failed sign-ins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from workspaces.models import User

# Doors of programs, which read JSON; everybody else gets a page.
API_PATHS = ("/api/", "/auth/")


def login_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name under which failures are counted: one for a person's e-mail address and
    user name.
    """
    name = str((credentials or {}).get("username") or "")
    user = User.objects.by_login(name)
    return user.username.lower() if user else name.strip().lower()


def too_many_failures(request: HttpRequest, *details: object) -> HttpResponse:
    """429 for the failure that reaches the limit and for every further try.

    The details are axes' own: the answer that is replaced and the credentials, or the
    credentials alone where the application runs asynchronously. Neither is needed.
    """
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    response = _answer(
        request, f"Too many failed sign-ins. Try again in {seconds} seconds."
    )
    response["Retry-After"] = str(seconds)
    return response


def _answer(request: HttpRequest, message: str) -> HttpResponse:
    """JSON for programs, a page for everybody else."""
    if request.path.startswith(API_PATHS):
        return JsonResponse({"detail": message}, status=429)
    context = {"message": message}
    return render(request, "registration/locked_out.html", context, status=429)
