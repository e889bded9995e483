"""Reading prompt templates: each selector takes the user."""

from __future__ import annotations

import difflib

from django.db.models import QuerySet

from common.errors import Missing
from templates_ai.models import (
    EngineSettings,
    Generation,
    PromptTemplate,
    TemplateVersion,
)
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import access, require_role


def templates_of(user: User, workspace: Workspace) -> QuerySet[PromptTemplate]:
    """The workspace's templates, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return PromptTemplate.objects.filter(workspace=workspace)


def access_template(
    user: User, template_id: int, needed: Role = Role.VIEWER
) -> PromptTemplate:
    """Raises Missing for an unknown or foreign template, Forbidden for a role too small."""
    rows = PromptTemplate.objects.all()
    return access(rows, user, template_id, needed, "Template not found")


def versions_of(user: User, template_id: int) -> QuerySet[TemplateVersion]:
    """Everything the template ever said, newest first."""
    return TemplateVersion.objects.filter(
        template=access_template(user, template_id)
    ).select_related("made_by")


def access_version(user: User, template_id: int, number: int) -> TemplateVersion:
    """Raises Missing for an unknown version, and as `access_template`."""
    version = versions_of(user, template_id).filter(number=number).first()
    if version is None:
        raise Missing("Version not found")
    return version


def difference(old: TemplateVersion, now: PromptTemplate) -> list[str]:
    """Lines that restoring `old` would take away (-) and bring back (+), with the lines
    around them.
    """
    return list(
        difflib.unified_diff(
            lines_of(now),
            lines_of(old),
            f"version {now.version}",
            f"version {old.number}",
            lineterm="",
        )
    )


def lines_of(words: PromptTemplate | TemplateVersion) -> list[str]:
    """Name and prompt, line by line."""
    return [f"name: {words.name}", *words.prompt_text.splitlines()]


def engine_of(user: User, workspace: Workspace) -> EngineSettings:
    """How the workspace's texts are made, for its managers; what holds without any
    choice, not kept, before one.
    """
    require_role(user, workspace, Role.MANAGER)
    chosen = EngineSettings.objects.filter(workspace=workspace).first()
    return chosen or EngineSettings(workspace=workspace)


def generations_of(user: User, workspace: Workspace) -> QuerySet[Generation]:
    """What was written for the workspace, newest first, for its managers."""
    require_role(user, workspace, Role.MANAGER)
    rows = Generation.objects.filter(workspace=workspace).select_related("version")
    return rows.order_by("-made_at", "-pk")
