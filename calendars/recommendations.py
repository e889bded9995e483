"""Ranked windows for real dates: what the timing table and a workspace's own results say, where nothing forbids it."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from calendars.selectors.timing import Wishes, histories_on, weights_on, wishes_on
from calendars.timing.learning import Array, Belief, History, learn
from calendars.timing.recommending import Hour, WeekWindow, Window, hours_of, occurrences, week_windows
from scheduling.closures import closures
from scheduling.models import ChannelAccount
from scheduling.selectors import posts_of
from workspaces.models import Workspace

LONGEST_RANGE = timedelta(days=90)
PLATFORMS = ("youtube", "tiktok", "instagram", "x", "linkedin", "facebook")
QUIET = timedelta(hours=2)
NAMESPACE = uuid.UUID("6f1c2f0a-4a0e-4d6e-9c27-0c5b8f1f4b11")


@dataclass(frozen=True)
class Wanted:
    """What is asked: platforms (catalogue ids), [start, end), the zone whose hours count, format ("" for any)."""

    platforms: tuple[str, ...]
    start: datetime
    end: datetime
    zone: str
    format: str = ""


@dataclass(frozen=True)
class Recommendation:
    """A window on one platform; `key` orders recommendations, the best first, and is the same at every call."""

    platform: str
    window: Window
    is_quiet: bool = False

    @property
    def key(self) -> tuple[float, str, str]:
        return -round(self.window.week.value, 6), self.window.start.isoformat(), self.platform

    @property
    def id(self) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, f"{self.platform} {self.window.start.isoformat()} {self.window.end.isoformat()}")

    @property
    def reasons(self) -> tuple[str, ...]:
        return (*self.window.week.reasons, *(("low_competition",) if self.is_quiet else ()))


@dataclass(frozen=True)
class Week:
    """What is believed of a week after results, hour by hour, and the windows that follow."""

    belief: Belief
    hours: tuple[Hour, ...]
    windows: tuple[WeekWindow, ...]


def week_about(user: Any, workspace: Workspace, platform: str, format_: str = "") -> Week:
    """What is believed about a platform's week, and its windows: two queries."""
    return weeks_about(user, workspace, [platform], format_)[platform]


def weeks_about(user: Any, workspace: Workspace, platforms: Collection[str], format_: str = "") -> dict[str, Week]:
    """As `week_about`, for several platforms: two queries."""
    tables, results = weights_on(platforms, format_), histories_on(user, workspace, platforms, format_)
    return {platform: week_after(tables[platform], results[platform]) for platform in platforms}


def week_after(weights: Array, history: History) -> Week:
    """The belief after the history."""
    return _week(weights.tobytes(), history.counts.tobytes(), history.sums.tobytes(), history.squares.tobytes())


@lru_cache(maxsize=256)
def _week(weights: bytes, counts: bytes, sums: bytes, squares: bytes) -> Week:
    """Kept by what it is computed from, so there is nothing to invalidate: equal numbers are equal beliefs."""
    table, *results = (np.frombuffer(part) for part in (weights, counts, sums, squares))
    belief = learn(table, History(*results))
    hours = hours_of(table, belief)
    return Week(belief, tuple(hours), tuple(week_windows(hours, belief)))


def forget_beliefs() -> None:
    """Compute the next ones anew: for measuring."""
    _week.cache_clear()


def recommend(
    user: Any, workspace: Workspace, wanted: Wanted, weeks: Mapping[str, Week] | None = None, most: int | None = None
) -> list[Recommendation]:
    """Every window of the range in which posts may go out, or the best `most`, the best first. The number of queries
    does not depend on the platforms, the range or the results; `weeks` spares two when the caller has them."""
    closed = closures(workspace.pk, wanted.start, wanted.end)
    accounts = list(ChannelAccount.objects.filter(workspace=workspace, platform__in=wanted.platforms).active())
    weeks = weeks or weeks_about(user, workspace, wanted.platforms, wanted.format)
    wishes = wishes_on(user, workspace, wanted.platforms, wanted.format)
    allowed = [(p, window) for p in wanted.platforms for window in wished(weeks[p].windows, wishes[p])]
    found: list[Recommendation] = []
    # A window's score is the same on every date, so the dates of the worse ones need not be looked at.
    for _, equals in groupby(sorted(allowed, key=_worth), key=_worth):
        for platform, windows in groupby(equals, key=itemgetter(0)):
            mine = [account for account in accounts if account.platform == platform]
            dated = occurrences([one for _, one in windows], wanted.start, wanted.end, wanted.zone)
            # A window is of use as long as one channel may post in it.
            found += [
                Recommendation(platform, window)
                for window in dated
                if not mine or any(closed.at(account, window.start) is None for account in mine)
            ]
        if most is not None and len(found) >= most:
            break
    return sorted(found, key=lambda one: one.key)[:most]


def _worth(choice: tuple[str, WeekWindow]) -> float:
    return -round(choice[1].value, 6)


def wished(windows: Sequence[WeekWindow], wishes: Wishes) -> list[WeekWindow]:
    """Those the wishes allow, in all their hours."""
    least = wishes.quality_threshold or 0.0
    return [
        window
        for window in windows
        if window.score >= least
        and all(wishes.allows(window.weekday, hour) for hour in range(window.hour, window.hour + window.hours))
    ]


def with_competition(user: Any, workspace: Workspace, found: Sequence[Recommendation]) -> list[Recommendation]:
    """The same, told which have no other post of the workspace near: one query."""
    if not found:
        return []
    first, last = min(one.window.start for one in found), max(one.window.end for one in found)
    rows = posts_of(user, workspace).between(first - QUIET, last + QUIET).order_by("scheduled_at")
    taken: dict[str, list[datetime]] = {one.platform: [] for one in found}
    for platform, at in rows.values_list("account__platform", "scheduled_at"):
        if platform in taken and at is not None:
            taken[platform].append(at)
    return [replace(one, is_quiet=_is_quiet(one.window, taken[one.platform])) for one in found]


def _is_quiet(window: Window, taken: Sequence[datetime]) -> bool:
    """Whether none of the ascending times is near the window."""
    place = bisect_right(taken, window.start - QUIET)
    return place == len(taken) or taken[place] >= window.end + QUIET
