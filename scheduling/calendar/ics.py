"""Posts as an iCalendar file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, timedelta

from icalendar import Calendar, Event

from common.templatetags.marks import state_mark
from scheduling.domain import states
from scheduling.models import Post

# Posts are moments; calendars draw a moment as nothing.
LENGTH = timedelta(minutes=15)
STATUS = {
    states.PLANNED: "TENTATIVE",
    states.DRAFT: "TENTATIVE",
    states.CANCELED: "CANCELLED",
}


def to_ics(name: str, posts: Iterable[Post], address: Callable[[Post], str]) -> bytes:
    """An event for each post that has a time, in UTC. UIDs stay, so a program updates
    what it has.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Slotline//Posting calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add(
        "refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"}
    )
    calendar.add("x-published-ttl", "PT15M")
    for post in posts:
        if post.scheduled_at is not None:
            calendar.add_component(_event(post, address(post)))
    return bytes(calendar.to_ical())


def _event(post: Post, address: str) -> Event:
    at = (post.scheduled_at or post.created_at).astimezone(UTC)
    event = Event()
    event.add("uid", f"post-{post.pk}@slotline")
    event.add("dtstamp", post.updated_at.astimezone(UTC))
    event.add("last-modified", post.updated_at.astimezone(UTC))
    event.add("dtstart", at)
    event.add("dtend", at + LENGTH)
    title = "Empty slot" if post.is_empty else post.content.title
    event.add("summary", f"{title} ({post.account.name})")
    event.add(
        "description",
        f"{state_mark(post.state).text}\n\n{'' if post.is_empty else post.text}".strip(),
    )
    event.add("categories", [post.account.platform_name])
    event.add("status", STATUS.get(post.state, "CONFIRMED"))
    event.add("transp", "TRANSPARENT")
    event.add("url", address)
    return event
