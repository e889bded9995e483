"""What every template may use."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from common.mappings import TemplateContext
from workspaces.roles import Role
from workspaces.selectors import memberships_of


def workspaces(request: HttpRequest) -> TemplateContext:
    """The user's workspaces for the header's selector, what they may do in this one,
    and the server's time for countdowns.
    """
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"workspaces": [], "now": timezone.now()}
    return {
        "workspaces": [row.workspace for row in memberships_of(request.user)],
        "now": timezone.now(),
        "may_edit": SimpleLazyObject(lambda: may(request, Role.EDITOR)),
        "may_manage": SimpleLazyObject(lambda: may(request, Role.MANAGER)),
    }


def may(request: HttpRequest, needed: Role) -> bool:
    """Whether the person's role in the workspace of the page covers the needed one."""
    membership = getattr(request, "membership", None)
    return Role(membership.role).covers(needed) if membership else False
