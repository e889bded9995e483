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
from workspaces.models import Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

LEAST_SAMPLES, BEST_TIMES = 3, 5
MANY_EVENTS, FEW_EVENTS, RECENT_DAYS = 10, 5, 30


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
        return None if self.rate is None else 100 * self.rate

    @property
    def interactions(self) -> int:
        return self.clicks + self.saves + self.shares + self.comments

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            *(
                getattr(self, one.name) + getattr(other, one.name)
                for one in fields(Sums)
            )
        )


NOTHING = Sums()
COLUMNS = tuple(one.name for one in fields(Sums))


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
        return best_times((hour, sums) for (_, hour), sums in self.by_hour.items())

    @property
    def sentences(self) -> list[str]:
        return sentences(self)


def results_of(user: Any, workspace: Workspace, asked: Range) -> Results:
    """What the workspace's posts of the range came to: four queries, whatever there is."""
    require_role(user, workspace, Role.VIEWER)
    rows = HourResult.objects.filter(account__workspace=workspace)
    if asked.account:
        rows = rows.filter(account=asked.account)
    inside = rows.filter(date__gte=asked.start, date__lt=asked.end)
    kinds = _grouped(inside, "platform", "format")
    since = timezone.now().date() - timedelta(days=RECENT_DAYS)
    return Results(
        total=sum((sums for _, sums in kinds), NOTHING),
        by_day={key[0]: sums for key, sums in _grouped(inside, "date")},
        by_hour={
            (key[0], key[1]): sums for key, sums in _grouped(inside, "weekday", "hour")
        },
        by_platform=added((key[0], sums) for key, sums in kinds),
        by_format=added((key[1], sums) for key, sums in kinds),
        recent=rows.filter(date__gte=since).aggregate(n=Sum("posts"))["n"] or 0,
    )


def _grouped(
    rows: QuerySet[HourResult], *names: str
) -> list[tuple[tuple[Any, ...], Sums]]:
    # An alias may not have the name of a field that it sums.
    sums = {f"sum_{name}": Sum(name) for name in COLUMNS}
    found = rows.order_by(*names).values(*names).annotate(**sums)
    return [
        (
            tuple(row[name] for name in names),
            Sums(*(row[f"sum_{name}"] or 0 for name in COLUMNS)),
        )
        for row in found
    ]


def added(parts: Iterable[tuple[Any, Sums]]) -> dict[Any, Sums]:
    """The sums of each key."""
    found: dict[Any, Sums] = defaultdict(Sums)
    for key, sums in parts:
        found[key] = found[key] + sums
    return dict(found)


def best_times(parts: Iterable[tuple[int, Sums]]) -> list[BestTime]:
    """Up to five hours with at least three posts, those with the best engagement first."""
    hours = added(parts)
    enough = [
        BestTime(hour, sums.rate, sums.rated)
        for hour, sums in hours.items()
        if sums.rate is not None and sums.rated >= LEAST_SAMPLES
    ]
    return sorted(enough, key=lambda one: (-one.engagement, one.hour))[:BEST_TIMES]


def sentences(results: Results) -> list[str]:
    """Advice in words that the numbers give; none where they give none."""
    said = []
    best = results.best_times
    if results.total.posts > MANY_EVENTS and best:
        said.append(
            f"Posts at {best[0].hour:02}:00 on the channel’s clock do best: "
            f"{best[0].engagement:.1%} engagement over "
            f"{best[0].sample} posts."
        )
    platforms = {
        platform_mark(name).name: sums for name, sums in results.by_platform.items()
    }
    formats = {
        name.capitalize(): sums for name, sums in results.by_format.items() if name
    }
    said += _compared(platforms) + _compared(formats)
    if results.recent < FEW_EVENTS:
        said.append(
            f"Only {results.recent} measured posts in the last {RECENT_DAYS} "
            "days: more make advice that holds."
        )
    return said


def _compared(parts: Mapping[str, Sums]) -> list[str]:
    known = sorted(
        ((sums.rate, name) for name, sums in parts.items() if sums.rate is not None),
        reverse=True,
    )
    if len(known) < 2 or known[0][0] == known[-1][0]:
        return []
    (most, best), (least, worst) = known[0], known[-1]
    return [
        f"{best} does best with {most:.1%} engagement, {worst} least with {least:.1%}."
    ]


def ranked(parts: Mapping[str, Sums]) -> Sequence[tuple[str, Sums]]:
    """The best first, those without a rate last."""
    return sorted(
        parts.items(),
        key=lambda part: (part[1].rate is None, -(part[1].rate or 0), part[0]),
    )
