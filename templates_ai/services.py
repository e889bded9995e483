"""Prompt templates: an editor's work."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from common.edits import Expected
from common.errors import Conflict, Missing, Unprocessable
from common.mappings import Values
from common.outgoing import Refused, check_url
from templates_ai.generation import Result, generate_metadata
from templates_ai.models import EngineSettings, PromptTemplate, TemplateVersion
from templates_ai.rendering import VARIABLES, in_braces, unknown_variables
from templates_ai.selectors import access_template, access_version
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role
from workspaces.services.rows import lock, set_fields, settled, values_of

WORDS = ("name", "prompt_text")
CHOICES = (
    "engine",
    "base_url",
    "model",
    "seconds",
    "stream",
    "price_in",
    "price_out",
    "daily_tokens",
    "daily_cost",
    "needs_approval",
)


def create_template(
    user: User,
    workspace: Workspace,
    name: str,
    prompt_text: str,
    *,
    active: bool = False,
) -> PromptTemplate:
    """Add a template. Raises Unprocessable for unknown variables, Conflict for a taken name."""
    require_role(user, workspace, Role.EDITOR)
    with transaction.atomic():
        if active:
            _lock_workspace(workspace)
        words = {"name": name, "prompt_text": prompt_text}
        template = _save(user, PromptTemplate(workspace=workspace), "created", words)
        return activate_template(user, template.pk) if active else template


def stored(template: PromptTemplate) -> Values:
    """What of a template can be changed."""
    return values_of(template, WORDS)


def change_template(
    user: User,
    template_id: int,
    name: str | None = None,
    prompt_text: str | None = None,
    expected: Expected | None = None,
) -> PromptTemplate:
    """Change name or text, or both; the old ones stay as a version. Raises as
    `create_template`, and Overtaken where somebody else has changed what the caller
    expects.
    """
    template = access_template(user, template_id, Role.EDITOR)
    words = {"name": name, "prompt_text": prompt_text}
    values = {key: value for key, value in words.items() if value is not None}
    return _save(user, template, "changed", values, expected)


def restore_version(user: User, template_id: int, number: int) -> PromptTemplate:
    """Make an old version's name and text the template's again, as a new version."""
    template = access_template(user, template_id, Role.EDITOR)
    old = access_version(user, template_id, number)
    words = {"name": old.name, "prompt_text": old.prompt_text}
    return _save(user, template, "restored", words)


def _save(
    user: User,
    template: PromptTemplate,
    action: str,
    values: Values,
    expected: Expected | None = None,
) -> PromptTemplate:
    if "prompt_text" in values:
        check_prompt(values["prompt_text"])
    try:
        with transaction.atomic():
            before = _lock(template)
            thing = f"template:{template.pk}"
            changes = settled(expected, thing, stored(template), values)
            set_fields(template, changes)
            _write(template, is_new=before is None)
            _keep_version(user, template)
            audit.record(
                user,
                action,
                f"template:{template.pk}",
                workspace=template.workspace,
                before=before,
                after={**stored(template), "version": template.version},
            )
    except IntegrityError as error:
        raise Conflict(
            f"There is already a template called “{template.name}”."
        ) from error
    return template


def _write(template: PromptTemplate, *, is_new: bool) -> None:
    names = None if is_new else [*WORDS, "version", "updated_at"]
    template.save(update_fields=names)


def _keep_version(user: User, template: PromptTemplate) -> None:
    TemplateVersion.objects.create(
        template=template,
        number=template.version,
        name=template.name,
        prompt_text=template.prompt_text,
        made_by=user,
    )


def check_prompt(prompt_text: str) -> None:
    """Raises Unprocessable for unknown variables, with the known ones."""
    unknown = unknown_variables(prompt_text)
    if unknown:
        fault = (
            f"Unknown: {in_braces(unknown)}. Known variables: {in_braces(VARIABLES)}."
        )
        raise Unprocessable("Not valid.", {"prompt_text": [fault]})


def _lock(template: PromptTemplate) -> Values | None:
    """Take the template for an edit and give it the next number; what it says now, None
    for a new one.
    """
    if template.pk is None:
        return None
    lock(template)
    before = {**stored(template), "version": template.version}
    template.version += 1
    return before


def activate_template(user: User, template_id: int) -> PromptTemplate:
    """Make this the workspace's one active template."""
    template = access_template(user, template_id, Role.EDITOR)
    with transaction.atomic():
        _lock_workspace(template.workspace)
        rows = PromptTemplate.objects.filter(
            workspace=template.workspace, is_active=True
        )
        before = list(rows.values_list("pk", flat=True))
        PromptTemplate.objects.filter(pk__in=before).update(is_active=False)
        if not PromptTemplate.objects.filter(pk=template.pk).update(is_active=True):
            raise Missing("Template not found")
        audit.record(
            user,
            "activated",
            f"template:{template.pk}",
            workspace=template.workspace,
            before={"active": before},
        )
    return access_template(user, template_id)


def _lock_workspace(workspace: Workspace) -> None:
    """Let activations in a workspace come one after the other, those of templates that
    are only being made too.

    Before the audit trail, which everybody takes last; rows that point to the workspace
    may be added meanwhile.
    """
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def delete_template(user: User, template_id: int) -> None:
    """Delete a template; without an active one the built-in prompt is used."""
    template = access_template(user, template_id, Role.EDITOR)
    thing = f"template:{template.pk}"
    before = {"name": template.name, "prompt_text": template.prompt_text}
    with transaction.atomic():
        template.delete()
        audit.record(
            user, "deleted", thing, workspace=template.workspace, before=before
        )


def try_prompt(
    user: User, workspace: Workspace, prompt_text: str, values: dict[str, str]
) -> Result:
    """Write with a prompt that is not kept. Raises as `check_prompt` and `generate_metadata`."""
    require_role(user, workspace, Role.EDITOR)
    check_prompt(prompt_text)
    filename = values.get("filename", "")
    context = values.get("game_context", "")
    return generate_metadata(
        workspace, filename, context, prompt_text=prompt_text, values=values
    )


def stored_engine(settings: EngineSettings) -> Values:
    """What of the settings can be changed. Of the key only what it is kept as."""
    key = settings.key
    return {**values_of(settings, CHOICES), "key": key.sealed if key else ""}


def choose_engine(
    user: User,
    workspace: Workspace,
    values: Values,
    expected: Expected | None = None,
) -> EngineSettings:
    """Keep the workspace's engine settings, a manager's work; a key that is left out stays.

    Raises Unprocessable for bad fields and for an address that we would not send to,
    and Overtaken where somebody else has changed what the caller expects.
    """
    require_role(user, workspace, Role.MANAGER)
    thing = f"engine:{workspace.pk}"
    with transaction.atomic():
        settings, _ = EngineSettings.objects.get_or_create(workspace=workspace)
        lock(settings)
        changes = settled(expected, thing, stored_engine(settings), values)
        before = set_fields(settings, changes)
        settings.failures = 0
        settings.resting_until = None
        _check_engine(settings)
        settings.save()
        audit.record(
            user,
            "changed",
            thing,
            workspace=workspace,
            before=_without_key(before),
            after=_without_key(changes)
            | ({"key": "replaced"} if "key" in changes else {}),
        )
    return settings


def _without_key(values: Values) -> Values:
    """What the trail says of settings."""
    return {name: str(value) for name, value in values.items() if name != "key"}


def _check_engine(settings: EngineSettings) -> None:
    """Raises Unprocessable for settings that no engine can work with."""
    try:
        settings.full_clean()
    except ValidationError as error:
        raise Unprocessable("Not valid.", error.message_dict) from error
    if settings.engine != EngineSettings.OFFLINE:
        _check_server(settings)


def _check_server(settings: EngineSettings) -> None:
    """Raises Unprocessable unless it is named where and what to ask, and the address
    may be called.
    """
    if missing := _missing(settings):
        raise Unprocessable("Not valid.", missing)
    try:
        check_url(settings.base_url)
    except Refused as error:
        raise Unprocessable("Not valid.", {"base_url": [str(error)]}) from error


def _missing(settings: EngineSettings) -> dict[str, list[str]]:
    """What an engine elsewhere cannot be asked without, and is not given."""
    return {
        name: ["This engine needs it."]
        for name in ("base_url", "model")
        if not getattr(settings, name)
    }
