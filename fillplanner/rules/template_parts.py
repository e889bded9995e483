"""A rule template's config taken apart into what its page has fields, rows and a table
of types for and what stays JSON, and put together again. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from common.mappings import JsonObject, Record, Values
from fillplanner.planning.rules import ALIASES
from fillplanner.rules import matrix, rule_tables
from fillplanner.rules.template_checks import STRATEGY_NAMES, complaints

MATRIX = "changeover_matrix"
STRATEGIES = "allowed_strategies"
# Frozen blocks are those of one plan: a template that has some keeps them as JSON.
ROWS = ("calendar", "priority_levels")
# Before the name of a rule, where each rule of a template is compared for itself.
RULE = "config."
# Whether the field of a rule can show a value.
Fits = Callable[[str, Any], bool]


class Parts(NamedTuple):
    """`own` are values under the planner's names, `rest` is as written."""

    own: Values
    rest: Values


def apart(config: Record, fields: Iterable[str], fits: Fits) -> Parts:
    """What is shown in a place of its own (for `fields` where it `fits`), and the rest.

    config: as it was written, aliases included.
    fields: names of rules that have a field.
    fits: whether the field of a rule can show a value.
    """
    parts = Parts({}, {})
    for key, value in config.items():
        name = ALIASES.get(key, key)
        can_show = fits if name in fields else shows
        if name not in parts.own and can_show(name, value) and holds(name, key, value):
            parts.own[name] = value
        else:
            parts.rest[key] = value
    return parts


def shows(name: str, value: Any) -> bool:
    """Whether a rule without a field has a place that can show the value."""
    return name in CAN_SHOW and CAN_SHOW[name](value)


def holds(name: str, key: str, value: Any) -> bool:
    """Whether the planner has nothing to say of a rule; which strategies are allowed is
    none of its rules.
    """
    return name == STRATEGIES or not complaints({key: value})


def together(base: Record, own: Record, rest: Record) -> JsonObject:
    """A config of both, under the keys and in the order of `base`; what is not given
    (see `is_given`) is left out, unless it was so before.

    base: the config as it was before.
    own: what was typed in a place of its own, under the planner's names.
    rest: what was written as JSON.
    """
    keys = {ALIASES.get(key, key): key for key in base}
    written = {ALIASES.get(key, key) for key in rest}
    config: JsonObject = {}
    for name, value in own.items():
        key = keys.get(name, name)
        as_before = value is not None and base.get(key) == value
        if is_given(value) or (as_before and name not in written):
            config[key] = value
    config |= rest
    return {key: config[key] for key in [*base, *config] if key in config}


def given_twice(own: Record, rest: Record) -> list[str]:
    """The keys of `rest` that stand for rules given elsewhere."""
    return [key for key in rest if is_given(own.get(ALIASES.get(key, key)))]


def is_given(value: Any) -> bool:
    """Whether a value is more than an empty place; 0 is."""
    return value is not None and value is not False and value not in ({}, [])


def hours_kept(before: matrix.Hours, typed: matrix.TypedHours) -> matrix.Hours:
    """The hours that were typed: the very ones of before where they read the same."""
    if typed.texts == matrix.typed_from(before).texts:
        return before
    return typed.hours()


def strategies_kept(before: list[str], chosen: list[str]) -> list[str]:
    """The strategies that were chosen: in the order of before where they are the same."""
    return before if set(chosen) == set(before) else chosen


def shows_rows(key: str, value: Any) -> bool:
    """Whether a rule can be edited in rows and come back as it was."""
    if complaints({key: value}):
        return False
    typed = rule_tables.typed_from(rule_tables.canonical({key: value}), "UTC")
    typed.judge()
    if typed.faults:
        return False
    cells = (cell for rows in typed.rows.values() for row in rows for cell in row)
    return all(cell == " ".join(cell.split()) for cell in cells)


def shows_matrix(value: Any) -> bool:
    """Whether the table of types can: not too many, and names that a page brings back."""
    if complaints({MATRIX: value}) or matrix.rest_of(value):
        return False
    names = {name for source, row in value.items() for name in (source, *row)}
    return all(comes_back(name) for name in names)


def comes_back(name: str) -> bool:
    """Whether a page that shows a name sends the same one."""
    return bool(name) and name.isprintable() and name == " ".join(name.split())


def shows_strategies(value: Any) -> bool:
    """None of them checked means all, so it cannot show that none is allowed."""
    if not isinstance(value, list) or not value:
        return False
    return all(name in STRATEGY_NAMES for name in value)


CAN_SHOW: dict[str, Callable[[Any], bool]] = {
    "calendar": lambda value: shows_rows("calendar", value),
    "priority_levels": lambda value: shows_rows("priority_levels", value),
    MATRIX: shows_matrix,
    STRATEGIES: shows_strategies,
}


def rule_by_rule(fields: Values) -> Values:
    """The fields of a template with its rules as values of their own."""
    rest = {name: value for name, value in fields.items() if name != "config"}
    rules = fields.get("config", {})
    return rest | {RULE + key: value for key, value in rules.items()}


def as_fields(values: Values) -> Values:
    """What `rule_by_rule` took apart."""
    config = {
        name.removeprefix(RULE): value
        for name, value in values.items()
        if name.startswith(RULE) and value is not None
    }
    rest = {name: value for name, value in values.items() if not name.startswith(RULE)}
    return rest | {"config": config}
