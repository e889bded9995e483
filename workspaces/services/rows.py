"""Rows that people change by naming fields: taken, settled with what others have done
meanwhile, set, then checked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from common.edits import Expected
from common.errors import Missing, Overtaken, Unprocessable
from common.mappings import Values
from workspaces.selectors import last_change


def lock(row: Model) -> None:
    """Let the row say what it says now, and be nobody else's until the caller's
    transaction ends. Raises Missing where it is gone.
    """
    rows: Any = row._meta.model._default_manager.select_for_update(no_key=True)
    # Of its relations only what they point to is read anew: others are not locked.
    names = [field.attname for field in row._meta.concrete_fields]
    now = rows.filter(pk=row.pk).values(*names).first()
    if now is None:
        raise Missing(f"This {row._meta.verbose_name} is gone.")
    for name, value in now.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def values_of(row: Model, names: Iterable[str]) -> Values:
    """What the row says in these fields."""
    return {name: getattr(row, name) for name in names}


def settled(
    expected: Expected | None,
    thing: str | Collection[str],
    now: Values,
    mine: Values,
    *,
    recorded: Mapping[str, str] | None = None,
) -> Values:
    """Those of the changes that are to be written to a thing that was locked and says
    `now`; all of them where nothing is expected of it.

    thing: as the audit trail calls it; several for one that consists of them.
    recorded: the trail's names for values that are called otherwise here.
    Raises Overtaken, with who was quicker and when.
    """
    if expected is None:
        return mine
    try:
        return expected.settle(now, mine)
    except Overtaken as problem:
        other = recorded or {}
        names = {other.get(name, name) for name in problem.clashes or now}
        things = [thing] if isinstance(thing, str) else thing
        entry = last_change(things, names)
        if entry is not None:
            problem.by = entry.actor.display_name if entry.actor else entry.actor_name
            problem.by_id = entry.actor_id
            problem.message = f"{problem.by} changed this meanwhile. Nothing was saved."
            problem.at = entry.at
        raise


def set_fields(row: Model, values: Values) -> Values:
    """Give the row these values, without saving it; what the fields said before."""
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    return before


def check_fields(row: Model) -> None:
    """Raises Unprocessable naming the fields that the row may not have. What only the
    database can tell, that a name is taken, is left to it.
    """
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise Unprocessable("Some fields are not valid.", error.message_dict) from error
