"""Free instants: full hours at which none of some channels is closed, has a post, or
one nearer than the spacing.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from common.errors import Conflict
from scheduling.closures import closures
from scheduling.domain import states
from scheduling.models import ChannelAccount, Post

FARTHEST = timedelta(days=366 * 2)
# A post in one of these keeps others at a distance; an empty or a canceled one only
# takes its own instant.
STANDING = (
    states.DRAFT,
    states.SCHEDULED,
    states.PUBLISHING,
    states.UNCERTAIN,
    states.PUBLISHED,
)


def whole_hour(moment: datetime, zone: str) -> datetime:
    """The beginning of the hour on that zone's clock; aware."""
    return moment.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)


def free_instants(
    accounts: Collection[ChannelAccount],
    base: datetime,
    hours: int,
    zone: str,
    count: int = 1,
) -> list[datetime]:
    """The first `count` free instants from the hour of `base` on, at least `hours`
    apart, none of them past.

    Free on every one of the channels, which are of one workspace. Raises Conflict when
    there are fewer in two years.
    """
    now = timezone.now()
    spacing = timedelta(hours=hours)
    first = whole_hour(base, zone)
    candidates = _candidates(max(first, whole_hour(now, zone)), spacing, now)
    instants = list(islice(_free(candidates, accounts, spacing), count))
    if len(instants) < count:
        raise Conflict("There is no free slot within two years.")
    return instants


def _candidates(
    first: datetime, spacing: timedelta, now: datetime
) -> Iterator[datetime]:
    """Every `spacing` from `first` on, counted in elapsed time; those that have passed
    are left out.
    """
    zone = first.tzinfo
    moment = first
    while moment <= now + FARTHEST:
        if moment >= now:
            yield moment
        moment = (moment.astimezone(ZoneInfo("UTC")) + spacing).astimezone(zone)


def _free(
    candidates: Iterator[datetime],
    accounts: Collection[ChannelAccount],
    spacing: timedelta,
) -> Iterator[datetime]:
    now = timezone.now()
    taken_instants, near = _busy(accounts, now - spacing)
    workspace = next((account.workspace_id for account in accounts), 0)
    closed = closures(workspace, now, now + FARTHEST)
    for moment in candidates:
        if (
            moment in taken_instants
            or _crowded(near, moment, spacing)
            or any(closed.at(account, moment) for account in accounts)
        ):
            continue
        insort(near, moment)
        yield moment


def _crowded(near: list[datetime], moment: datetime, spacing: timedelta) -> bool:
    """Whether one of the sorted instants is nearer than the spacing."""
    place = bisect_left(near, moment)
    return any(
        abs(other - moment) < spacing for other in near[max(place - 1, 0) : place + 1]
    )


def _busy(
    accounts: Collection[ChannelAccount], since: datetime
) -> tuple[set[datetime], list[datetime]]:
    """Instants that a post of the channels has, and, sorted, those of posts that keep a
    distance: one query.
    """
    rows = Post.objects.filter(Q(account__in=accounts), scheduled_at__gte=since)
    by_time = rows.order_by("scheduled_at").values_list("scheduled_at", "state")
    placed = [(at, state) for at, state in by_time if at]
    every_instant = {at for at, _ in placed}
    standing = [at for at, state in placed if state in STANDING]
    return every_instant, standing
