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
from operator import attrgetter, itemgetter
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
from common.grouping import grouped
from common.zones import zone_name
from scheduling.access import posts_of
from scheduling.closures import Closures, closures
from workspaces.models import User, Workspace

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
        """The platforms that are asked about, each once, in order."""
        return tuple(dict.fromkeys(clock.platform for clock in self.clocks))

    def kind(self, platform: str) -> Kind:
        """The platform with the format that is asked about, or its usual one."""
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
        """Where it is for."""
        return self.clock.platform

    @property
    def key(self) -> tuple[float, str, str]:
        """Sorts the best first, then the soonest; unique among recommendations."""
        return (
            -round(self.window.week.value, 6),
            self.window.start.isoformat(),
            self.platform,
        )

    @property
    def id(self) -> uuid.UUID:
        """The same for the same platform and window, whenever it is asked for."""
        return uuid.uuid5(
            NAMESPACE,
            f"{self.platform} {self.window.start.isoformat()} {self.window.end.isoformat()}",
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes of what speaks for it; see `reasons`."""
        return (
            *self.window.week.reasons,
            *(("low_competition",) if self.is_quiet else ()),
        )

    def explanation(self, zone: str = "") -> str:
        """When it is on the channels' clock, and in the reader's zone if it is given
        and differs, and what speaks for it.
        """
        there = self._text_in(self.clock.zone)
        return f"{there}{self._beside(zone)}: {self.window.week.evidence}"

    def _beside(self, zone: str) -> str:
        """When it is there, in parentheses; blank where the channels' clock shows the
        same.
        """
        if not zone or self.window.text(zone) == self.window.text(self.clock.zone):
            return ""
        return f" ({self._text_in(zone)})"

    def _text_in(self, zone: str) -> str:
        """When it is there, and whose clock that is."""
        return f"{self.window.text(zone)} in {zone_name(zone)}"


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
    user: User, workspace: Workspace, kinds: Collection[Kind]
) -> dict[Kind, Week]:
    """What is believed about the weeks of platforms and formats: two queries, however many."""
    tables = weights_for(kinds)
    results = histories_for(user, workspace, kinds)
    return {kind: week_after(tables[kind], results[kind]) for kind in kinds}


def weeks_about(
    user: User, workspace: Workspace, platforms: Collection[str], format_: str = ""
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
    user: User,
    workspace: Workspace,
    query: RecommendationQuery,
    weeks: Mapping[str, Week] | None = None,
    most: int | None = None,
) -> list[Recommendation]:
    """Every window of the range in which posts may go out, or the best `most`, the best
    first. The number of queries does not depend on platforms, channels, the range or
    the results; `weeks` spares two when the caller has them.
    """
    closed = closures(workspace.pk, query.start, query.end)
    weeks = weeks or weeks_about(user, workspace, query.platforms, query.format)
    choices = _choices(user, workspace, query, weeks)
    by_place: dict[Place, Recommendation] = {}
    # A window's score is the same on every date, so the dates of the worse ones need
    # not be looked at.
    for _, equals in groupby(sorted(choices, key=_worth), key=_worth):
        for clock, pairs in groupby(equals, key=itemgetter(0)):
            windows = [window for _, window in pairs]
            for occurrence in occurrences(windows, query.start, query.end, clock.zone):
                _add(by_place, clock, occurrence, closed)
        if most is not None and len(by_place) >= most:
            break
    return sorted(by_place.values(), key=attrgetter("key"))[:most]


def _choices(
    user: User,
    workspace: Workspace,
    query: RecommendationQuery,
    weeks: Mapping[str, Week],
) -> list[tuple[Clock, WeekWindow]]:
    """The windows that are wished for, on every clock of their platforms."""
    kinds = {platform: query.kind(platform) for platform in query.platforms}
    wishes = wishes_for(user, workspace, list(kinds.values()))
    windows = {
        platform: wished(weeks[platform].windows, wishes[kind])
        for platform, kind in kinds.items()
    }
    return [
        (clock, window) for clock in query.clocks for window in windows[clock.platform]
    ]


def _worth(choice: tuple[Clock, WeekWindow]) -> float:
    """Less for better windows; alike for those that differ by nothing anybody sees."""
    return -round(choice[1].value, 6)


def _add(
    by_place: dict[Place, Recommendation],
    clock: Clock,
    window: Window,
    closed: Closures,
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
    earlier = by_place.get(place)
    together = (*earlier.clock.channels, *channels) if earlier else channels
    zone = earlier.clock.zone if earlier else clock.zone
    by_place[place] = Recommendation(Clock(clock.platform, zone, together), window)


def wished(windows: Sequence[WeekWindow], wishes: Wishes) -> list[WeekWindow]:
    """Those the wishes allow, in all their hours."""
    good = [window for window in windows if window.score >= wishes.least_score]
    return [window for window in good if _is_allowed(window, wishes)]


def _is_allowed(window: WeekWindow, wishes: Wishes) -> bool:
    """Whether no hour of the window is off."""
    hours = range(window.hour, window.hour + window.hours)
    return all(wishes.allows(window.weekday, hour) for hour in hours)


def with_competition(
    user: User, workspace: Workspace, recommendations: Sequence[Recommendation]
) -> list[Recommendation]:
    """The same, told which have no other post of the workspace near: one query."""
    if not recommendations:
        return []
    windows = [recommendation.window for recommendation in recommendations]
    times = _times_near(user, workspace, windows)
    return [
        replace(
            recommendation,
            is_quiet=_is_quiet(
                recommendation.window, times.get(recommendation.platform, ())
            ),
        )
        for recommendation in recommendations
    ]


def _times_near(
    user: User, workspace: Workspace, windows: Sequence[Window]
) -> dict[str, list[datetime]]:
    """When posts go out near the windows, by platform, ascending: one query."""
    first = min(window.start for window in windows)
    last = max(window.end for window in windows)
    posts = posts_of(user, workspace).between(first - QUIET, last + QUIET)
    rows = posts.order_by("scheduled_at").values_list(
        "account__platform", "scheduled_at"
    )
    return grouped((platform, at) for platform, at in rows if at is not None)


def _is_quiet(window: Window, times: Sequence[datetime]) -> bool:
    """Whether none of the ascending times is near the window."""
    place = bisect_right(times, window.start - QUIET)
    return place == len(times) or times[place] >= window.end + QUIET
