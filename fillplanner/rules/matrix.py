"""Changeover hours from type to type as a table that people edit in a page; blank cells
leave the general times.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from common.mappings import Record
from fillplanner.lots.lot_table import Posted
from fillplanner.planning.problem import LineConfig
from fillplanner.planning.rules import MOST_HOURS

MOST_TYPES = 16
Hours = dict[str, dict[str, float]]


@dataclass(frozen=True)
class HoursCell:
    """Hours from one type to another.

    name: the input's.
    value: as typed.
    usual: the hours that hold while it is blank.
    source, target: the types.
    wrong: whether what was typed is no number of hours.
    """

    name: str
    value: str
    usual: str
    source: str
    target: str
    wrong: bool = False


@dataclass(frozen=True)
class Matrix:
    """The editor: types in order, rows of cells, and what it was drawn for, which tells
    whether it still fits; `left_out` is how many types it has no room for.
    """

    types: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[HoursCell]]] = field(default_factory=list)
    drawn_for: str = ""
    left_out: int = 0


@dataclass
class TypedHours:
    """What was typed into an editor, by types, and the faults in it."""

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)

    def hours(self) -> Hours:
        """The cells that are filled and right."""
        hours: Hours = {}
        for (source, target), text in self.texts.items():
            if (source, target) not in self.faults:
                row = hours.setdefault(source, {})
                row[target] = float(text.replace(",", "."))
        return hours

    def type_in(self, source: str, target: str, text: str) -> None:
        """Note what was typed into a cell, and that it is wrong, if so."""
        self.texts[source, target] = text
        if not is_hours(text):
            what = f"“{text[:20]}” is no number of hours."
            self.faults[source, target] = f"From {source} to {target}: {what}"


def typed_in(data: Posted) -> TypedHours:
    """The cells of an editor that a form sent."""
    types = [str(name) for name in data.getlist("matrix_type")]
    typed = TypedHours()
    for i, source in enumerate(types):
        for j, target in enumerate(types):
            values = data.getlist(f"matrix_{i}_{j}")[:1]
            text = "".join(str(value) for value in values).strip()
            if text:
                typed.type_in(source, target, text)
    return typed


def is_hours(text: str) -> bool:
    """Whether a text is a number of hours that a rule may have."""
    try:
        hours = float(text.replace(",", "."))
    except ValueError:
        return False
    return math.isfinite(hours) and 0 <= hours <= MOST_HOURS and "_" not in text


def typed_from(matrix: Mapping[str, Mapping[str, float]]) -> TypedHours:
    """A plan's matrix as if it had been typed."""
    texts = {
        (source, target): f"{hours:.15g}"
        for source, row in matrix.items()
        for target, hours in row.items()
    }
    return TypedHours(texts)


def laid_over(base: Mapping[str, Mapping[str, float]], upper: Hours) -> Hours:
    """Both, cell by cell; what is typed goes before what a template says."""
    return {
        source: {**base.get(source, {}), **upper.get(source, {})}
        for source in dict.fromkeys([*base, *upper])
    }


def editor(types: Iterable[str], typed: TypedHours, config: LineConfig) -> Matrix:
    """A table of all types of the lots, and of those that something was typed for.

    types: those of the lots.
    typed: what was typed into the editor before.
    config: the line's rules, for the usual hours.
    """
    typed_types = {name for pair in typed.texts for name in pair}
    names = sorted({*types, *typed_types})
    shown = names[:MOST_TYPES]
    rows = []
    for i, source in enumerate(shown):
        cells = [
            cell(f"matrix_{i}_{j}", source, target, typed, config)
            for j, target in enumerate(shown)
        ]
        rows.append((source, cells))
    usual = "/".join(cell.usual for _, cells in rows for cell in cells)
    return Matrix(
        types=shown,
        rows=rows,
        drawn_for=f"{zlib.crc32(f'{shown}{usual}'.encode()):x}",
        left_out=len(names) - len(shown),
    )


def cell(
    name: str, source: str, target: str, typed: TypedHours, config: LineConfig
) -> HoursCell:
    """One cell of the table; `name` is the input's."""
    return HoursCell(
        name=name,
        value=typed.texts.get((source, target), ""),
        usual=f"{config.changeover_hours(source, target):g}",
        source=source,
        target=target,
        wrong=(source, target) in typed.faults,
    )


def rest_of(matrix: Record) -> bool:
    """Whether a matrix has more types than the editor shows."""
    types = {name for source, row in matrix.items() for name in (source, *row)}
    return len(types) > MOST_TYPES
