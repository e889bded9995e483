"""What stands where in a calendar: posts in days and hours, how many there are, and
what is closed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from scheduling.access import posts_of
from scheduling.calendar.filters import Filters
from scheduling.closures import Closures, closures
from scheduling.domain import states
from scheduling.domain.hours import DAY, MONTH, Frame, hours_of, midnight
from scheduling.models import ChannelAccount, Post
from workspaces.models import Workspace

# So many are shown of a day or an hour that has more; of an hour fewer when its week is
# crowded, so that the page stays small.
MOST_SHOWN, CROWDED, MOST_OF_CROWDED = 4, 600, 2
# The days of a month.
FEW_BOXES = 42


@dataclass
class Box:
    """A day of a month, or an hour of a day: the first of its posts, how many it has,
    and what is closed in it.

    `closed` is "all" when every channel that is looked at is closed, "some" when one
    is, else blank.
    """

    day: date
    start: datetime
    end: datetime
    label: str = ""
    hour: int = 0
    posts: list[Post] = field(default_factory=list)
    total: int = 0
    closed: str = ""
    why: str = ""

    @property
    def more(self) -> int:
        return self.total - len(self.posts)

    @property
    def iso(self) -> str:
        return self.start.isoformat()

    @property
    def end_iso(self) -> str:
        return self.end.isoformat()


@dataclass(frozen=True)
class Grid:
    """Boxes in order of time, and how many posts of each state there are without the
    filter of states.
    """

    boxes: list[Box]
    counts: dict[str, int]

    def of_day(self, day: date) -> list[Box]:
        return [box for box in self.boxes if box.day == day]


def boxes_of(frame: Frame) -> list[Box]:
    """The empty boxes of a frame: days for a month, hours for a week or a day."""
    if frame.view == MONTH:
        return [
            Box(day, midnight(day, frame.zone), midnight(day + DAY, frame.zone))
            for day in frame.days
        ]
    hours = (hour for day in frame.days for hour in hours_of(day, frame.zone))
    return [
        Box(hour.day, hour.start, hour.end, hour.label, hour.hour) for hour in hours
    ]


def grid(
    user: Any,
    workspace: Workspace,
    frame: Frame,
    filters: Filters,
    accounts: Sequence[ChannelAccount],
) -> Grid:
    """The calendar's page. Of ten thousand posts only those that are shown are read
    whole: three queries in all.
    """
    boxes = boxes_of(frame)
    rows = filters.narrow(posts_of(user, workspace), by_state=False).between(
        frame.start, frame.end
    )
    found = list(
        rows.order_by("scheduled_at", "pk").values_list("pk", "scheduled_at", "state")
    )
    counted = Counter(state for _, _, state in found)
    passed = [
        (pk, at)
        for pk, at, state in found
        if at and (not filters.states or state in filters.states)
    ]
    _put(user, workspace, boxes, passed)
    concerned = [one for one in accounts if filters.concerns(one)]
    close(boxes, concerned, closures(workspace.pk, frame.start, frame.end))
    return Grid(
        boxes, {state: counted[state] for state in states.POST.states if counted[state]}
    )


def _put(
    user: Any,
    workspace: Workspace,
    boxes: Sequence[Box],
    found: Iterable[tuple[UUID, datetime]],
) -> None:
    starts = [box.start for box in boxes]
    held: list[list[UUID]] = [[] for _ in boxes]
    for pk, at in found:
        held[bisect_right(starts, at) - 1].append(pk)
    is_crowded = len(boxes) > FEW_BOXES and sum(map(len, held)) > CROWDED
    most = MOST_OF_CROWDED if is_crowded else MOST_SHOWN
    shown = [pks if len(pks) <= most + 1 else pks[:most] for pks in held]
    posts = posts_of(user, workspace).in_bulk([pk for pks in shown for pk in pks])
    for box, pks, first in zip(boxes, held, shown, strict=True):
        box.total = len(pks)
        # One that was deleted between the queries is simply gone.
        box.posts = [posts[pk] for pk in first if pk in posts]


def close(
    boxes: Iterable[Box], accounts: Sequence[ChannelAccount], found: Closures
) -> None:
    """Say in each box which of its time is closed, and for whom."""
    if not accounts or not found.closed:
        return
    for box in boxes:
        touching = [
            one for one in found.closed if one.start < box.end and one.end > box.start
        ]
        holding = {
            (account.pk, closure.blackout)
            for one in touching
            for account in accounts
            if (closure := found.at(account, max(one.start, box.start))) is not None
        }
        if holding:
            box.closed = (
                "all" if len({pk for pk, _ in holding}) == len(accounts) else "some"
            )
            reasons = sorted(
                {f"{blackout} ({blackout.scope})" for _, blackout in holding}
            )
            box.why = ", ".join(reasons)


def days_of(posts: Iterable[Post], zone: Any) -> list[tuple[date, list[Post]]]:
    """Posts in order of time by their local day."""
    by_day: dict[date, list[Post]] = {}
    for post in posts:
        if post.scheduled_at is not None:
            by_day.setdefault(post.scheduled_at.astimezone(zone).date(), []).append(
                post
            )
    return list(by_day.items())
