"""Content calendars and their items."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from calendars import states
from calendars.bodies.paging import PageBody
from common.bodies import Identifier, Instant, one_of

CalendarState = Annotated[str, one_of(states.CALENDAR.states)]
ItemState = Annotated[str, one_of(states.ITEM.states)]
CallbackState = Annotated[str, one_of(states.CALLBACK.states)]


class ProgressBody(TypedDict):
    """How far a calendar is; times in whole milliseconds, null where nothing is known."""

    percent_complete: float
    """Share of the items that have ended, from 0 to 100."""
    items_total: int
    """All of them."""
    items_completed: int
    """Those that are out."""
    items_failed: int
    """Those that could not be published."""
    items_skipped: int
    """Those that were passed over."""
    items_canceled: int
    """Those that were cancelled."""
    items_pending: int
    """Those that are still to come."""
    time_to_start_ms: int | None
    """Until the first item, while none has begun."""
    time_processing_ms: int
    """From the start to the end, or until now."""
    average_duration_ms_per_item: int | None
    """From an item's time to its being out."""
    eta_ms: int | None
    """Until the last open item is out, going by that average."""
    rate_limited: bool
    """Whether a network has asked to wait."""


class ScheduleBody(ProgressBody):
    """A content calendar with its progress."""

    id: str
    """Its id."""
    tenant_id: str
    """The workspace's short name."""
    state: CalendarState
    """How far it is."""
    title: str
    """What it is called."""
    timezone: str
    """The IANA zone that its times are thought in."""
    processing_deadline_ms: int
    """How long after its time an item may still go out."""
    created_at: Instant
    """When it was made."""
    updated_at: Instant
    """When it last changed."""
    idempotency_key: str | None
    """The key that it was made with."""


class ItemErrorBody(TypedDict):
    """What went wrong with an item."""

    error_code: str
    """For programs."""
    error_message: str
    """For people to read."""
    error_class: Annotated[str, one_of(("transient", "permanent", "unclear"))]
    """Whether another try may help."""
    occurred_at: Instant | None
    """When."""


class ArtifactBody(TypedDict):
    """What came of an item: the post on its platform."""

    type: str
    """What kind of thing it is."""
    content_type: str
    """Its media type."""
    size: int | None
    """Nobody knows the size of a post."""
    url: str
    """Its address; of channels without a network one of ours, without host."""


class ScheduleItemBody(TypedDict):
    """What goes out at a time on a platform."""

    id: str
    """Its id."""
    content_id: str
    """The client's own id of the content."""
    platform: str
    """The platform it goes to."""
    state: ItemState
    """How far it is."""
    scheduled_time: Instant | None
    """When it goes out."""
    published_time: Instant | None
    """When it went out."""
    metadata: dict[str, Any]
    """As the client sent it."""
    callbacks: dict[str, str]
    """The addresses that are told, by event."""
    errors: list[ItemErrorBody]
    """What went wrong, oldest first."""
    artifacts: list[ArtifactBody]
    """What came of it."""
    created_at: Instant
    """When it was made."""
    updated_at: Instant
    """When it last changed."""


class ConflictBody(TypedDict):
    """What stands in the way of an item."""

    item_id: str
    """The item's id."""
    content_id: str
    """The client's own id of the content."""
    platform: str
    """The platform it goes to."""
    code: str
    """For programs."""
    message: str
    """For people to read."""
    blocks: bool
    """Whether it keeps the post a draft; else the post waits and fails in its time."""


class CallbackBody(TypedDict):
    """What was sent to the client's address, or is on its way."""

    id: Identifier
    """The same over all tries."""
    event: str
    """Which event it tells."""
    about: str
    """The id of the calendar or item that it is about."""
    state: CallbackState
    """How far it is."""
    tries: int
    """How often it was sent."""
    response_status: int | None
    """The HTTP status of the last answer."""
    error: str | None
    """What went wrong last."""
    next_try_at: Instant | None
    """When it is sent again."""
    sent_at: Instant | None
    """When it arrived."""


class PlatformMetricsBody(TypedDict):
    """A calendar's counts on one platform."""

    platform: str
    """The platform."""
    items_total: int
    """All items."""
    tries: int
    """How often it was tried to publish one."""
    average_delay_ms: int | None
    """From an item's time to its being out."""
    items_pending: int
    """Items that wait for somebody."""
    items_scheduled: int
    """Items that wait for their time."""
    items_published: int
    """Items that are out."""
    items_skipped: int
    """Items that were passed over."""
    items_failed: int
    """Items that could not be published."""
    items_canceled: int
    """Items that were cancelled."""


class MetricsBody(TypedDict):
    """A calendar's counts."""

    platforms: list[PlatformMetricsBody]
    """By platform."""


class ScheduleDetailBody(ScheduleBody):
    """A content calendar with what `expand` asks for."""

    items: NotRequired[list[ScheduleItemBody]]
    """A page of its items; with `expand=items`."""
    page: NotRequired[PageBody]
    """What follows the items; with `expand=items`."""
    conflicts: NotRequired[list[ConflictBody]]
    """What stands in the way of open items; with `expand=conflicts`."""
    callbacks: NotRequired[list[CallbackBody]]
    """What was told; with `expand=callbacks`."""
    metrics: NotRequired[MetricsBody]
    """Counts by platform; with `expand=metrics`."""


class SchedulesBody(TypedDict):
    """A page of content calendars."""

    data: list[ScheduleBody]
    """The calendars of this page."""
    page: PageBody
    """What follows."""


class CallbackSecretBody(TypedDict):
    """What callbacks are signed with."""

    tenant_id: str
    """The workspace's short name."""
    secret: str
    """The key of the signatures."""


class AssignmentBody(TypedDict):
    """An item as work."""

    id: str
    """The item's id."""
    schedule_item_id: str
    """The item's id."""
    schedule_id: str
    """Its calendar's id."""
    worker_id: str | None
    """Who works on it, or did last; null before the first try."""
    scheduled_at: Instant | None
    """When it goes out."""
    status: ItemState
    """How far it is."""
    last_error: str | None
    """What went wrong last."""
    retry_count: int
    """How often it was tried again."""
    last_retry_at: Instant | None
    """When it was last tried again."""


class AssignmentsBody(TypedDict):
    """A page of assignments."""

    data: list[AssignmentBody]
    """The assignments of this page, by time."""
    page: PageBody
    """What follows."""
