"""Measurements of posts: taken in once each, added up by the local hour the post went out in."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from calendars.models import HourResult, KpiEvent
from calendars.models.performance import COUNTS
from calendars.results.upkeep import add_up_weeks, hold_results
from calendars.results.weekly_sums import Range
from calendars.timing.learning import log_rate
from calendars.trials import watch as trying
from common.mappings import Record
from scheduling.models import ChannelAccount, Post
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

MOST_ROWS = 10_000
FUTURE = timedelta(days=1)
NUMBERS = (*COUNTS, "watch_time_seconds", "engagement_rate", "followers_delta")
SUMMED = (
    "posts",
    "rated",
    "rate_sum",
    "log_sum",
    "log_squares",
    "watch_time_seconds",
    *COUNTS,
    "updated_at",
)
# Channel, format, local day and hour: what sums are kept for.
Cell = tuple[UUID, str, date, int]


@dataclass(frozen=True)
class Measurement:
    """One measurement as it is sent: the client's id for it, the post (or channel and
    the client's own id of what was measured), when it was measured and when that went
    out (aware), and the numbers. `row` is the number it is known by to whoever sent it;
    else its place counts, from 0.
    """

    event_id: str
    event_time: datetime
    post_id: UUID | None = None
    account_id: UUID | None = None
    content_key: str = ""
    posted_at: datetime | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    metadata: Record = field(default_factory=dict)
    row: int | None = None


@dataclass
class Intake:
    """What became of the measurements: new ones, those known already, and what is wrong
    by row.
    """

    stored: int = 0
    known: int = 0
    errors: list[str] = field(default_factory=list)


def measurements_of(
    user: User, workspace: Workspace, period: Range
) -> QuerySet[KpiEvent]:
    """Measurements of what went out in the range, oldest first, with their channels.

    Raises as `require_role` does for whoever may not look.
    """
    require_role(user, workspace, Role.VIEWER)
    rows = KpiEvent.objects.filter(
        workspace=workspace,
        posted_date__gte=period.start,
        posted_date__lt=period.end,
    )
    if period.account:
        rows = rows.filter(account=period.account)
    return rows.select_related("account").order_by("event_time", "pk")


def ingest(
    user: User, workspace: Workspace, measurements: Sequence[Measurement]
) -> Intake:
    """Take measurements in. An editor's work; rows that are wrong are named and left
    out, those sent before are counted as known. Raises nothing for a single bad row.
    """
    require_role(user, workspace, Role.EDITOR)
    intake = Intake()
    if len(measurements) > MOST_ROWS:
        intake.errors.append(f"Send at most {MOST_ROWS:,} measurements at once.")
        return intake
    events = _events(workspace, measurements, intake)
    with transaction.atomic():
        hold_results(event.account_id for event in events)
        fresh = _store(workspace, events)
        intake.stored = len(fresh)
        intake.known = len(events) - len(fresh)
        if fresh:
            add_up(_mark_latest(fresh))
            trying.measured({event.post_id for event in fresh if event.post_id})
            audit.record(
                user,
                "measured",
                f"kpi:{len(fresh)}",
                workspace=workspace,
                after={"stored": len(fresh)},
            )
    return intake


def _events(
    workspace: Workspace, measurements: Sequence[Measurement], intake: Intake
) -> list[KpiEvent]:
    """Events for the good measurements; the intake is told of the others. Two queries."""
    posts = Post.objects.filter(
        workspace=workspace, pk__in={m.post_id for m in measurements if m.post_id}
    )
    accounts = ChannelAccount.objects.filter(workspace=workspace)
    by_post: dict[UUID | None, Post] = {
        post.pk: post for post in posts.select_related("account")
    }
    by_account: dict[UUID | None, ChannelAccount] = {
        **accounts.in_bulk({m.account_id for m in measurements if m.account_id})
    }
    events = []
    for place, measurement in enumerate(measurements):
        post = by_post.get(measurement.post_id)
        account = post.account if post else by_account.get(measurement.account_id)
        if fault := fault_of(measurement, post, account):
            number = place if measurement.row is None else measurement.row
            intake.errors.append(f"Row {number}: {fault}")
        elif account is not None:
            events.append(_event(workspace, measurement, post, account))
    return events


def fault_of(
    measurement: Measurement, post: Post | None, account: ChannelAccount | None
) -> str:
    """What is wrong with a measurement of this post or channel; blank for a good one."""
    if measurement.post_id and post is None:
        return "there is no such post"
    if account is None:
        if measurement.account_id:
            return "there is no such channel account"
        return "a post or a channel account is missing"
    if measurement.event_time > timezone.now() + FUTURE:
        return "the time of the measurement is in the future"
    return fault_of_numbers(measurement.numbers)


def fault_of_numbers(numbers: Mapping[str, float]) -> str:
    """What is wrong with measured numbers; blank for good ones."""
    for name, value in numbers.items():
        is_negative = value < 0 and name != "followers_delta"
        is_too_large = not math.isfinite(value) or abs(value) >= 2**62
        if is_negative or is_too_large:
            return f"{name} must be a number of at least 0"
    if (numbers.get("engagement_rate") or 0) > 1:
        return "engagement_rate must be from 0 to 1"
    return ""


def _event(
    workspace: Workspace,
    measurement: Measurement,
    post: Post | None,
    account: ChannelAccount,
) -> KpiEvent:
    """The measurement of a post, or of what else went out on the channel."""
    local = _went_out(measurement, post).astimezone(ZoneInfo(account.zone))
    own_key = measurement.content_key or measurement.event_id
    return KpiEvent(
        workspace=workspace,
        event_id=measurement.event_id,
        account=account,
        post=post,
        event_time=measurement.event_time,
        content_key=str(post.pk) if post else own_key,
        posted_date=local.date(),
        posted_hour=local.hour,
        format=post.chosen_format if post else "",
        metadata=dict(measurement.metadata),
        **{name: measurement.numbers.get(name) for name in NUMBERS},
    )


def _went_out(measurement: Measurement, post: Post | None) -> datetime:
    """When what was measured went out, as well as is known."""
    if measurement.posted_at:
        return measurement.posted_at
    of_post = (post.published_at or post.scheduled_at) if post else None
    return of_post or measurement.event_time


def _store(workspace: Workspace, events: Sequence[KpiEvent]) -> list[KpiEvent]:
    """Insert those whose id is new; of several with one id in a batch the first."""
    by_id = {event.event_id: event for event in reversed(events)}
    single = list(by_id.values())
    KpiEvent.objects.bulk_create(single, ignore_conflicts=True)
    stored = KpiEvent.objects.filter(pk__in=[event.pk for event in single])
    new = set(stored.values_list("pk", flat=True))
    return [event for event in single if event.pk in new]


def _mark_latest(fresh: Iterable[KpiEvent]) -> set[Cell]:
    """Let only the newest measurement of each thing count; the hours whose sums change by that."""
    keys = {thing_of(event) for event in fresh}
    rows = KpiEvent.objects.filter(
        account__in={account for account, _ in keys},
        content_key__in={key for _, key in keys},
    )
    newest: dict[tuple[UUID, str], KpiEvent] = {}
    cells: set[Cell] = set()
    stale = []
    for event in rows.order_by("event_time", "ingested_at", "pk"):
        cells.add(cell_of(event))
        earlier = newest.get(thing_of(event))
        if earlier is not None and earlier.latest:
            stale.append(earlier.pk)
        newest[thing_of(event)] = event
    now_latest = [event.pk for event in newest.values() if not event.latest]
    KpiEvent.objects.filter(pk__in=stale).update(latest=False)
    KpiEvent.objects.filter(pk__in=now_latest).update(latest=True)
    return cells


def thing_of(event: KpiEvent) -> tuple[UUID, str]:
    """What was measured: a post, or what has that key, on a channel."""
    return event.account_id, event.content_key


def add_up(cells: set[Cell]) -> None:
    """Make the sums of these hours anew from the measurements that count, and those of the week."""
    accounts = {account for account, _, _, _ in cells}
    days = {day for _, _, day, _ in cells}
    events = KpiEvent.objects.filter(
        account__in=accounts, posted_date__in=days, latest=True
    )
    sums: dict[Cell, dict[str, float]] = {cell: defaultdict(float) for cell in cells}
    for event in events:
        cell = cell_of(event)
        if cell in sums:
            _add(sums[cell], event)
    channels = ChannelAccount.objects.filter(pk__in=accounts)
    platforms = dict(channels.values_list("pk", "platform"))
    HourResult.objects.bulk_create(
        [_hour_result(cell, platforms[cell[0]], sums[cell]) for cell in cells],
        update_conflicts=True,
        unique_fields=["account", "format", "date", "hour"],
        update_fields=SUMMED,
        batch_size=500,
    )
    add_up_weeks(accounts, {(day.weekday(), hour) for _, _, day, hour in cells})


def cell_of(event: KpiEvent) -> Cell:
    """Of the sums by channel, format, local day and hour, the one it belongs to."""
    return event.account_id, event.format, event.posted_date, event.posted_hour


def _hour_result(cell: Cell, platform: str, sums: Mapping[str, float]) -> HourResult:
    """The row of an hour with its sums. Not stored."""
    account, format_, day, hour = cell
    return HourResult(
        account_id=account,
        platform=platform,
        format=format_,
        date=day,
        weekday=day.weekday(),
        hour=hour,
        updated_at=timezone.now(),
        **sums,
    )


def _add(sums: dict[str, float], event: KpiEvent) -> None:
    """Add one post's measurement; a rate only counts where it is known."""
    sums["posts"] += 1
    for name in (*COUNTS, "watch_time_seconds"):
        sums[name] += getattr(event, name) or 0
    rate = event.rate
    if rate is not None:
        logged = log_rate(rate)
        sums["rated"] += 1
        sums["rate_sum"] += rate
        sums["log_sum"] += logged
        sums["log_squares"] += logged**2
