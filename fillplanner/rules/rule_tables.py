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

from common.mappings import JsonObject, Record
from common.numbers import whole_number
from common.zones import known_zones
from fillplanner.lots.lot_table import Posted
from fillplanner.planning.calendar import WEEKDAYS
from fillplanner.planning.problem import PRIORITIES
from fillplanner.planning.rules import read_config, to_wire
from fillplanner.rules.template_checks import complaints
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
        title="Shifts",
        one="shift",
        columns=(Column("start", "From", "time"), Column("end", "To", "time")),
        wrong="A shift needs a time from and a time to.",
        help=(
            "Without any, a working day is whole. One that ends at or before its "
            "start ends the next day."
        ),
    ),
    "days_off": Table(
        title="Days off",
        one="day off",
        columns=(Column("day", "Day", "date"),),
        wrong="This is no day.",
    ),
    "blocked": Table(
        title="Blocked hours",
        one="blocked time",
        columns=(
            Column("start", "From", "datetime-local"),
            Column("end", "To", "datetime-local"),
        ),
        wrong="Blocked hours need a beginning and, after it, an end.",
        help="Maintenance, trials, stops: no block runs into them.",
    ),
    "priority_levels": Table(
        title="Priorities",
        one="priority",
        columns=(Column("name", "Name", "text"), Column("weight", "Weight", "text")),
        wrong="A priority needs a name and a weight of at least 0.",
        help="What an hour earlier is worth for a lot of this priority, beside the "
        "others. Lots name theirs in the column "
        "Priority.",
    ),
    "frozen_blocks": Table(
        title="Frozen blocks",
        one="frozen block",
        columns=(Column("lots", "Lots in order", "text"),),
        wrong="Name the lots of the block.",
        help="Blocks that run already or must not change: they come first, in this "
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
class TypedRows:
    """What was typed, blank rows left out.

    zone: the IANA zone of the calendar.
    weekly_off: names of weekdays.
    rows: the cells of each table's rows.
    faults: what is wrong, by table and row (from 0), or `calendar`.
    """

    zone: str
    weekly_off: list[str] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    faults: dict[tuple[str, int], str] = field(default_factory=dict)

    def of(self, table: str) -> list[Row]:
        """The rows of one table."""
        return self.rows.get(table, [])

    def wire(self) -> JsonObject:
        """The rules as a config has them, right or wrong; those that are as usual are left out."""
        rules: JsonObject = {}
        calendar = self._calendar()
        if self.weekly_off or any(calendar.values()):
            weekly = {"zone": self.zone, "weekly_off": self.weekly_off}
            rules["calendar"] = weekly | calendar
        levels: JsonObject = {}
        for row in self.of("priority_levels"):
            levels |= pair_of(row)
        if levels and levels != PRIORITIES:
            rules["priority_levels"] = levels
        blocks = [ids_of(row[0]) for row in self.of("frozen_blocks")]
        if blocks:
            rules["frozen_blocks"] = blocks
        return rules

    def _calendar(self) -> dict[str, list[Any]]:
        """What of the calendar comes in rows."""
        return {
            table: [self.value(table, row) for row in self.of(table)]
            for table in CALENDAR_ROWS
        }

    def value(self, table: str, row: Row) -> Any:
        """One row as it stands in a list of the calendar."""
        if table == "days_off":
            return row[0]
        if table == "shifts":
            return list(row)
        start, end = row
        return {
            "start": from_wall(start, self.zone),
            "end": from_wall(end, self.zone),
        }

    def alone(self, table: str, row: Row) -> JsonObject:
        """A config of one row only."""
        if table in CALENDAR_ROWS:
            return {"calendar": {table: [self.value(table, row)]}}
        if table == "priority_levels":
            return {table: pair_of(row)}
        return {table: [ids_of(row[0])]}

    def judge(self) -> None:
        """Note what the planner says of each row, and of the calendar as a whole where
        its rows are in order.
        """
        for table, rows in self.rows.items():
            for number, row in enumerate(rows):
                if complaints(self.alone(table, row)):
                    self.faults[table, number] = TABLES[table].wrong
        names = [row[0].lower() for row in self.of("priority_levels")]
        for number, name in enumerate(names):
            if name in names[:number]:
                self.faults["priority_levels", number] = "This name is given before."
        if not any(table in CALENDAR_ROWS for table, _ in self.faults):
            self._judge_calendar()

    def _judge_calendar(self) -> None:
        """Note the first thing that the planner says of the calendar as a whole."""
        calendar = self.wire().get("calendar", {})
        for text in complaints({"calendar": calendar})[:1]:
            _, _, fault = text.partition(": ")
            self.faults["calendar", 0] = fault.replace("'weekly_off'", "This")

    def drop(self, place: str) -> None:
        """Take out a row, named `table:number`; nothing where there is no such one."""
        table, _, digits = place.partition(":")
        rows = self.of(table)
        number = whole_number(digits)
        if number is not None and number < len(rows):
            del rows[number]

    def messages(self) -> list[str]:
        """The faults with the names of their places."""
        return [
            f"{TABLES[table].title}, row {number + 1}: {text}"
            if table in TABLES
            else f"Working hours: {text}"
            for (table, number), text in self.faults.items()
        ]


def pair_of(row: Row) -> JsonObject:
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
    line = " ".join(text.split())
    cells = next(csv.reader([line], skipinitialspace=True), [])
    return [cell.strip() for cell in cells if cell.strip()]


def text_of(ids: Sequence[str]) -> str:
    """Ids as they can be typed: the opposite of `ids_of`."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="").writerow(ids)
    text = file.getvalue()
    # Only between ids that need no quotes can a space be put after each comma.
    return text if '"' in text else ", ".join(ids)


def typed_in(data: Posted, zone: str) -> TypedRows:
    """What a form sent; `zone` is the calendar's where it sent none."""
    sent = "".join(data.getlist("calendar_zone")[:1])
    return TypedRows(
        zone=sent if sent in known_zones() else zone,
        weekly_off=[str(day) for day in data.getlist("weekly_off")],
        rows={key: rows_sent(data, key, table) for key, table in TABLES.items()},
    )


def rows_sent(data: Posted, key: str, table: Table) -> list[Row]:
    """The rows of one table that are not blank."""
    columns = [data.getlist(f"{key}_{column.name}") for column in table.columns]
    rows = [
        [str(cell).strip() for cell in row]
        for row in zip_longest(*columns, fillvalue="")
    ]
    return [row for row in rows if any(row)]


def typed_from(config: Record, zone: str) -> TypedRows:
    """A plan's or template's rules (under the planner's own names) as if they had been typed."""
    calendar = config.get("calendar") or {"zone": zone}
    clock = calendar["zone"]
    levels = config.get("priority_levels", PRIORITIES)
    rows = {
        "shifts": [list(pair) for pair in calendar.get("shifts", [])],
        "days_off": [[day] for day in calendar.get("days_off", [])],
        "blocked": [blocked_row(row, clock) for row in calendar.get("blocked", [])],
        "priority_levels": [
            [name, f"{weight:.15g}"] for name, weight in levels.items()
        ],
        "frozen_blocks": [
            [text_of(block)] for block in config.get("frozen_blocks", [])
        ],
    }
    return TypedRows(clock, list(calendar.get("weekly_off", [])), rows)


def blocked_row(row: Mapping[str, str], zone: str) -> Row:
    """Begin and end of blocked hours as an input for local times has them."""
    return [to_wall(row["start"], zone, "T"), to_wall(row["end"], zone, "T")]


def canonical(config: Record) -> JsonObject:
    """Rules that the planner can use as it writes them itself."""
    rules = to_wire(read_config(config))
    return {key: value for key, value in rules.items() if key in config}


def laid_over(base: Record, typed: TypedRows, filled: TypedRows) -> JsonObject:
    """A config with what was typed, where it is something else than what the page had filled in.

    base: the config below.
    typed: what the page was sent with.
    filled: what it had been filled in with.
    """
    config = dict(base)
    now = typed.wire()
    before = filled.wire()
    for key in KEYS:
        if now.get(key) != before.get(key):
            config.pop(key, None)
            if key in now:
                config[key] = now[key]
    return config


def lifted(config: Record, typed: TypedRows) -> tuple[JsonObject, TypedRows]:
    """Of rules written as JSON, those that have a table move into it where nothing else
    was typed; also the rest.
    """
    rules = typed.wire()
    movable = {
        key: value for key, value in config.items() if key in KEYS and key not in rules
    }
    if complaints(movable):
        return dict(config), typed
    rest = {key: value for key, value in config.items() if key not in movable}
    if not movable:
        return rest, typed
    return rest, typed_from(rules | canonical(movable), typed.zone)


# --- as a page shows it
# ----------------------------------------------------------------------------------


class RuleCell(NamedTuple):
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
    cells: list[RuleCell]
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
    """Tables under one heading.

    key, title: what they are called.
    open: whether they are shown.
    says: what is in them while they are closed.
    fault: what is wrong with them together, blank for nothing.
    weekdays: their names, and which are off.
    """

    key: str
    title: str
    open: bool
    tables: list[Shown]
    says: str = ""
    fault: str = ""
    weekdays: Sequence[tuple[str, bool]] = ()


def groups(typed: TypedRows, more: str = "", keys: Sequence[str] = KEYS) -> list[Group]:
    """What the page shows; the group that a row was asked `more` for, and those with
    something in them, are open.
    """
    return [group(key, typed, more) for key in keys]


def group(key: str, typed: TypedRows, more: str) -> Group:
    """The tables of one rule; `more` names the table that a row was asked for."""
    title, names = GROUPS[key]
    changed = key in typed.wire()
    faulty = any(table in (key, *names) for table, _ in typed.faults)
    weekdays: list[tuple[str, bool]] = []
    fault = ""
    if key == "calendar":
        weekdays = [(day, day in typed.weekly_off) for day in WEEKDAYS]
        fault = typed.faults.get(("calendar", 0), "")
    return Group(
        key=key,
        title=title,
        open=changed or faulty or more in names,
        tables=[shown(name, typed, name == more) for name in names],
        says="" if changed else USUALLY[key],
        fault=fault,
        weekdays=weekdays,
    )


def shown(key: str, typed: TypedRows, more: bool) -> Shown:
    """A table with blank rows behind the filled ones, one `more` if it was asked for."""
    table = TABLES[key]
    filled = typed.of(key)
    blank = [""] * len(table.columns)
    rows = [*filled, *[blank] * (SPARE_ROWS + more)]
    return Shown(
        key=key,
        table=table,
        rows=[
            ShownRow(
                number=number,
                cells=cells(key, table, row, number),
                fault=typed.faults.get((key, number), ""),
                filled=number < len(filled),
                focus=more and number == len(filled),
            )
            for number, row in enumerate(rows)
        ],
    )


def cells(key: str, table: Table, row: Row, number: int) -> list[RuleCell]:
    """The cells of one row of a table."""
    return [
        cell(key, column, text, number)
        for column, text in zip(table.columns, row, strict=True)
    ]


def cell(key: str, column: Column, text: str, number: int) -> RuleCell:
    """One cell of a row, which is counted from 0."""
    # A moment with its offset is nothing that an input for local times can hold.
    plain = column.kind == "datetime-local" and not is_wall(text)
    return RuleCell(
        name=f"{key}_{column.name}",
        value=text,
        kind="text" if plain else column.kind,
        label=f"{TABLES[key].title}, row {number + 1}: {column.title.lower()}",
    )
