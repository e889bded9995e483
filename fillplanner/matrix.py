"""Changeover hours from type to type as a table that people edit in a page; blank cells
leave the general times.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fillplanner.lot_table import Posted
from fillplanner.planning.problem import LineConfig
from fillplanner.planning.rules import MOST_HOURS

MOST_TYPES = 16
Hours = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Cell:
    """`name` is the input's; `value` as typed; `usual` the hours that hold while it is blank."""

    name: str
    value: str
    usual: str
    source: str
    target: str
    wrong: bool = False


@dataclass(frozen=True)
class Matrix:
    """The editor: types in order, rows of cells, and what it was drawn for, which tells
    whether it still fits.
    """

    types: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[Cell]]] = field(default_factory=list)
    drawn_for: str = ""
    left_out: int = 0


@dataclass
class Typed:
    """What was typed into an editor, by types, and the faults in it."""

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)

    def hours(self) -> Hours:
        """The cells that are filled and right."""
        made: Hours = {}
        for (source, target), text in self.texts.items():
            if (source, target) not in self.faults:
                made.setdefault(source, {})[target] = float(text.replace(",", "."))
        return made


def typed_in(data: Posted) -> Typed:
    """The cells of an editor that a form sent."""
    types, typed = [str(name) for name in data.getlist("matrix_type")], Typed()
    for i, source in enumerate(types):
        for j, target in enumerate(types):
            text = "".join(
                str(value) for value in data.getlist(f"matrix_{i}_{j}")[:1]
            ).strip()
            if text:
                typed.texts[source, target] = text
                if not is_hours(text):
                    typed.faults[source, target] = (
                        f"From {source} to {target}: “{text[:20]}” is no number of hours."
                    )
    return typed


def is_hours(text: str) -> bool:
    try:
        hours = float(text.replace(",", "."))
    except ValueError:
        return False
    return math.isfinite(hours) and 0 <= hours <= MOST_HOURS and "_" not in text


def typed_from(matrix: Mapping[str, Mapping[str, float]]) -> Typed:
    """A plan's matrix as if it had been typed."""
    return Typed(
        {
            (source, target): f"{hours:.15g}"
            for source, row in matrix.items()
            for target, hours in row.items()
        }
    )


def laid_over(base: Mapping[str, Mapping[str, float]], upper: Hours) -> Hours:
    """Both, cell by cell; what is typed goes before what a template says."""
    return {
        source: {**base.get(source, {}), **upper.get(source, {})}
        for source in dict.fromkeys([*base, *upper])
    }


def editor(types: Iterable[str], typed: Typed, config: LineConfig) -> Matrix:
    """A table of all types of the lots, and of those that something was typed for."""
    found = sorted(
        dict.fromkeys([*types, *(name for pair in typed.texts for name in pair)])
    )
    shown = found[:MOST_TYPES] if len(found) > MOST_TYPES else found
    rows = [
        (
            source,
            [
                cell(i, j, source, target, typed, config)
                for j, target in enumerate(shown)
            ],
        )
        for i, source in enumerate(shown)
    ]
    usual = "/".join(row.usual for _, cells in rows for row in cells)
    drawn_for = f"{zlib.crc32(f'{shown}{usual}'.encode()):x}"
    return Matrix(shown, rows, drawn_for, len(found) - len(shown))


def cell(
    i: int, j: int, source: str, target: str, typed: Typed, config: LineConfig
) -> Cell:
    usual = f"{config.changeover_hours(source, target):g}"
    wrong = (source, target) in typed.faults
    return Cell(
        f"matrix_{i}_{j}",
        typed.texts.get((source, target), ""),
        usual,
        source,
        target,
        wrong,
    )


def rest_of(matrix: Mapping[str, Any]) -> bool:
    """Whether a matrix has more types than the editor shows."""
    return (
        len({name for source, row in matrix.items() for name in (source, *row)})
        > MOST_TYPES
    )
