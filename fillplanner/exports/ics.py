"""A plan as an iCalendar file: an event for every activity, or one for every block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from icalendar import Calendar, Event, vDatetime

from fillplanner.exports.report import Report, worded
from fillplanner.gantt import blocks

Activity = Mapping[str, Any]
ACTIVITIES, BLOCKS = "activities", "blocks"
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
    calendar.add(
        "x-wr-caldesc",
        "; ".join(f"{name}: {worded(value)}" for name, value in report.figures()),
    )
    # One value for all of what may be ten thousand events.
    stamp = vDatetime((report.completed or report.start).astimezone(UTC))
    found = by_block(report) if events == BLOCKS else by_activity(report)
    for uid, title, text, rows in found:
        calendar.add_component(
            event(
                report,
                stamp,
                f"plan-{report.number or 0}-{uid}@slotline",
                title,
                text,
                rows,
            )
        )
    return bytes(calendar.to_ical())


def by_activity(report: Report) -> Iterator[tuple[str, str, str, Sequence[Activity]]]:
    """UID, title, text and the activity of each event."""
    for number, row in enumerate(report.activities, start=1):
        yield f"activity-{number}", title(row), "", [row]


def by_block(report: Report) -> Iterator[tuple[str, str, str, Sequence[Activity]]]:
    for number, rows in enumerate(blocks(report.activities), start=1):
        lots = [row["lot_id"] for row in rows if row["lot_id"]]
        more = f" and {len(lots) - LOTS_NAMED} more" if len(lots) > LOTS_NAMED else ""
        yield (
            f"block-{number}",
            f"Block {number}: {len(lots)} lots",
            ", ".join(lots[:LOTS_NAMED]) + more,
            rows,
        )


def title(row: Activity) -> str:
    if row["lot_id"]:
        return f"Fill {row['lot_id']} ({row['lot_type']})"
    kind = str(row["kind"]).capitalize()
    return (
        f"{kind}: {row['note']}"
        if row["kind"] == "changeover" and row["note"]
        else kind
    )


def event(
    report: Report,
    stamp: vDatetime,
    uid: str,
    name: str,
    text: str,
    rows: Sequence[Activity],
) -> Event:
    made = Event()
    made.add("uid", uid)
    made["dtstamp"] = stamp
    start, end = (
        report.at(rows[0]["start"]).astimezone(UTC),
        report.at(rows[-1]["end"]).astimezone(UTC),
    )
    made.add("dtstart", start)
    # An event may have no end, but not one that is its beginning.
    if end.replace(microsecond=0) > start.replace(microsecond=0):
        made.add("dtend", end)
    made.add("summary", name)
    if text:
        made.add("description", text)
    return made
