"""Rules that come in rows (shifts, days off, blocked hours, priorities, frozen blocks)
as people type them in a page: to the wire and back. What is wrong with a row the
planner itself says. Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, NamedTuple

from common.zones import known_zones
from fillplanner.lot_table import Posted
from fillplanner.planning.calendar import WEEKDAYS
from fillplanner.planning.problem import PRIORITIES
from fillplanner.planning.rules import read_config, to_wire
from fillplanner.template_checks import complaints
from fillplanner.wall_clock import from_wall, is_wall, to_wall

KEYS = ("calendar", "priority_levels", "frozen_blocks")
CALENDAR_ROWS = ("shifts", "days_off", "blocked")
SPARE_ROWS = 2
Row = list[str]


class Column(NamedTuple):
    """`kind` is the type of its input."""

    name: str
    title: str
    kind: str


@dataclass(frozen=True)
class Table:
    """`one` is what a row is called; `wrong` what to say of a row that the planner cannot use."""

    title: str
    one: str
    columns: tuple[Column, ...]
    wrong: str
    help: str = ""


TABLES = {
    "shifts": Table(
        "Shifts",
        "shift",
        (Column("start", "From", "time"), Column("end", "To", "time")),
        "A shift needs a time from and a time to.",
        (
            "Without any, a working day is whole. One that ends at or before its "
            "start ends the next day."
        ),
    ),
    "days_off": Table(
        "Days off", "day off", (Column("day", "Day", "date"),), "This is no day."
    ),
    "blocked": Table(
        "Blocked hours",
        "blocked time",
        (
            Column("start", "From", "datetime-local"),
            Column("end", "To", "datetime-local"),
        ),
        "Blocked hours need a beginning and, after it, an end.",
        "Maintenance, trials, stops: no block runs into them.",
    ),
    "priority_levels": Table(
        "Priorities",
        "priority",
        (Column("name", "Name", "text"), Column("weight", "Weight", "text")),
        "A priority needs a name and a weight of at least 0.",
        "What an hour earlier is worth for a lot of this priority, beside the "
        "others. Lots name theirs in the column "
        "Priority.",
    ),
    "frozen_blocks": Table(
        "Frozen blocks",
        "frozen block",
        (Column("lots", "Lots in order", "text"),),
        "Name the lots of the block.",
        "Blocks that run already or must not change: they come first, in this "
        "order and as they are, each on the line "
        "that is free first. Separate the ids of the lots with commas.",
    ),
}


USUALLY = {
    "calendar": "at all hours",
    "priority_levels": ", ".join(PRIORITIES),
    "frozen_blocks": "none",
}
GROUPS = {
    "calendar": ("Working hours", CALENDAR_ROWS),
    "priority_levels": ("Priorities", ("priority_levels",)),
    "frozen_blocks": ("Frozen blocks", ("frozen_blocks",)),
}


@dataclass
class Typed:
    """What was typed, blank rows left out; `faults` are what is wrong, by table and row
    (from 0), or `calendar`.
    """

    zone: str
    weekly_off: list[str] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    faults: dict[tuple[str, int], str] = field(default_factory=dict)

    def wire(self) -> dict[str, Any]:
        """The rules as a config has them, right or wrong; those that are as usual are left out."""
        made: dict[str, Any] = {}
        calendar = {
            name: [self.value(name, row) for row in self.rows.get(name, [])]
            for name in CALENDAR_ROWS
        }
        if self.weekly_off or any(calendar.values()):
            made["calendar"] = {
                "zone": self.zone,
                "weekly_off": self.weekly_off,
                **calendar,
            }
        levels = {
            name: weight
            for row in self.rows.get("priority_levels", [])
            for name, weight in pair_of(row).items()
        }
        if levels and levels != PRIORITIES:
            made["priority_levels"] = levels
        blocks = [ids_of(row[0]) for row in self.rows.get("frozen_blocks", [])]
        return made | ({"frozen_blocks": blocks} if blocks else {})

    def value(self, table: str, row: Row) -> Any:
        """One row as it stands in a list of the calendar."""
        if table == "blocked":
            return {
                name: from_wall(text, self.zone)
                for name, text in zip(("start", "end"), row, strict=True)
            }
        return row[0] if table == "days_off" else list(row)

    def alone(self, table: str, row: Row) -> dict[str, Any]:
        """A config of one row only."""
        if table in CALENDAR_ROWS:
            return {"calendar": {table: [self.value(table, row)]}}
        return {table: pair_of(row) if table == "priority_levels" else [ids_of(row[0])]}

    def judge(self) -> None:
        """Note what the planner says of each row, and of the calendar as a whole where
        its rows are in order.
        """
        for table, rows in self.rows.items():
            for number, row in enumerate(rows):
                if complaints(self.alone(table, row)):
                    self.faults[table, number] = TABLES[table].wrong
        names = [row[0].lower() for row in self.rows.get("priority_levels", [])]
        for number, name in enumerate(names):
            if name in names[:number]:
                self.faults["priority_levels", number] = "This name is given before."
        if not any(table in CALENDAR_ROWS for table, _ in self.faults):
            for text in complaints({"calendar": self.wire().get("calendar", {})})[:1]:
                self.faults["calendar", 0] = text.partition(": ")[2].replace(
                    "'weekly_off'", "This"
                )

    def drop(self, place: str) -> None:
        """Take out a row, named `table:number`; nothing where there is no such one."""
        table, _, number = place.partition(":")
        rows = self.rows.get(table, [])
        if number.isascii() and number.isdigit() and int(number) < len(rows):
            del rows[int(number)]

    def told(self) -> list[str]:
        """The faults with the names of their places."""
        return [
            f"{TABLES[table].title}, row {number + 1}: {text}"
            if table in TABLES
            else f"Working hours: {text}"
            for (table, number), text in self.faults.items()
        ]


def pair_of(row: Row) -> dict[str, Any]:
    """Name and weight; a weight that is no number stays a text, which the planner
    refuses, and so does no name.
    """
    name, weight = row
    try:
        return {name: float(weight.replace(",", "."))} if name else {"": weight}
    except ValueError:
        return {name: weight}


def ids_of(text: str) -> list[str]:
    """Ids between commas; quotes hold together one that has a comma itself."""
    found = next(csv.reader([" ".join(text.split())], skipinitialspace=True), [])
    return [lot_id.strip() for lot_id in found if lot_id.strip()]


def text_of(ids: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow(ids)
    # Only between ids that need no quotes can a space be put after each comma.
    return text.getvalue() if '"' in text.getvalue() else ", ".join(ids)


def typed_in(data: Posted, zone: str) -> Typed:
    """What a form sent; `zone` is the calendar's where it sent none."""
    rows = {}
    for key, table in TABLES.items():
        columns = [data.getlist(f"{key}_{column.name}") for column in table.columns]
        cells = (
            [str(cell).strip() for cell in row]
            for row in zip_longest(*columns, fillvalue="")
        )
        rows[key] = [row for row in cells if any(row)]
    weekly, sent = (
        [str(day) for day in data.getlist("weekly_off")],
        "".join(data.getlist("calendar_zone")[:1]),
    )
    return Typed(sent if sent in known_zones() else zone, weekly, rows)


def typed_from(config: Mapping[str, Any], zone: str) -> Typed:
    """A plan's or template's rules (under the planner's own names) as if they had been typed."""
    calendar = config.get("calendar") or {"zone": zone}
    clock = calendar["zone"]
    rows = {
        "shifts": [list(pair) for pair in calendar.get("shifts", [])],
        "days_off": [[day] for day in calendar.get("days_off", [])],
        "blocked": [
            [to_wall(row["start"], clock, "T"), to_wall(row["end"], clock, "T")]
            for row in calendar.get("blocked", [])
        ],
        "priority_levels": [
            [name, f"{weight:.15g}"]
            for name, weight in config.get("priority_levels", PRIORITIES).items()
        ],
        "frozen_blocks": [
            [text_of(block)] for block in config.get("frozen_blocks", [])
        ],
    }
    return Typed(clock, list(calendar.get("weekly_off", [])), rows)


def canonical(config: Mapping[str, Any]) -> dict[str, Any]:
    """Rules that the planner can use as it writes them itself."""
    return {
        key: value
        for key, value in to_wire(read_config(config)).items()
        if key in config
    }


def laid_over(base: Mapping[str, Any], typed: Typed, filled: Typed) -> dict[str, Any]:
    """A config with what was typed, where it is something else than what the page had filled in."""
    made, now, before = dict(base), typed.wire(), filled.wire()
    for key in KEYS:
        if now.get(key) != before.get(key):
            made.pop(key, None)
            made |= {key: now[key]} if key in now else {}
    return made


def lifted(config: Mapping[str, Any], typed: Typed) -> tuple[dict[str, Any], Typed]:
    """Of rules written as JSON, those that have a table move into it where nothing else
    was typed; also the rest.
    """
    given = {
        key: value
        for key, value in config.items()
        if key in KEYS and key not in typed.wire()
    }
    if complaints(given):
        return dict(config), typed
    wire = typed.wire() | canonical(given)
    rest = {key: value for key, value in config.items() if key not in given}
    return rest, typed_from(wire, typed.zone) if given else typed


# --- as a page shows it
# ----------------------------------------------------------------------------------


class Cell(NamedTuple):
    name: str
    value: str
    kind: str
    label: str


@dataclass(frozen=True)
class ShownRow:
    """`fault` is what is wrong with it, blank for nothing; `focus` tells the row to go
    on typing in.
    """

    number: int
    cells: list[Cell]
    fault: str
    filled: bool
    focus: bool


@dataclass(frozen=True)
class Shown:
    """A table with its rows; the last ones are blank."""

    key: str
    table: Table
    rows: list[ShownRow]


@dataclass(frozen=True)
class Group:
    """Tables under one heading; `says` is what is in them while they are closed."""

    key: str
    title: str
    open: bool
    tables: list[Shown]
    says: str = ""
    fault: str = ""
    weekdays: Sequence[tuple[str, bool]] = ()


def groups(typed: Typed, more: str = "", keys: Sequence[str] = KEYS) -> list[Group]:
    """What the page shows; the group that a row was asked `more` for, and those with
    something in them, are open.
    """
    return [group(key, typed, more) for key in keys]


def group(key: str, typed: Typed, more: str) -> Group:
    title, names = GROUPS[key]
    changed = key in typed.wire()
    opened = (
        changed
        or more in names
        or any(table in (key, *names) for table, _ in typed.faults)
    )
    days = (
        [(day, day in typed.weekly_off) for day in WEEKDAYS]
        if key == "calendar"
        else []
    )
    tables = [shown(name, typed, name == more) for name in names]
    fault = typed.faults.get(("calendar", 0), "") if days else ""
    return Group(
        key, title, opened, tables, "" if changed else USUALLY[key], fault, days
    )


def shown(key: str, typed: Typed, more: bool) -> Shown:
    table, filled = TABLES[key], typed.rows.get(key, [])
    rows = [*filled, *([""] * len(table.columns) for _ in range(SPARE_ROWS + more))]
    return Shown(
        key,
        table,
        [
            ShownRow(
                number,
                [
                    cell(key, column, text, number)
                    for column, text in zip(table.columns, row, strict=True)
                ],
                typed.faults.get((key, number), ""),
                number < len(filled),
                more and number == len(filled),
            )
            for number, row in enumerate(rows)
        ],
    )


def cell(key: str, column: Column, text: str, number: int) -> Cell:
    # A moment with its offset is nothing that an input for local times can hold.
    plain = column.kind == "datetime-local" and not is_wall(text)
    label = f"{TABLES[key].title}, row {number + 1}: {column.title.lower()}"
    return Cell(f"{key}_{column.name}", text, "text" if plain else column.kind, label)
