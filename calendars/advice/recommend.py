"""Ranked windows for real dates: what the timing table and a workspace's own results
say, where nothing forbids it.

Hours are learned by the local hour of each channel, and laid out on the clock of the
channels that are advised. What is believed of a platform and format at an instant is
asked in one place (`Week.hour_at`) by everything that gives advice.
"""

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
from zoneinfo import ZoneInfo

import numpy as np

from calendars.advice.access import (
    Kind,
    Wishes,
    histories_for,
    kind_on,
    weights_for,
    wishes_for,
)
from calendars.advice.clocks import Clock
from calendars.timing.learning import Array, Belief, History, cell_of, learn
from calendars.timing.recommending import (
    Hour,
    WeekWindow,
    Window,
    hours_of,
    occurrences,
    week_windows,
)
from scheduling.access import posts_of
from scheduling.closures import Closures, closures
from workspaces.models import Workspace

LONGEST_RANGE = timedelta(days=90)
PLATFORMS = ("youtube", "tiktok", "instagram", "x", "linkedin", "facebook")
QUIET = timedelta(hours=2)
NAMESPACE = uuid.UUID("6f1c2f0a-4a0e-4d6e-9c27-0c5b8f1f4b11")
# Platform, beginning, and the weekday and hour that it has on the channels' clock.
Place = tuple[str, datetime, int, int]


@dataclass(frozen=True)
class RecommendationQuery:
    """What is asked: on which clocks, in [start, end), for which format ("" for the one
    that posts usually have).
    """

    clocks: tuple[Clock, ...]
    start: datetime
    end: datetime
    format: str = ""

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(clock.platform for clock in self.clocks))

    def kind(self, platform: str) -> Kind:
        return kind_on(platform, self.format)


@dataclass(frozen=True)
class Recommendation:
    """A window for the channels of one platform that share a clock, without those that
    are closed then; `key` orders recommendations, the best first, and is the same at
    every call.
    """

    clock: Clock
    window: Window
    is_quiet: bool = False

    @property
    def platform(self) -> str:
        return self.clock.platform

    @property
    def key(self) -> tuple[float, str, str]:
        return (
            -round(self.window.week.value, 6),
            self.window.start.isoformat(),
            self.platform,
        )

    @property
    def id(self) -> uuid.UUID:
        return uuid.uuid5(
            NAMESPACE,
            f"{self.platform} {self.window.start.isoformat()} {self.window.end.isoformat()}",
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        return (
            *self.window.week.reasons,
            *(("low_competition",) if self.is_quiet else ()),
        )

    def explanation(self, zone: str = "") -> str:
        """When it is on the channels' clock, and in the reader's zone if it is given
        and differs, and what speaks for it.
        """
        there, here = (
            self.window.text(self.clock.zone),
            self.window.text(zone or self.clock.zone),
        )
        beside = f" ({here} in {zone_name(zone)})" if here != there else ""
        return f"{there} in {zone_name(self.clock.zone)}{beside}: {self.window.week.evidence}"


def zone_name(zone: str) -> str:
    """`America/New York`."""
    return zone.replace("_", " ")


@dataclass(frozen=True)
class Week:
    """What is believed of a week after results, hour by hour, and the windows that follow."""

    belief: Belief
    hours: tuple[Hour, ...]
    windows: tuple[WeekWindow, ...]

    def hour_at(self, at: datetime, zone: str) -> Hour:
        """What is believed of the hour that it is then on a channel's clock."""
        local = at.astimezone(ZoneInfo(zone))
        return self.hours[cell_of(local.weekday(), local.hour)]


def weeks_for(
    user: Any, workspace: Workspace, kinds: Collection[Kind]
) -> dict[Kind, Week]:
    """What is believed about the weeks of platforms and formats: two queries, however many."""
    tables, results = weights_for(kinds), histories_for(user, workspace, kinds)
    return {kind: week_after(tables[kind], results[kind]) for kind in kinds}


def weeks_about(
    user: Any, workspace: Workspace, platforms: Collection[str], format_: str = ""
) -> dict[str, Week]:
    """The same by platform, for one format, or blank for the one that posts have there
    usually: two queries.
    """
    kinds = {platform: kind_on(platform, format_) for platform in platforms}
    weeks = weeks_for(user, workspace, list(kinds.values()))
    return {platform: weeks[kind] for platform, kind in kinds.items()}


def week_after(weights: Array, history: History) -> Week:
    """The belief after the history."""
    return _week(
        weights.tobytes(),
        history.counts.tobytes(),
        history.sums.tobytes(),
        history.squares.tobytes(),
    )


@lru_cache(maxsize=256)
def _week(weights: bytes, counts: bytes, sums: bytes, squares: bytes) -> Week:
    """Kept by what it is computed from, so there is nothing to invalidate: equal
    numbers are equal beliefs.
    """
    table, *results = (np.frombuffer(part) for part in (weights, counts, sums, squares))
    belief = learn(table, History(*results))
    hours = hours_of(table, belief)
    return Week(belief, tuple(hours), tuple(week_windows(hours, belief)))


def forget_beliefs() -> None:
    """Compute the next ones anew: for measuring."""
    _week.cache_clear()


def recommend(
    user: Any,
    workspace: Workspace,
    wanted: RecommendationQuery,
    weeks: Mapping[str, Week] | None = None,
    most: int | None = None,
) -> list[Recommendation]:
    """Every window of the range in which posts may go out, or the best `most`, the best
    first. The number of queries does not depend on platforms, channels, the range or
    the results; `weeks` spares two when the caller has them.
    """
    closed = closures(workspace.pk, wanted.start, wanted.end)
    kinds = {platform: wanted.kind(platform) for platform in wanted.platforms}
    wishes = wishes_for(user, workspace, list(kinds.values()))
    known = weeks or weeks_about(user, workspace, wanted.platforms, wanted.format)
    allowed = {
        platform: wished(known[platform].windows, wishes[kind])
        for platform, kind in kinds.items()
    }
    choices = [
        (clock, window) for clock in wanted.clocks for window in allowed[clock.platform]
    ]
    found: dict[Place, Recommendation] = {}
    # A window's score is the same on every date, so the dates of the worse ones need
    # not be looked at.
    for _, equals in groupby(sorted(choices, key=_worth), key=_worth):
        for clock, pairs in groupby(equals, key=itemgetter(0)):
            for window in occurrences(
                [window for _, window in pairs], wanted.start, wanted.end, clock.zone
            ):
                _add(found, clock, window, closed)
        if most is not None and len(found) >= most:
            break
    return sorted(found.values(), key=lambda one: one.key)[:most]


def _worth(choice: tuple[Clock, WeekWindow]) -> float:
    return -round(choice[1].value, 6)


def _add(
    found: dict[Place, Recommendation], clock: Clock, window: Window, closed: Closures
) -> None:
    """Add the window for those of the channels that may post when it begins. Zones
    whose clocks are the same have the same windows: they are added once, for the
    channels of all of them.
    """
    channels = tuple(
        channel
        for channel in clock.channels
        if closed.at(channel, window.start) is None
    )
    if clock.channels and not channels:
        return
    place = (clock.platform, window.start, window.week.weekday, window.week.hour)
    known = found.get(place)
    together = (*known.clock.channels, *channels) if known else channels
    zone = known.clock.zone if known else clock.zone
    found[place] = Recommendation(Clock(clock.platform, zone, together), window)


def wished(windows: Sequence[WeekWindow], wishes: Wishes) -> list[WeekWindow]:
    """Those the wishes allow, in all their hours."""
    least = wishes.quality_threshold or 0.0
    return [
        window
        for window in windows
        if window.score >= least
        and all(
            wishes.allows(window.weekday, hour)
            for hour in range(window.hour, window.hour + window.hours)
        )
    ]


def with_competition(
    user: Any, workspace: Workspace, found: Sequence[Recommendation]
) -> list[Recommendation]:
    """The same, told which have no other post of the workspace near: one query."""
    if not found:
        return []
    first, last = (
        min(one.window.start for one in found),
        max(one.window.end for one in found),
    )
    rows = (
        posts_of(user, workspace)
        .between(first - QUIET, last + QUIET)
        .order_by("scheduled_at")
    )
    taken: dict[str, list[datetime]] = {one.platform: [] for one in found}
    for platform, at in rows.values_list("account__platform", "scheduled_at"):
        if platform in taken and at is not None:
            taken[platform].append(at)
    return [
        replace(one, is_quiet=_is_quiet(one.window, taken[one.platform]))
        for one in found
    ]


def _is_quiet(window: Window, taken: Sequence[datetime]) -> bool:
    """Whether none of the ascending times is near the window."""
    place = bisect_right(taken, window.start - QUIET)
    return place == len(taken) or taken[place] >= window.end + QUIET
