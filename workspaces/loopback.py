"""The embedded run's open door: requests without credentials from this machine itself,
on the queue's routes only; and a fixed token, or none for its socket, on the scheduling
API's.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from rest_framework.request import Request

from workspaces.models import Membership, User

PATHS = ("/api/schedule/", "/api/ai/", "/api/watcher/")
TOKEN_PATHS = ("/api/v1/scheduling/",)
# Who sets one of these speaks for somebody else.
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


def local_user(request: Request) -> tuple[User, None] | None:
    """LOOPBACK_USER, bound to LOOPBACK_WORKSPACE, for a request that nobody else can
    have made; else None.

    A request that came through a proxy, or that a page of another origin sent, is
    nobody's.
    """
    if (
        not request.path.startswith(PATHS)
        or "Authorization" in request.headers
        or not is_local(request)
    ):
        return None
    return _demo_caller()


def _demo_caller() -> tuple[User, None] | None:
    user = demo_user()
    return (user, None) if user else None


def fixed_token_user(request: Request, raw: bytes) -> tuple[User, None] | None:
    """The same person for LOOPBACK_TOKEN on the scheduling API, from this machine
    itself; else None.
    """
    if (
        not is_fixed(raw)
        or not request.path.startswith(TOKEN_PATHS)
        or not is_local(request)
    ):
        return None
    return _demo_caller()


def is_fixed(raw: bytes) -> bool:
    """Whether it is the demo's token; compared in constant time."""
    return bool(settings.LOOPBACK_TOKEN) and hmac.compare_digest(
        raw, settings.LOOPBACK_TOKEN.encode()
    )


def socket_user(scope: dict[str, Any], token: bytes | None = None) -> User | None:
    """The same person for a socket from this machine itself, opened with LOOPBACK_TOKEN
    or with no token at all. A page of another origin is nobody, even one that may call
    with a token.
    """
    if token and not is_fixed(token):
        return None
    headers = {
        name.decode("latin-1").title(): value.decode("latin-1")
        for name, value in scope.get("headers", ())
    }
    if headers.keys() & {"Authorization", *FORWARDED}:
        return None
    here = headers.get("Host", "")
    if urlsplit(headers.get("Origin", f"//{here}")).netloc != here:
        return None
    client = scope.get("client") or ("", 0)
    return demo_user() if is_loopback(client[0]) else None


def demo_user() -> User | None:
    """LOOPBACK_USER, bound to LOOPBACK_WORKSPACE; None where they are not set or not there."""
    member = _demo_membership() if settings.LOOPBACK_USER else None
    if member is None:
        return None
    member.user.bound_workspace_id = member.workspace_id
    user: User = member.user
    return user


def _demo_membership() -> Membership | None:
    members = Membership.objects.filter(
        user__username=settings.LOOPBACK_USER, user__is_active=True
    )
    there = members.filter(workspace__slug=settings.LOOPBACK_WORKSPACE)
    return there.select_related("user").first()


def is_local(request: Request) -> bool:
    """Whether it comes straight from this machine, and not from another origin's page."""
    if any(name in request.headers for name in FORWARDED):
        return False
    if _is_foreign(request):
        return False
    return is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_foreign(request: Request) -> bool:
    """Whether a page of another origin has sent it."""
    here = f"{request.scheme}://{request.get_host()}"
    return (
        request.headers.get("Origin", here) != here
        or request.headers.get("Sec-Fetch-Site") == "cross-site"
    )


def is_loopback(address: str) -> bool:
    """Whether the address is one of this machine."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
