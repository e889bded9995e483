"""A rule template's config taken apart into what its page has fields, rows and a table
of types for and what stays JSON, and put together again. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from fillplanner import matrix, rule_tables
from fillplanner.planning.rules import ALIASES
from fillplanner.template_checks import STRATEGY_NAMES, complaints

MATRIX, STRATEGIES = "changeover_matrix", "allowed_strategies"
# Frozen blocks are those of one plan: a template that has some keeps them as JSON.
ROWS = ("calendar", "priority_levels")
# Whether the field of a rule can show a value.
Fits = Callable[[str, Any], bool]


class Parts(NamedTuple):
    """`own` are values under the planner's names, `rest` is as written."""

    own: dict[str, Any]
    rest: dict[str, Any]


def apart(config: Mapping[str, Any], fields: Iterable[str], fits: Fits) -> Parts:
    """What is shown in a place of its own (for `fields` where it `fits`), and the rest."""
    own: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for key, value in config.items():
        name = ALIASES.get(key, key)
        shown = (
            fits(name, value)
            if name in fields
            else name in CAN_SHOW and CAN_SHOW[name](value)
        )
        if (
            shown
            and name not in own
            and (name == STRATEGIES or not complaints({key: value}))
        ):
            own[name] = value
        else:
            rest[key] = value
    return Parts(own, rest)


def together(
    base: Mapping[str, Any], own: Mapping[str, Any], rest: Mapping[str, Any]
) -> dict[str, Any]:
    """A config of both, under the keys and in the order of `base`; what is not said
    (see `said`) is left out, unless it was so before.
    """
    keys = {ALIASES.get(key, key): key for key in base}
    written = {ALIASES.get(key, key) for key in rest}
    made = {
        keys.get(name, name): value
        for name, value in own.items()
        if said(value)
        or (
            value is not None
            and name not in written
            and base.get(keys.get(name, name)) == value
        )
    }
    made |= rest
    return {key: made[key] for key in [*base, *made] if key in made}


def given_twice(own: Mapping[str, Any], rest: Mapping[str, Any]) -> list[str]:
    """The keys of `rest` that stand for rules said elsewhere."""
    return [key for key in rest if said(own.get(ALIASES.get(key, key)))]


def said(value: Any) -> bool:
    """Whether a value is more than an empty place; 0 is."""
    return value is not None and value is not False and value not in ({}, [])


def hours_kept(before: matrix.Hours, typed: matrix.Typed) -> matrix.Hours:
    """The hours that were typed: the very ones of before where they read the same."""
    return before if typed.texts == matrix.typed_from(before).texts else typed.hours()


def strategies_kept(before: list[str], chosen: list[str]) -> list[str]:
    return before if set(chosen) == set(before) else chosen


def shows_rows(key: str, value: Any) -> bool:
    """Whether a rule can be edited in rows and come back as it was."""
    if complaints({key: value}):
        return False
    typed = rule_tables.typed_from(rule_tables.canonical({key: value}), "UTC")
    typed.judge()
    cells = (cell for rows in typed.rows.values() for row in rows for cell in row)
    return not typed.faults and all(cell == " ".join(cell.split()) for cell in cells)


def shows_matrix(value: Any) -> bool:
    """Whether the table of types can: not too many, and names that a page brings back."""
    if complaints({MATRIX: value}) or matrix.rest_of(value):
        return False
    names = {name for source, row in value.items() for name in (source, *row)}
    return all(
        name and name.isprintable() and name == " ".join(name.split()) for name in names
    )


def shows_strategies(value: Any) -> bool:
    """None of them checked means all, so it cannot show that none is allowed."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(name in STRATEGY_NAMES for name in value)
    )


CAN_SHOW: dict[str, Callable[[Any], bool]] = {
    "calendar": lambda value: shows_rows("calendar", value),
    "priority_levels": lambda value: shows_rows("priority_levels", value),
    MATRIX: shows_matrix,
    STRATEGIES: shows_strategies,
}
