"""How posts did in a range: sums over the hours in which they went out, by day, hour,
platform, format and channel.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils import timezone

from calendars.models import HourResult
from common.templatetags.marks import platform_mark
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

LEAST_SAMPLES = 3
BEST_TIMES = 5
MANY_EVENTS = 10
FEW_EVENTS = 5
RECENT_DAYS = 30


@dataclass(frozen=True)
class Sums:
    """What posts came to: how many were measured, how many with a known engagement
    rate, the sum of those rates.
    """

    posts: int = 0
    rated: int = 0
    rate_sum: float = 0.0
    views: int = 0
    impressions: int = 0
    clicks: int = 0
    saves: int = 0
    shares: int = 0
    comments: int = 0
    watch_time_seconds: float = 0.0

    @property
    def rate(self) -> float | None:
        """The mean engagement rate (0..1); None when none is known."""
        return self.rate_sum / self.rated if self.rated else None

    @property
    def percent(self) -> float | None:
        """The mean rate in percent; None where nothing is rated."""
        return None if self.rate is None else 100 * self.rate

    @property
    def interactions(self) -> int:
        """All that people did with the posts but watch."""
        return self.clicks + self.saves + self.shares + self.comments

    def __add__(self, other: Sums) -> Sums:
        sums = {name: getattr(self, name) + getattr(other, name) for name in COLUMNS}
        return Sums(**sums)


NOTHING = Sums()
COLUMNS = tuple(field.name for field in fields(Sums))


@dataclass(frozen=True)
class Range:
    """Local days [start, end) of the channels; `account` narrows it to one channel."""

    start: date
    end: date
    account: UUID | None = None


@dataclass(frozen=True)
class BestTime:
    """A local hour with enough posts: mean engagement (0..1) and how many posts it is
    the mean of.
    """

    hour: int
    engagement: float
    sample: int


@dataclass(frozen=True)
class Results:
    """The same posts summed in different ways; weekdays are 0 (Monday) to 6."""

    total: Sums
    by_day: Mapping[date, Sums]
    by_hour: Mapping[tuple[int, int], Sums]
    by_platform: Mapping[str, Sums]
    by_format: Mapping[str, Sums]
    recent: int

    @property
    def best_times(self) -> list[BestTime]:
        """The hours of the day that did best, on the channels' clocks."""
        return best_times((hour, sums) for (_, hour), sums in self.by_hour.items())

    @property
    def sentences(self) -> list[str]:
        """What the results say, in words."""
        return sentences(self)


def results_of(user: User, workspace: Workspace, period: Range) -> Results:
    """What the workspace's posts of the range came to: four queries, whatever there is.

    Raises as `require_role` does for whoever may not look.
    """
    require_role(user, workspace, Role.VIEWER)
    rows = HourResult.objects.filter(account__workspace=workspace)
    if period.account:
        rows = rows.filter(account=period.account)
    inside = rows.filter(date__gte=period.start, date__lt=period.end)
    kinds = _grouped(inside, "platform", "format")
    return Results(
        total=sum(kinds.values(), NOTHING),
        by_day={day: sums for (day,), sums in _grouped(inside, "date").items()},
        by_hour=_grouped(inside, "weekday", "hour"),
        by_platform=added((platform, sums) for (platform, _), sums in kinds.items()),
        by_format=added((format_, sums) for (_, format_), sums in kinds.items()),
        recent=_recent_posts(rows),
    )


def _recent_posts(rows: QuerySet[HourResult]) -> int:
    """How many were measured in the last days: one query."""
    since = timezone.now().date() - timedelta(days=RECENT_DAYS)
    return rows.filter(date__gte=since).aggregate(posts=Sum("posts"))["posts"] or 0


def _grouped(rows: QuerySet[HourResult], *names: str) -> dict[Any, Sums]:
    """Sums by the values of these fields, a tuple, in their order: one query."""
    # An alias may not have the name of a field that it sums.
    columns = {f"sum_{name}": Sum(name) for name in COLUMNS}
    groups = rows.order_by(*names).values_list(*names).annotate(**columns)
    sums_by_key = {}
    for row in groups:
        key = row[: len(names)]
        values = row[len(names) :]
        sums_by_key[key] = Sums(*(value or 0 for value in values))
    return sums_by_key


def added(parts: Iterable[tuple[Any, Sums]]) -> dict[Any, Sums]:
    """The sums of each key."""
    totals: dict[Any, Sums] = defaultdict(Sums)
    for key, sums in parts:
        totals[key] += sums
    return dict(totals)


def best_times(parts: Iterable[tuple[int, Sums]]) -> list[BestTime]:
    """Up to five hours with at least three posts, those with the best engagement first."""
    hours = added(parts)
    enough = [
        BestTime(hour, sums.rate, sums.rated)
        for hour, sums in hours.items()
        if sums.rate is not None and sums.rated >= LEAST_SAMPLES
    ]
    enough.sort(key=lambda time: (-time.engagement, time.hour))
    return enough[:BEST_TIMES]


def sentences(results: Results) -> list[str]:
    """Advice in words that the numbers give; none where they give none."""
    platforms = {
        platform_mark(name).name: sums for name, sums in results.by_platform.items()
    }
    formats = {
        name.capitalize(): sums for name, sums in results.by_format.items() if name
    }
    texts = (
        _best_hour(results),
        _comparison(platforms),
        _comparison(formats),
        _call_for_more(results.recent),
    )
    return [text for text in texts if text]


def _best_hour(results: Results) -> str:
    """A sentence about the best hour, once there are enough posts; else blank."""
    best_times = results.best_times
    if results.total.posts <= MANY_EVENTS or not best_times:
        return ""
    best = best_times[0]
    return (
        f"Posts at {best.hour:02}:00 on the channel’s clock do best: "
        f"{best.engagement:.1%} engagement over {best.sample} posts."
    )


def _comparison(parts: Mapping[str, Sums]) -> str:
    """A sentence about the best and the worst, blank where they are the same."""
    rates = [(sums.rate, name) for name, sums in parts.items() if sums.rate is not None]
    if len(rates) < 2:
        return ""
    most, best = max(rates)
    least, worst = min(rates)
    if most == least:
        return ""
    return (
        f"{best} does best with {most:.1%} engagement, {worst} least with {least:.1%}."
    )


def _call_for_more(posts: int) -> str:
    """A sentence for few posts of late, else blank."""
    if posts >= FEW_EVENTS:
        return ""
    return (
        f"Only {posts} measured posts in the last {RECENT_DAYS} "
        "days: more make advice that holds."
    )


def ranked(parts: Mapping[str, Sums]) -> Sequence[tuple[str, Sums]]:
    """The best first, those without a rate last."""
    return sorted(parts.items(), key=_rank)


def _rank(part: tuple[str, Sums]) -> tuple[bool, float, str]:
    """Less for what does better; of two that do equally well, by name."""
    name, sums = part
    return sums.rate is None, -(sums.rate or 0), name
