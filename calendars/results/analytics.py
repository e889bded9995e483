"""Numbers about what was planned and what went out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate

from scheduling.access import posts_of
from scheduling.domain import states
from scheduling.models.posts import PostQuerySet
from workspaces.models import User, Workspace


@dataclass(frozen=True)
class ChannelRow:
    """One channel's posts in the window: published, failed, still waiting, and the mean
    delay in seconds.
    """

    name: str
    platform: str
    published: int
    failed: int
    waiting: int
    mean_delay: float | None

    @property
    def success(self) -> float | None:
        """Share of finished posts that were published, in percent; None when none has finished."""
        done = self.published + self.failed
        return 100 * self.published / done if done else None


def by_channel(
    user: User,
    workspace: Workspace,
    start: datetime,
    end: datetime,
    account: UUID | None = None,
) -> list[ChannelRow]:
    """One row per channel with posts in [start, end), by name: one query."""
    delay = ExpressionWrapper(
        F("published_at") - F("scheduled_at"), output_field=DurationField()
    )
    rows = (
        _posts(user, workspace, account)
        .between(start, end)
        .order_by()
        .values("account", "account__name", "account__platform")
        .annotate(
            published=Count("pk", filter=Q(state=states.PUBLISHED)),
            failed=Count("pk", filter=Q(state=states.FAILED)),
            waiting=Count(
                "pk",
                filter=Q(state__in=(states.DRAFT, states.SCHEDULED, states.PUBLISHING)),
            ),
            delay=Avg(delay, filter=Q(state=states.PUBLISHED, published_by_hand=False)),
        )
        .order_by("account__name")
    )
    return [
        ChannelRow(
            row["account__name"],
            row["account__platform"],
            row["published"],
            row["failed"],
            row["waiting"],
            row["delay"].total_seconds() if row["delay"] is not None else None,
        )
        for row in rows
    ]


def published_by_day(
    user: User,
    workspace: Workspace,
    days: list[date],
    zone: str,
    account: UUID | None = None,
) -> list[tuple[date, int]]:
    """How many posts went live on each local day: one query."""
    tz = ZoneInfo(zone)
    first = datetime.combine(days[0], datetime.min.time(), tz)
    after = datetime.combine(days[-1] + timedelta(days=1), datetime.min.time(), tz)
    rows = (
        _posts(user, workspace, account)
        .filter(state=states.PUBLISHED, published_at__gte=first, published_at__lt=after)
        .order_by()
        .annotate(day=TruncDate("published_at", tzinfo=tz))
        .values_list("day")
        .annotate(n=Count("pk"))
    )
    counts = dict(rows)
    return [(day, counts.get(day, 0)) for day in days]


@dataclass(frozen=True)
class Counts:
    """Posts with content in a range: all of them, those published and failed, and all
    by platform.
    """

    total: int
    published: int
    failed: int
    by_platform: Mapping[str, int]


def counts_of(
    user: User,
    workspace: Workspace,
    start: date,
    end: date,
    account: UUID | None = None,
) -> Counts:
    """Posts planned for the days [start, end) in UTC, empty slots left out: one query."""
    first, after = (
        datetime.combine(day, datetime.min.time(), UTC) for day in (start, end)
    )
    rows = (
        _posts(user, workspace, account)
        .between(first, after)
        .exclude(state=states.PLANNED)
        .order_by()
        .values("account__platform")
        .annotate(
            n=Count("pk"),
            published=Count("pk", filter=Q(state=states.PUBLISHED)),
            failed=Count("pk", filter=Q(state=states.FAILED)),
        )
    )
    platforms = list(rows)
    return Counts(
        sum(row["n"] for row in platforms),
        sum(row["published"] for row in platforms),
        sum(row["failed"] for row in platforms),
        {row["account__platform"]: row["n"] for row in platforms},
    )


def _posts(user: User, workspace: Workspace, account: UUID | None) -> PostQuerySet:
    rows = posts_of(user, workspace)
    return rows.filter(account=account) if account else rows
