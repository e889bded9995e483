"""What a person sees after too many failed sign-ins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from workspaces.models import User


def login_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name under which failures are counted: one for a person's e-mail address and user name."""
    typed = str((credentials or {}).get("username") or "")
    user = User.objects.by_login(typed)
    return user.username.lower() if user else typed.strip().lower()


def too_many_failures(
    request: HttpRequest, answer: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """429 for every further try; the failure that reached the limit still gets its own answer."""
    if answer is not None and getattr(request, "password_was_checked", False):
        return answer
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    text = f"Too many failed sign-ins. Try again in {seconds} seconds."
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"detail": text}, status=429)
    else:
        response = render(request, "registration/locked_out.html", {"message": text}, status=429)
    response["Retry-After"] = str(seconds)
    return response
