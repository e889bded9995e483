"""What people do with config templates: keep, change, share, choose one as their
default, plan with one.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from common.edits import Expected
from common.errors import InvalidInput, Missing
from common.mappings import JsonObject, Values
from fillplanner.live import events
from fillplanner.models import ConfigTemplate
from fillplanner.planning.rules import ALIASES, HOURS, read_config, to_wire
from fillplanner.planning.strategies import resolve_strategy
from fillplanner.rules.template_checks import check_template, planning_part
from fillplanner.rules.template_parts import RULE, as_fields, rule_by_rule
from fillplanner.selectors import access_template, own_template
from fillplanner.services.plans import LONGEST_NAME, check_length, checked_config
from workspaces import audit
from workspaces.models import User
from workspaces.services.rows import lock, settled

LONGEST_DESCRIPTION = 10_000


def create(user: User, values: Values) -> ConfigTemplate:
    """Keep a template of `name`, `config` and maybe `description`, `is_public`. Raises
    InvalidInput.
    """
    template = ConfigTemplate(owner=user, **_checked(values))
    with transaction.atomic():
        template.save()
        audit.record(
            user,
            "created",
            _thing(template),
            after={"name": template.name, "is_public": template.is_public},
        )
        events.templates_changed(user.pk)
    return template


def stored(template: ConfigTemplate) -> Values:
    """What of a template can be changed, each rule under a name of its own."""
    return rule_by_rule(
        {
            "name": template.name,
            "description": template.description,
            "is_public": template.is_public,
            "config": template.config,
        }
    )


def change(
    user: User, template_id: int, values: Values, expected: Expected | None = None
) -> ConfigTemplate:
    """Change the named fields of one's own template. Raises Missing or InvalidInput, and
    Overtaken where it was changed elsewhere and is not what the caller expects.
    """
    template = own_template(user, template_id)
    checked = _checked(values)
    with transaction.atomic():
        lock(template)
        changes = _settled(template, checked, expected)
        before = {name: getattr(template, name) for name in changes}
        rows = ConfigTemplate.objects.filter(pk=template.pk)
        rows.update(**changes, updated_at=timezone.now())
        audit.record(user, "changed", _thing(template), before=before, after=changes)
        events.templates_changed(user.pk)
    return own_template(user, template_id)


def _settled(
    template: ConfigTemplate, values: Values, expected: Expected | None
) -> Values:
    """The changes with what only others have made of the template left as it is, rule
    by rule. Raises InvalidInput where rules of the two do not go together.
    """
    if expected is None:
        return values
    now = stored(template)
    mine = rule_by_rule(values)
    if "config" in values:
        # A rule that is not among mine was taken out, or never seen.
        gone = {name: None for name in now if name.startswith(RULE)}
        mine = gone | mine
    changes = settled(expected, _thing(template), now, mine)
    fields = as_fields(now | changes)
    return _checked({name: fields[name] for name in values})


def delete(user: User, template_id: int) -> ConfigTemplate:
    """Delete one's own template and return what it was; plans made with it stay as they are."""
    template = own_template(user, template_id)
    remove(template, user)
    return template


def remove(template: ConfigTemplate, actor: User) -> None:
    """Delete a template on behalf of somebody who may."""
    with transaction.atomic():
        before = {"name": template.name, "config": template.config}
        audit.record(actor, "deleted", _thing(template), before=before)
        events.templates_changed(template.owner_id)
        ConfigTemplate.objects.filter(pk=template.pk).delete()


def set_default(user: User, template_id: int) -> ConfigTemplate:
    """Make this the user's one default template. Raises Missing."""
    with transaction.atomic():
        _line_up(user)
        template = own_template(user, template_id)
        ConfigTemplate.objects.chosen_by(user.pk).exclude(pk=template.pk).update(
            is_default=False
        )
        if not ConfigTemplate.objects.filter(pk=template.pk).update(is_default=True):
            raise Missing("Template not found")
        audit.record(user, "made default", _thing(template))
        events.templates_changed(user.pk)
    return own_template(user, template_id)


def unset_default(user: User) -> None:
    """From now on the user has no default template; it is no fault to have none already."""
    with transaction.atomic():
        _line_up(user)
        for template in ConfigTemplate.objects.chosen_by(user.pk):
            ConfigTemplate.objects.filter(pk=template.pk).update(is_default=False)
            audit.record(user, "unset default", _thing(template))
            events.templates_changed(user.pk)


def rules_for(user: User, template_id: int, strategy: str) -> JsonObject:
    """The rules a template gives to a plan, under the planner's own names.

    Raises Missing, and InvalidInput where the template does not allow the strategy or
    its rules no longer hold.
    """
    template = access_template(user, template_id)
    allowed = template.config.get("allowed_strategies")
    if allowed is not None and resolve_strategy(strategy).name not in allowed:
        named = ", ".join(allowed) or "no strategy"
        raise InvalidInput(f"The template “{template.name}” allows {named}.")
    return rules_of(template)


def rules_of(template: ConfigTemplate) -> JsonObject:
    """All rules of a template that the planner reads, under its own names. Raises
    InvalidInput where they no longer hold.
    """
    _refuse_invalid(template.config)
    return to_wire(read_config(planning_part(template.config)))


def rules_named(config: JsonObject) -> JsonObject:
    """The rules that a config names, under the planner's own names: they can be laid
    over a template's.

    Raises InvalidInput.
    """
    named = {ALIASES.get(key, key) for key in config}
    rules = to_wire(checked_config(config))
    return {
        name: value
        for name, value in rules.items()
        if name in named or name not in HOURS
    }


def _line_up(user: User) -> None:
    """One after the other: two choices at once would both clear the old default and
    meet at the constraint.
    """
    User.objects.select_for_update().get(pk=user.pk)


def _checked(values: Values) -> JsonObject:
    """The fields ready to be kept. Raises InvalidInput, and Unprocessable for texts that
    are too long.
    """
    fields = dict(values)
    if "config" in fields:
        _refuse_invalid(fields["config"])
    if "name" in fields:
        signs = [sign for sign in fields["name"] if sign.isprintable()]
        fields["name"] = "".join(signs).strip()
        check_length("name", fields["name"], LONGEST_NAME)
        if not fields["name"]:
            raise InvalidInput("A template needs a name.")
    if "description" in fields:
        fields["description"] = (fields["description"] or "").strip()
        check_length("description", fields["description"], LONGEST_DESCRIPTION)
    return fields


def _refuse_invalid(config: object) -> None:
    """Raises InvalidInput, with everything that is wrong, for a config that cannot be
    kept.
    """
    verdict = check_template(config)
    if not verdict.valid:
        detail = {
            "message": "Invalid configuration",
            "errors": verdict.errors,
            "warnings": verdict.warnings,
        }
        raise InvalidInput("Invalid configuration", detail)


def _thing(template: ConfigTemplate) -> str:
    return f"config_template:{template.pk}"
