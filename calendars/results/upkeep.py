"""What workers do for results: forget what is old, add up what is learned from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from calendars.models import HourResult, KpiEvent, WeekResult
from common.mappings import Values
from scheduling.models import ChannelAccount

# Older results say little about an audience of today.
LEARNED_DAYS = 365
ADDED_AT_ONCE = 500
WeekHour = tuple[int, int]


def forget_old_measurements() -> int:
    """Delete raw measurements of more than `KPI_DAYS` days ago; their sums stay. How many went."""
    old = KpiEvent.objects.filter(
        event_time__lt=timezone.now() - timedelta(days=settings.KPI_DAYS)
    )
    return old._raw_delete(old.db) or 0


def hold_results(accounts: Iterable[UUID]) -> None:
    """Let no one else add up these channels' results until the transaction ends: sums
    are read, then written.
    """
    rows = (
        ChannelAccount.objects.select_for_update(no_key=True)
        .filter(pk__in=set(accounts))
        .order_by("pk")
    )
    list(rows.values_list("pk"))


def age_weeks() -> int:
    """Add up every channel's week anew, so that what has become too old no longer
    counts. How many channels.
    """
    accounts = list(
        WeekResult.objects.order_by("account")
        .values_list("account", flat=True)
        .distinct()
    )
    for account in accounts:
        age_week(account)
    return len(accounts)


def age_week(account: UUID) -> None:
    """Add up the week of one channel anew."""
    with transaction.atomic():
        hold_results([account])
        add_up_weeks([account])


def add_up_weeks(accounts: Collection[UUID], hours: Collection[WeekHour] = ()) -> None:
    """Make the sums of these hours (weekday, hour) of these channels' weeks anew, or of
    all: three queries. For whoever holds the channels' results.
    """
    of_these = Q(account__in=accounts)
    if hours:
        of_these &= Q(
            weekday__in={day for day, _ in hours}, hour__in={hour for _, hour in hours}
        )
    since = timezone.now().date() - timedelta(days=LEARNED_DAYS)
    rows = HourResult.objects.filter(of_these, date__gte=since, rated__gt=0).order_by()
    sums = rows.values("account", "platform", "format", "weekday", "hour").annotate(
        n=Sum("rated"), logs=Sum("log_sum"), squares=Sum("log_squares")
    )
    results = [week_result(dict(row)) for row in sums]
    WeekResult.objects.filter(of_these).delete()
    WeekResult.objects.bulk_create(results, batch_size=ADDED_AT_ONCE)


def week_result(row: Values) -> WeekResult:
    """A row of sums as what is learned from; `logs` are of rates."""
    return WeekResult(
        account_id=row["account"],
        platform=row["platform"],
        format=row["format"],
        weekday=row["weekday"],
        hour=row["hour"],
        rated=row["n"],
        log_sum=row["logs"],
        log_squares=row["squares"],
    )
