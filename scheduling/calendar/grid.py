"""What stands where in a calendar: posts in days and hours, how many there are, and
what is closed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from scheduling.access import posts_of
from scheduling.calendar.filters import Filters
from scheduling.closures import Closures, closures
from scheduling.domain import states
from scheduling.domain.hours import DAY, MONTH, Frame, hours_of, midnight
from scheduling.models import Blackout, ChannelAccount, Post
from workspaces.models import User, Workspace

# So many are shown of a day or an hour that has more; of an hour fewer when its week is
# crowded, so that the page stays small.
MOST_SHOWN = 4
CROWDED = 600
MOST_OF_CROWDED = 2
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
        """How many posts there are that are not shown."""
        return self.total - len(self.posts)

    @property
    def iso(self) -> str:
        """Its start in ISO 8601, as scripts take it."""
        return self.start.isoformat()

    @property
    def end_iso(self) -> str:
        """Its end in ISO 8601."""
        return self.end.isoformat()


@dataclass(frozen=True)
class Grid:
    """Boxes in order of time, and how many posts of each state there are without the
    filter of states.
    """

    boxes: list[Box]
    counts: dict[str, int]


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
    user: User,
    workspace: Workspace,
    frame: Frame,
    filters: Filters,
    accounts: Sequence[ChannelAccount],
) -> Grid:
    """The calendar's page. Of ten thousand posts only those that are shown are read
    whole: three queries in all.
    """
    boxes = boxes_of(frame)
    rows = filters.narrow(posts_of(user, workspace), by_state=False)
    in_order = rows.between(frame.start, frame.end).order_by("scheduled_at", "pk")
    placed = list(in_order.values_list("pk", "scheduled_at", "state"))
    passed = [
        (pk, at)
        for pk, at, state in placed
        if at and (not filters.states or state in filters.states)
    ]
    _put(user, workspace, boxes, passed)
    concerned = [account for account in accounts if filters.concerns(account)]
    close(boxes, concerned, closures(workspace.pk, frame.start, frame.end))
    numbers = Counter(state for _, _, state in placed)
    counts = {state: numbers[state] for state in states.POST.states if numbers[state]}
    return Grid(boxes, counts)


def _put(
    user: User,
    workspace: Workspace,
    boxes: Sequence[Box],
    placed: Iterable[tuple[UUID, datetime]],
) -> None:
    starts = [box.start for box in boxes]
    keys_in: list[list[UUID]] = [[] for _ in boxes]
    for pk, at in placed:
        keys_in[bisect_right(starts, at) - 1].append(pk)
    is_crowded = len(boxes) > FEW_BOXES and sum(map(len, keys_in)) > CROWDED
    most = MOST_OF_CROWDED if is_crowded else MOST_SHOWN
    # "One more" would take as much room as the one.
    first_in = [keys if len(keys) <= most + 1 else keys[:most] for keys in keys_in]
    posts = posts_of(user, workspace).in_bulk([*chain.from_iterable(first_in)])
    for box, keys, first in zip(boxes, keys_in, first_in, strict=True):
        box.total = len(keys)
        # One that was deleted between the queries is simply gone.
        box.posts = [posts[key] for key in first if key in posts]


def close(
    boxes: Iterable[Box], accounts: Sequence[ChannelAccount], closed_times: Closures
) -> None:
    """Say in each box which of its time is closed, and for whom."""
    if not accounts or not closed_times.closed:
        return
    for box in boxes:
        closed_accounts, blackouts = _closed_in(box, accounts, closed_times)
        if closed_accounts:
            is_all = len(closed_accounts) == len(accounts)
            box.closed = "all" if is_all else "some"
            reasons = {f"{blackout} ({blackout.scope})" for blackout in blackouts}
            box.why = ", ".join(sorted(reasons))


def _closed_in(
    box: Box, accounts: Sequence[ChannelAccount], closed_times: Closures
) -> tuple[set[UUID], set[Blackout]]:
    """Channels that are closed for some of the box's time, and the blackouts they are
    closed by.
    """
    closed_accounts = set()
    blackouts = set()
    for touching in closed_times.closed:
        if touching.end <= box.start or touching.start >= box.end:
            continue
        moment = max(touching.start, box.start)
        for account in accounts:
            closure = closed_times.at(account, moment)
            if closure is not None:
                closed_accounts.add(account.pk)
                blackouts.add(closure.blackout)
    return closed_accounts, blackouts


def days_of(posts: Iterable[Post], zone: Any) -> list[tuple[date, list[Post]]]:
    """Posts in order of time by their local day."""
    by_day: dict[date, list[Post]] = {}
    for post in posts:
        if post.scheduled_at is not None:
            day = post.scheduled_at.astimezone(zone).date()
            by_day.setdefault(day, []).append(post)
    return list(by_day.items())
