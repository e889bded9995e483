"""Reading prompt templates: each selector takes the user."""

from __future__ import annotations

from django.db.models import QuerySet

from common.errors import Missing
from templates_ai.models import PromptTemplate
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import memberships_of, require_role


def templates_of(user: User, workspace: Workspace) -> QuerySet[PromptTemplate]:
    """The workspace's templates, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return PromptTemplate.objects.filter(workspace=workspace)


def access_template(user: User, template_id: int, needed: Role = Role.VIEWER) -> PromptTemplate:
    """Raises Missing for an unknown or foreign template, Forbidden for a role too small."""
    mine = memberships_of(user).order_by().values("workspace_id")
    template = PromptTemplate.objects.filter(pk=template_id, workspace__in=mine).select_related("workspace").first()
    if template is None:
        raise Missing("Template not found")
    require_role(user, template.workspace, needed)
    return template
