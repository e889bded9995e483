"""A plan as an iCalendar file: an event for every activity, or one for every block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import NamedTuple

from icalendar import Calendar, Event, vDatetime

from common.mappings import Record
from fillplanner.drawings.gantt import blocks
from fillplanner.exports.report import Report, worded

Activity = Record
ACTIVITIES = "activities"
BLOCKS = "blocks"
EVENTS = (ACTIVITIES, BLOCKS)
LOTS_NAMED = 50


def to_ics(report: Report, events: str = ACTIVITIES) -> bytes:
    """All times in UTC. UIDs stay the same however often the plan is exported, so a
    calendar updates its events.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Slotline//Filling plans//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", report.name)
    calendar.add("x-wr-calname", report.name)
    figures = [f"{name}: {worded(value)}" for name, value in report.figures()]
    calendar.add("x-wr-caldesc", "; ".join(figures))
    # One value for all of what may be ten thousand events.
    stamp = vDatetime((report.completed or report.start).astimezone(UTC))
    entries = by_block(report) if events == BLOCKS else by_activity(report)
    for entry in entries:
        calendar.add_component(event(report, stamp, entry))
    return bytes(calendar.to_ical())


class Entry(NamedTuple):
    """One event: the part of its UID that is its own, title, text and its activities."""

    uid: str
    title: str
    text: str
    rows: Sequence[Activity]


def by_activity(report: Report) -> Iterator[Entry]:
    """An event for each activity."""
    for number, row in enumerate(report.activities, start=1):
        yield Entry(
            uid=f"activity-{number}",
            title=title(row),
            text="",
            rows=[row],
        )


def by_block(report: Report) -> Iterator[Entry]:
    """An event for each block, with the ids of its lots."""
    for number, rows in enumerate(blocks(report.activities), start=1):
        lots = [row["lot_id"] for row in rows if row["lot_id"]]
        text = ", ".join(lots[:LOTS_NAMED])
        if len(lots) > LOTS_NAMED:
            text += f" and {len(lots) - LOTS_NAMED} more"
        yield Entry(
            uid=f"block-{number}",
            title=f"Block {number}: {len(lots)} lots",
            text=text,
            rows=rows,
        )


def title(row: Activity) -> str:
    """What the event of an activity is called."""
    if row["lot_id"]:
        return f"Fill {row['lot_id']} ({row['lot_type']})"
    kind = str(row["kind"]).capitalize()
    if row["kind"] == "changeover" and row["note"]:
        return f"{kind}: {row['note']}"
    return kind


def event(report: Report, stamp: vDatetime, entry: Entry) -> Event:
    """The calendar's component of an event; `stamp` is when it was made."""
    component = Event()
    component.add("uid", f"plan-{report.number or 0}-{entry.uid}@slotline")
    component["dtstamp"] = stamp
    start = report.at(entry.rows[0]["start"]).astimezone(UTC)
    end = report.at(entry.rows[-1]["end"]).astimezone(UTC)
    component.add("dtstart", start)
    # An event may have no end, but not one that is its beginning.
    if end.replace(microsecond=0) > start.replace(microsecond=0):
        component.add("dtend", end)
    component.add("summary", entry.title)
    if entry.text:
        component.add("description", entry.text)
    return component
