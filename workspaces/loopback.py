"""The embedded run's open door: requests without credentials from this machine itself, on the queue's routes only."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from rest_framework.request import Request

from workspaces.models import Membership, User

PATHS = ("/api/schedule/", "/api/ai/", "/api/watcher/")
# Who sets one of these speaks for somebody else.
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


def local_user(request: Request) -> tuple[User, None] | None:
    """LOOPBACK_USER, bound to LOOPBACK_WORKSPACE, for a request that nobody else can have made; else None.

    A request that came through a proxy, or that a page of another origin sent, is nobody's.
    """
    if not settings.LOOPBACK_USER or not request.path.startswith(PATHS) or not is_local(request):
        return None
    members = Membership.objects.filter(user__username=settings.LOOPBACK_USER, user__is_active=True)
    member = members.filter(workspace__slug=settings.LOOPBACK_WORKSPACE).select_related("user").first()
    if member is None:
        return None
    member.user.bound_workspace_id = member.workspace_id
    return member.user, None


def is_local(request: Request) -> bool:
    """Whether it comes straight from this machine, without credentials and not from another origin's page."""
    if "Authorization" in request.headers or any(name in request.headers for name in FORWARDED):
        return False
    here = f"{request.scheme}://{request.get_host()}"
    if request.headers.get("Origin", here) != here or request.headers.get("Sec-Fetch-Site") == "cross-site":
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
