"""Recommendations over 90 days on six platforms for a workspace with a million
measurements: server time and queries.

Cold: nothing is kept from before. Warm: the beliefs are, because the results have not
changed. The control is a call that asks the database for nothing, in the same run: what
the machine and the framework take of the rest.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.test.utils import (
    CaptureQueriesContext,
    override_settings,
    setup_databases,
    teardown_databases,
)
from django.utils import timezone
from rest_framework.test import APIClient

from benchmarks.figures import median_seconds, say
from calendars.advice import recommend
from calendars.advice.recommend import PLATFORMS
from calendars.models import HourResult, KpiEvent
from calendars.results.upkeep import add_up_weeks
from calendars.timing.learning import log_rate
from scheduling.models import ChannelAccount
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role

EVENTS, DAYS, RANGE = 1_000_000, 365, timedelta(days=90)
BATCH, ASKED, COLD_RUNS, WARM_RUNS = 20_000, 50, 15, 25


def measure() -> None:
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with override_settings(ALLOWED_HOSTS=["testserver"]):
            _measure()
    finally:
        teardown_databases(databases, verbosity=0)


def _measure() -> None:
    user = User.objects.create_user("bench", "bench@example.org", "bench")
    workspace = Workspace.objects.create(slug="bench", name="Bench", zone="UTC")
    Membership.objects.create(user=user, workspace=workspace, role=Role.VIEWER)
    begun = time.perf_counter()
    _fill(workspace)
    filled = time.perf_counter() - begun
    client = APIClient()
    client.force_authenticate(user)
    now = timezone.now()

    def ask(days: int = RANGE.days) -> None:
        query = {
            "start_at": now.isoformat(),
            "end_at": (now + timedelta(days=days)).isoformat(),
            "target_count": ASKED,
        }
        answer = client.get("/api/v1/scheduling/recommendations", query)
        if len(answer.json()["data"]) != ASKED:
            raise AssertionError(answer.content[:200])

    def ask_cold() -> None:
        recommend.forget_beliefs()
        ask()

    control = median_seconds(
        lambda: client.get("/api/v1/scheduling/platforms"), WARM_RUNS
    )
    ask()
    cold, warm = median_seconds(ask_cold, COLD_RUNS), median_seconds(ask, WARM_RUNS)
    cold_cpu, warm_cpu = cpu_seconds(ask_cold, COLD_RUNS), cpu_seconds(ask, WARM_RUNS)
    say(
        "recommend",
        database=connection.vendor,
        events=KpiEvent.objects.count(),
        hours=HourResult.objects.count(),
        platforms=len(PLATFORMS),
        days=RANGE.days,
        seconds_control=control,
        seconds_cold=cold,
        seconds_warm=warm,
        cpu_seconds_cold=cold_cpu,
        cpu_seconds_warm=warm_cpu,
        seconds_filling=filled,
        queries=_queries(ask),
        queries_for_a_week=_queries(lambda: ask(7)),
    )


def cpu_seconds(act: Callable[[], None], times: int) -> float:
    """The mean of what several runs take of the processor: other programs on the
    machine count less.
    """
    begun = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - begun) / times


def _queries(act: Callable[[], None]) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def _fill(workspace: Workspace) -> None:
    accounts = [
        ChannelAccount(workspace=workspace, platform=name, name=name)
        for name in PLATFORMS
    ]
    ChannelAccount.objects.bulk_create(accounts)
    each, rest = divmod(EVENTS / (len(accounts) * DAYS * 24), 1)
    today, chance = timezone.now().date(), random.Random(1)
    hours: list[HourResult] = []
    events: list[KpiEvent] = []
    for account, day, hour in _hours(accounts, today):
        count = int(each) + (chance.random() < rest)
        rates = [chance.uniform(0.01, 0.2) for _ in range(count)]
        hours.append(_result(account, day, hour, rates))
        events += [_event(workspace, account, day, hour, rate) for rate in rates]
        if len(events) >= BATCH:
            KpiEvent.objects.bulk_create(events, batch_size=2000)
            events = []
    KpiEvent.objects.bulk_create(events, batch_size=2000)
    HourResult.objects.bulk_create(hours, batch_size=2000)
    add_up_weeks([account.pk for account in accounts])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _hours(
    accounts: list[ChannelAccount], today: date
) -> Iterator[tuple[ChannelAccount, date, int]]:
    for account in accounts:
        for back in range(1, DAYS + 1):
            for hour in range(24):
                yield account, today - timedelta(days=back), hour


def _result(
    account: ChannelAccount, day: date, hour: int, rates: list[float]
) -> HourResult:
    logs = [log_rate(rate) for rate in rates]
    return HourResult(
        account=account,
        platform=account.platform,
        date=day,
        weekday=day.weekday(),
        hour=hour,
        posts=len(rates),
        rated=len(rates),
        rate_sum=sum(rates),
        log_sum=sum(logs),
        log_squares=sum(one**2 for one in logs),
    )


def _event(
    workspace: Workspace, account: ChannelAccount, day: date, hour: int, rate: float
) -> KpiEvent:
    key = uuid.uuid4()
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return KpiEvent(
        id=key,
        workspace=workspace,
        event_id=key.hex,
        account=account,
        content_key=key.hex,
        event_time=at,
        posted_date=day,
        posted_hour=hour,
        engagement_rate=rate,
        views=1000,
    )
