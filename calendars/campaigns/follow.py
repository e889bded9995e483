"""A calendar moves by itself: its items follow their posts, and it follows its items.

Whoever follows a calendar takes its row first, so that two who do wait for each other;
every move is a compare-and-set all the same. Nothing depends on being told that a post
changed: beat asks the database which calendars lag behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import (
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone

from calendars import states
from calendars.campaigns import callbacks, events, wire
from calendars.campaigns.events import Frame
from calendars.campaigns.progress import Standing, progress, standing_of
from calendars.models import CalendarItem, ContentCalendar, OptimizationRun
from calendars.models.calendars import CalendarItemQuerySet
from calendars.vocabulary import stamp
from common.grouping import grouped
from common.mappings import JsonObject, Values
from common.runs import OPEN
from common.transitions import advance, advance_all, advance_any
from scheduling.domain import states as posting
from scheduling.models import Post
from scheduling.posts import transitions

log = structlog.get_logger(__name__)

FOLLOW_AT_ONCE = 100
ITEMS_AT_ONCE = 1000
# A post published by hand takes its item through `scheduled`.
MOST_STEPS = 2
BEHIND = (
    Q(post=None)
    | Q(
        state=states.PENDING,
        post__state__in=[
            state for state in posting.POST.states if state not in ("planned", "draft")
        ],
    )
    | Q(
        state=states.SCHEDULED,
        post__state__in=[posting.PUBLISHED, posting.FAILED, posting.CANCELED],
    )
)
# Its post has another time than followers were told.
MOVED = Q(post__scheduled_at__isnull=False) & ~Q(announced_at=F("post__scheduled_at"))
POST_TIME = Post.objects.filter(pk=OuterRef("post")).values("scheduled_at")
ENDS = {
    states.COMPLETED: "schedule.completed",
    states.FAILED: "schedule.failed",
    states.CANCELED: "schedule.canceled",
}
NOTHING_PUBLISHED = {
    "error_code": "nothing_published",
    "error_message": "No item of this calendar went out.",
    "error_class": wire.PERMANENT,
}


def lagging(now: datetime | None = None) -> list[UUID]:
    """Ids of calendars that something has happened to, at most a hundred: five queries."""
    now = now or timezone.now()
    items = CalendarItem.objects.open().timed()
    candidates = (
        calendars_of(items.filter(BEHIND | MOVED)),
        calendars_of(overdue(items, now)),
        begun(items, now).order_by().values_list("pk", flat=True),
        through(items).order_by().values_list("pk", flat=True),
        optimised_otherwise().order_by().values_list("pk", flat=True),
    )
    keys: dict[UUID, None] = {}
    for rows in candidates:
        keys |= dict.fromkeys(rows[:FOLLOW_AT_ONCE])
    return list(keys)[:FOLLOW_AT_ONCE]


def calendars_of(items: CalendarItemQuerySet) -> QuerySet[CalendarItem, UUID]:
    """The keys of the items' calendars, each once."""
    return items.order_by().values_list("calendar", flat=True).distinct()


def begun(items: CalendarItemQuerySet, now: datetime) -> QuerySet[ContentCalendar]:
    """Pending calendars of which one of these items is due."""
    due = items.filter(Q(calendar=OuterRef("pk")) & Q(at__lte=now))
    return ContentCalendar.objects.filter(state=states.PENDING).filter(Exists(due))


def through(items: CalendarItemQuerySet) -> QuerySet[ContentCalendar]:
    """Calendars under way of which none of these items is left."""
    under_way = ContentCalendar.objects.open().exclude(state=states.PENDING)
    return under_way.filter(~Exists(items.filter(calendar=OuterRef("pk"))))


def optimised_otherwise() -> QuerySet[ContentCalendar]:
    """Calendars whose state does not say what the optimiser does about them."""
    runs = OptimizationRun.objects.filter(calendar_key=OuterRef("pk"), state__in=OPEN)
    is_optimised = Exists(runs)
    wrong = Q(is_optimised, state=states.RUNNING) | Q(
        ~is_optimised, state=states.OPTIMIZING
    )
    return ContentCalendar.objects.filter(wrong)


def overdue(items: CalendarItemQuerySet, now: datetime) -> CalendarItemQuerySet:
    """Those whose post has not gone out within the calendar's deadline, and is not just going."""
    deadline = F("at") + F("calendar__processing_deadline")
    until = ExpressionWrapper(deadline, output_field=DateTimeField())
    waiting = items.filter(post__state__in=posting.OPEN)
    return waiting.annotate(until=until).filter(until__lt=now)


def follow(calendar_id: UUID) -> ContentCalendar | None:
    """Bring one calendar up to date. None for one that is gone or over."""
    with transaction.atomic():
        # On PostgreSQL this gives those who follow at once an order; on SQLite the
        # transaction itself does.
        rows = ContentCalendar.objects.select_for_update(of=("self",)).select_related(
            "workspace"
        )
        calendar: ContentCalendar | None = rows.filter(pk=calendar_id).first()
        if calendar is None or not calendar.is_open:
            return None
        now = timezone.now()
        frames = [
            *skip_overdue(calendar, now),
            *follow_posts(calendar, now),
            *announce_moved(calendar, now),
        ]
        standing = standing_of(calendar)
        moved = settle(calendar, standing, now)
        if frames or moved:
            frames.append(Frame("schedule.progress", progressed(calendar, standing)))
        frames += [*moved, *ending(calendar, standing)]
        events.tell(calendar, frames)
        callbacks.note(calendar, frames)
    return calendar


def skip_overdue(calendar: ContentCalendar, now: datetime) -> list[Frame]:
    """Cancel the posts that are later than the deadline allows, by rule: their items
    are skipped.
    """
    items = CalendarItem.objects.filter(calendar=calendar).open().timed()
    late = overdue(items, now).values_list("post_id", flat=True)[:ITEMS_AT_ONCE]
    rows = Post.objects.filter(pk__in=list(late)).select_related("workspace")
    # One that a worker has claimed meanwhile goes out and is none of them.
    posts = transitions.locked(rows, transitions.CANCEL)
    if not posts:
        return []
    reason = f"It had not gone out {calendar.processing_deadline} after its time."
    transitions.apply(posts, transitions.CANCEL, None, reason=reason)
    skipped = CalendarItem.objects.filter(calendar=calendar, post__in=posts).open()
    keys = list(skipped.values_list("pk", flat=True))
    chosen = CalendarItem.objects.filter(pk__in=keys)
    advance_any(
        chosen, states.ITEM, states.SKIPPED, updated_at=now, skipped_because=reason
    )
    return [item_frame(item) for item in chosen.shown().order_by("position")]


def follow_posts(calendar: ContentCalendar, now: datetime) -> list[Frame]:
    """Move the items to where their posts are."""
    frames = []
    for _ in range(MOST_STEPS):
        items = items_behind(calendar)
        frames += move_items(items, now)
        if not items:
            break
    return frames


def announce_moved(calendar: ContentCalendar, now: datetime) -> list[Frame]:
    """Tell the new times of items whose posts were moved; the first thousand."""
    rows = CalendarItem.objects.filter(calendar=calendar).open()
    moved = list(rows.filter(MOVED).shown().order_by("position")[:ITEMS_AT_ONCE])
    if moved:
        keys = [item.pk for item in moved]
        CalendarItem.objects.filter(pk__in=keys).update(
            announced_at=Subquery(POST_TIME), updated_at=now
        )
    for item in moved:
        item.updated_at = now
    return [item_frame(item) for item in moved]


def items_behind(calendar: ContentCalendar) -> list[CalendarItem]:
    """The first thousand that are not where their posts are, with what is shown of them."""
    rows = CalendarItem.objects.filter(calendar=calendar).open().filter(BEHIND)
    return list(rows.shown().order_by("position")[:ITEMS_AT_ONCE])


def move_items(items: Sequence[CalendarItem], now: datetime) -> list[Frame]:
    """One step of each, those with the same step together."""
    frames = []
    for (source, target), moving in by_step(items).items():
        rows = CalendarItem.objects.filter(pk__in=[item.pk for item in moving])
        advance_all(
            rows,
            states.ITEM,
            target,
            len(moving),
            source=source,
            updated_at=now,
            announced_at=Subquery(POST_TIME),
        )
        for item in moving:
            item.state = target
            item.updated_at = now
            frames.append(item_frame(item))
    return frames


def by_step(
    items: Sequence[CalendarItem],
) -> Mapping[tuple[str, str], list[CalendarItem]]:
    """Items that are to move, by the states from and to which they do."""
    steps = ((item.state, next_state_of(item), item) for item in items)
    return grouped(((before, after), item) for before, after, item in steps if after)


def next_state_of(item: CalendarItem) -> str | None:
    """Where its post takes it next; None where it is there."""
    return states.next_state(item.state, item.post.state if item.post else None)


def note_retiming(calendar_id: UUID, reason: str) -> None:
    """Say of a running calendar that its times are being changed, in the caller's
    transaction; `follow` ends that.
    """
    rows = ContentCalendar.objects.select_for_update().filter(pk=calendar_id)
    calendar = rows.first()
    if calendar is None or calendar.state != states.RUNNING:
        return
    move(calendar, states.OPTIMIZING, timezone.now())
    changed = state_changed(calendar, states.RUNNING, states.OPTIMIZING, reason)
    events.tell(calendar, [changed])


def settle(calendar: ContentCalendar, standing: Standing, now: datetime) -> list[Frame]:
    """Move the calendar to where its items are: one state after the other, each told."""
    frames = []
    while step := next_step(calendar, standing, now):
        target, reason = step
        before = calendar.state
        move(calendar, target, now)
        frames.append(state_changed(calendar, before, target, reason))
    return frames


def move(calendar: ContentCalendar, target: str, now: datetime) -> None:
    """Compare and set the calendar's state, of its row and of the object."""
    before = calendar.state
    changes = {"updated_at": now, **stamps(calendar, target, now)}
    rows = ContentCalendar.objects.filter(pk=calendar.pk)
    advance(rows, states.CALENDAR, target, source=before, **changes)
    for name, value in {"state": target, **changes}.items():
        setattr(calendar, name, value)
    log.info("calendar_moved", calendar=str(calendar.pk), source=before, target=target)


def next_step(
    calendar: ContentCalendar, standing: Standing, now: datetime
) -> tuple[str, str] | None:
    """The calendar's next state and why, None where it stays."""
    end = states.ended_as(standing.counts)
    is_through = not standing.open
    match calendar.state:
        case _ if not calendar.is_open:
            return None
        case states.CANCELING:
            return (
                (states.CANCELED, "nothing is left to go out") if is_through else None
            )
        case states.COMPLETING if end == states.FAILED:
            return states.FAILED, "no item went out"
        case states.COMPLETING:
            return states.COMPLETED, "all is done"
        case _ if is_through and end == states.CANCELED:
            return states.CANCELING, "every item was canceled"
        case states.PENDING if has_begun(standing, now):
            return states.RUNNING, "its first item has begun"
        case states.RUNNING | states.OPTIMIZING if is_through:
            return states.COMPLETING, "no item is open any more"
        case states.RUNNING if is_optimised(calendar):
            return states.OPTIMIZING, "better times are being looked for"
        case states.OPTIMIZING if not is_optimised(calendar):
            return states.RUNNING, "its times stand"
    return None


def is_optimised(calendar: ContentCalendar) -> bool:
    """Whether the optimiser is at work for it, or about to be: one query."""
    runs = OptimizationRun.objects.filter(calendar_key=calendar.pk, state__in=OPEN)
    return bool(runs.exists())


def has_begun(standing: Standing, now: datetime) -> bool:
    """Whether one of its items is not open any more, or due."""
    some_are_over = not standing.open or standing.total > standing.open
    return some_are_over or is_due(standing, now)


def is_due(standing: Standing, now: datetime) -> bool:
    """Whether the first item's time has come."""
    return standing.first_at is not None and standing.first_at <= now


def stamps(calendar: ContentCalendar, target: str, now: datetime) -> Values:
    """When it started and ended."""
    if target == states.RUNNING and calendar.started_at is None:
        return {"started_at": now}
    return {"ended_at": now} if target in states.CALENDAR.terminal else {}


# --- frames
# ----------------------------------------------------------------------------------------------


def state_changed(
    calendar: ContentCalendar, before: str, after: str, reason: str
) -> Frame:
    """The frame of a calendar's way from one state to another."""
    data = {
        "schedule_id": calendar.wire_id,
        "prior_state": before,
        "new_state": after,
        "reason": reason,
    }
    return Frame("schedule.state_changed", data)


def progressed(calendar: ContentCalendar, standing: Standing) -> JsonObject:
    """The data of the frame of a calendar's counts."""
    return {"schedule_id": calendar.wire_id, **progress(calendar, standing)}


def item_created(item: CalendarItem) -> JsonObject:
    """The data of the frame of a new item."""
    return {
        "id": item.wire_id,
        "schedule_id": wire.wire_calendar_id(item),
        "content_id": item.content_id,
        "platform": item.wire_platform,
        "state": item.state,
    }


def item_frame(item: CalendarItem) -> Frame:
    """What an item has come to, in the frame that the dialect has for it."""
    data = {
        "id": item.wire_id,
        "schedule_id": wire.wire_calendar_id(item),
        "state": item.state,
    }
    if item.state == states.PUBLISHED and item.post:
        live = {
            "published_time": stamp(item.post.published_at),
            "artifacts": wire.artifacts_of(item.post),
        }
        return Frame("item.published", data | live)
    if item.state == states.FAILED:
        return Frame("item.failed", data | {"errors": wire.errors_of(item)})
    times = {
        "scheduled_time": wire.scheduled_time(item),
        "updated_at": stamp(item.updated_at),
    }
    return Frame("item.updated", data | times)


def ending(calendar: ContentCalendar, standing: Standing) -> list[Frame]:
    """How it ended, for one that has just done so."""
    if calendar.is_open:
        return []
    return [Frame(ENDS[calendar.state], summary(calendar, standing))]


def summary(calendar: ContentCalendar, standing: Standing) -> JsonObject:
    """The data of a calendar's last frame."""
    counts = progress(calendar, standing)
    data = {"schedule_id": calendar.wire_id, "summary": counts}
    return data | NOTHING_PUBLISHED if calendar.state == states.FAILED else data
