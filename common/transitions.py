"""The one way to move a row from one state to another, and the states in the database."""

from __future__ import annotations

from typing import Any

from django.db import models

from common.errors import Conflict
from common.states import StateTable


def known_state(states: StateTable, name: str) -> models.CheckConstraint:
    """The table's list of states, kept by the database."""
    return models.CheckConstraint(
        condition=models.Q(state__in=states.states), name=name
    )


def try_advance(
    rows: models.QuerySet[Any],
    states: StateTable,
    target: str,
    *,
    source: str | tuple[str, ...] | None = None,
    **changes: Any,
) -> bool:
    """Compare and set: move the one row of `rows` to `target` where its state still
    allows it.

    Returns False when the row is not there or no longer in a state that allows the
    move. `source` narrows the allowed states to some of them. Raises ValueError for a
    move that the table never allows.
    """
    sources = _sources(states, target, source)
    return rows.filter(state__in=sources).update(state=target, **changes) == 1


def _sources(
    states: StateTable, target: str, source: str | tuple[str, ...] | None
) -> frozenset[str]:
    """The states that the move starts from. Raises ValueError where the table does not
    allow it from one of them.
    """
    allowed = states.sources(target)
    sources = allowed
    if source is not None:
        sources = frozenset((source,) if isinstance(source, str) else source)
    if not sources or not sources <= allowed:
        raise ValueError(
            f"{states.name}: no move from {source or 'any state'} to {target}"
        )
    return sources


def advance(
    rows: models.QuerySet[Any],
    states: StateTable,
    target: str,
    *,
    source: str | tuple[str, ...] | None = None,
    **changes: Any,
) -> None:
    """As `try_advance`, but raises Conflict naming the state that stood in the way."""
    if try_advance(rows, states, target, source=source, **changes):
        return
    current = rows.values_list("state", flat=True).first()
    raise Conflict(
        f"This {states.name} is {current or 'gone'}; it cannot become {target}.",
        {"state": current},
    )


def advance_any(
    rows: models.QuerySet[Any],
    states: StateTable,
    target: str,
    *,
    source: str | tuple[str, ...] | None = None,
    **changes: Any,
) -> int:
    """Compare and set for every row that stands where the move is allowed; how many
    moved. The others stay.

    `source` narrows the allowed states to some of them. Raises ValueError for a move
    that the table never allows.
    """
    sources = _sources(states, target, source)
    return rows.filter(state__in=sources).update(state=target, **changes)


class Partial(Exception):
    """Not every row could be moved; the transaction around has to take the others back."""


def advance_all(
    rows: models.QuerySet[Any],
    states: StateTable,
    target: str,
    count: int,
    *,
    source: str,
    **changes: Any,
) -> None:
    """Compare and set for `count` rows at once, in a transaction. Raises Partial when
    one of them stood elsewhere.
    """
    if source not in states.sources(target):
        raise ValueError(f"{states.name}: no move from {source} to {target}")
    if rows.filter(state=source).update(state=target, **changes) != count:
        raise Partial
