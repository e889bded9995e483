"""How far calendars are: counted and measured, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import (
    Avg,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
)
from django.utils import timezone

from calendars import states
from calendars.bodies.schedules import ProgressBody
from calendars.models import CalendarItem, ContentCalendar
from common.mappings import Values
from scheduling.domain import states as posting

# What a publisher notes when a platform asks for patience.
ASKED_TO_WAIT = "(429)"


@dataclass(frozen=True)
class Standing:
    """Items by state; when the first and the last open one go out; the mean delay of
    those that went out; whether a platform has asked to wait.
    """

    counts: dict[str, int]
    first_at: datetime | None = None
    last_at: datetime | None = None
    delay: timedelta | None = None
    rate_limited: bool = False

    @property
    def total(self) -> int:
        """How many items there are."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """How many of them may still change."""
        return sum(self.counts[state] for state in states.ITEM_OPEN)

    @property
    def percent(self) -> float:
        """Published and skipped ones of all, in percent."""
        done = self.counts[states.PUBLISHED] + self.counts[states.SKIPPED]
        return round(100 * done / self.total, 2) if self.total else 0.0


NOTHING = dict.fromkeys(states.ITEM.states, 0)


def standings(calendar_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """The standing of each of the calendars: one query for all."""
    open_ = Q(state__in=states.ITEM_OPEN)
    delay = ExpressionWrapper(
        F("post__published_at") - F("post__scheduled_at"), output_field=DurationField()
    )
    patient = Q(
        post__state=posting.SCHEDULED,
        post__tries__gt=0,
        post__last_error__contains=ASKED_TO_WAIT,
    )
    rows = (
        CalendarItem.objects.filter(calendar__in=list(calendar_ids))
        .timed()
        .order_by()
        .values("calendar")
    )
    rows = rows.annotate(
        first=Min("at", filter=open_),
        last=Max("at", filter=open_),
        delay=Avg(
            delay, filter=Q(state=states.PUBLISHED, post__published_by_hand=False)
        ),
        patient=Count("pk", filter=patient),
        **{
            f"n_{state}": Count("pk", filter=Q(state=state))
            for state in states.ITEM.states
        },
    )
    return {row["calendar"]: _standing(dict(row)) for row in rows}


def _standing(row: Values) -> Standing:
    """The counts of one calendar from the query's row."""
    counts = {state: row[f"n_{state}"] for state in states.ITEM.states}
    return Standing(
        counts, row["first"], row["last"], row["delay"], bool(row["patient"])
    )


def standing_of(calendar: ContentCalendar) -> Standing:
    """The counts of one calendar, in one query."""
    return standings([calendar.pk]).get(calendar.pk, Standing(dict(NOTHING)))


def progress(
    calendar: ContentCalendar, standing: Standing, now: datetime | None = None
) -> ProgressBody:
    """The numbers of the dialect, times in whole milliseconds.

    `time_to_start_ms` is the time until the first item while none has begun,
    `time_processing_ms` from the start to the end or now,
    `average_duration_ms_per_item` from an item's time to its being out, `eta_ms` the
    time until the last open item is out, going by that average. What nothing is known
    of is None.
    """
    now = now or timezone.now()
    counts = standing.counts
    average = max(standing.delay, timedelta()) if standing.delay is not None else None
    to_start = (
        standing.first_at - now
        if calendar.state == states.PENDING and standing.first_at
        else None
    )
    eta = (
        standing.last_at + (average or timedelta()) - now
        if standing.last_at and calendar.is_open
        else None
    )
    return {
        "percent_complete": standing.percent,
        "items_total": standing.total,
        "items_completed": counts[states.PUBLISHED],
        "items_failed": counts[states.FAILED],
        "items_skipped": counts[states.SKIPPED],
        "items_canceled": counts[states.CANCELED],
        "items_pending": standing.open,
        "time_to_start_ms": milliseconds(to_start),
        "time_processing_ms": milliseconds(processing_time(calendar, now)) or 0,
        "average_duration_ms_per_item": milliseconds(average),
        "eta_ms": milliseconds(eta),
        "rate_limited": standing.rate_limited,
    }


def processing_time(calendar: ContentCalendar, now: datetime) -> timedelta | None:
    """How long it has been worked at until its end or `now`; None before the start."""
    return (
        (calendar.ended_at or now) - calendar.started_at
        if calendar.started_at
        else None
    )


def milliseconds(span: timedelta | None) -> int | None:
    """Whole milliseconds, none of them negative."""
    return None if span is None else max(0, int(span / timedelta(milliseconds=1)))
