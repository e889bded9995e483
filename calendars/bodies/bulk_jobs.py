"""Bulk jobs and what became of their videos."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from calendars import states
from calendars.bodies.paging import PageBody
from common.bodies import Instant, one_of

BulkState = Annotated[str, one_of(states.BULK.states)]


class BulkHeadBody(TypedDict):
    """A bulk job without its rows."""

    id: str
    """Its id."""
    bulk_job_id: str
    """The client's own id of the job."""
    state: BulkState
    """How far it is."""
    total: int
    """How many posts it is to place."""
    schedule_id: str | None
    """The calendar that it made."""
    error: str | None
    """Why it failed."""
    created_at: Instant
    """When it was sent."""
    ended_at: Instant | None
    """When it was over."""


class BulkListedBody(BulkHeadBody):
    """A bulk job as lists have it."""

    done: int
    """How many posts it has dealt with."""


class BulkListBody(TypedDict):
    """Bulk jobs."""

    data: list[BulkListedBody]
    """Newest first."""


class BulkRowBody(TypedDict):
    """What became of one video on one platform."""

    video_job_id: str
    """The client's own id of the video."""
    platform: str
    """The platform it goes to."""
    scheduled_time: Instant | None
    """When it goes out."""
    state: Annotated[str, one_of(("planned", "known", "left_out"))]
    """`known` where an earlier run placed it, `left_out` where no time was found."""
    problem: str | None
    """Why it was left out."""


class BulkBody(BulkListedBody):
    """A bulk job with its counts and rows."""

    planned: int
    """How many posts it placed."""
    known: int
    """How many an earlier run had placed."""
    left_out: int
    """How many found no time."""
    errors: list[str]
    """Rows that could not be read, for people to read."""
    rows: list[BulkRowBody]
    """What became of the others."""


class BulkPageBody(BulkBody):
    """A bulk job with a page of its rows."""

    page: PageBody
    """What follows."""
