"""Bulk jobs: their videos become content calendars, at once for few, by a worker for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from calendars import states
from calendars.advice.recommend import LONGEST_RANGE
from calendars.models import BulkJob, BulkRow, BulkRun, ContentCalendar
from calendars.video_batches import worker as bulk
from calendars.video_batches.access import access_bulk_run, bulk_rows_of
from calendars.video_batches.spread import (
    USUAL_DAYS,
    USUAL_STAGGER,
    BulkOrder,
    Placement,
    Video,
)
from common.doorbell import ring
from common.errors import Conflict, InvalidInput
from common.transitions import advance
from common.zones import validate_zone
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

PLACE_VIDEOS = "calendars.place_videos"

__all__ = [
    "USUAL_DAYS",
    "USUAL_STAGGER",
    "BulkOrder",
    "Fault",
    "Generated",
    "Placement",
    "Video",
    "cancel",
    "create_empty",
    "generate",
    "start",
]

LONGEST_STAGGER = timedelta(days=7)
# Videos times platforms of one job that is sent.
MOST_POSTS = 5000


@dataclass(frozen=True)
class Fault:
    """A row that is no video: its number, of a file's table as a spreadsheet shows it,
    else counted from 1, and why.
    """

    number: int
    problem: str

    def __str__(self) -> str:
        return f"Row {self.number}: {self.problem}"


@dataclass(frozen=True)
class Generated:
    """The calendar with what is new, None when nothing is; and a row for each video and
    platform.
    """

    job: BulkJob
    calendar: ContentCalendar | None
    rows: tuple[Placement, ...]

    @property
    def planned(self) -> int:
        """How many posts are new."""
        return sum(1 for row in self.rows if row.at and not row.is_known)

    @property
    def known(self) -> int:
        """How many there were already."""
        return sum(row.is_known for row in self.rows)

    @property
    def left_out(self) -> int:
        """For how many there was no time."""
        return sum(1 for row in self.rows if row.problem)


def generate(user: User, workspace: Workspace, order: BulkOrder) -> Generated:
    """Give each video a time on each platform now, however many; what an earlier run
    placed stays where it is. Editors.

    Raises InvalidInput for an order that makes no sense, Conflict when it could not be
    carried out.
    """
    run = _begin(user, workspace, order, ())
    while bulk.run(run.pk, "in-request"):
        pass
    run = access_bulk_run(user, run.pk)
    if run.state != states.COMPLETED:
        raise Conflict(run.error or f"The job was {run.state} meanwhile.")
    rows = (
        Placement(row.video_id, row.platform, row.at, row.is_known, row.problem)
        for row in bulk_rows_of(run)
    )
    return Generated(run.job, run.calendar, tuple(rows))


def start(
    user: User, workspace: Workspace, order: BulkOrder, faults: Sequence[Fault] = ()
) -> BulkRun:
    """As `generate`, for people and programs that come back: few posts are placed at
    once, many by a worker. Rows that are no videos are kept with the run's report.
    """
    run = _begin(user, workspace, order, faults)
    if run.total <= settings.BULK_AT_ONCE:
        bulk.run(run.pk, "in-request")
    return access_bulk_run(user, run.pk)


def _begin(
    user: User, workspace: Workspace, order: BulkOrder, faults: Sequence[Fault]
) -> BulkRun:
    require_role(user, workspace, Role.EDITOR)
    _check(order)
    with transaction.atomic():
        job, _ = BulkJob.objects.get_or_create(
            workspace=workspace, name=order.job.strip(), defaults={"made_by": user}
        )
        run = BulkRun.objects.create(
            workspace=workspace,
            job=job,
            started_by=user,
            total=len(order.videos) * len(order.platforms),
            order=_order_as_json(order),
            videos=[video.as_json() for video in order.videos],
        )
        BulkRow.objects.bulk_create(
            BulkRow(run=run, number=fault.number, problem=fault.problem)
            for fault in faults
        )
        audit.record(
            user,
            "started",
            run.topic,
            workspace=workspace,
            after={"job": job.name, "posts": run.total},
        )
        if run.total > settings.BULK_AT_ONCE:
            ring(PLACE_VIDEOS, str(run.pk))
        bulk.changed(run)
    return run


def _order_as_json(order: BulkOrder) -> dict[str, object]:
    return {
        "platforms": list(order.platforms),
        "zone": order.zone,
        "days": order.days,
        "title": order.title,
        "stagger_minutes": int(order.stagger / timedelta(minutes=1)),
    }


def _check(order: BulkOrder) -> None:
    if not order.job.strip():
        raise InvalidInput("Give the job an id.")
    if not order.platforms or not order.videos:
        raise InvalidInput("A bulk job needs at least one video and one platform.")
    if len(order.videos) * len(order.platforms) > MOST_POSTS:
        raise InvalidInput(
            f"At most {MOST_POSTS:,} videos times platforms at once; send the job in parts."
        )
    if len({video.id for video in order.videos}) < len(order.videos):
        raise InvalidInput("Two videos have the same id.")
    if not 1 <= order.days <= LONGEST_RANGE.days:
        raise InvalidInput(f"Plan 1 to {LONGEST_RANGE.days} days, not {order.days}.")
    if not timedelta(0) <= order.stagger <= LONGEST_STAGGER:
        raise InvalidInput(f"Keep platforms 0 to {LONGEST_STAGGER.days} days apart.")
    if order.zone:
        validate_zone(order.zone)


def cancel(user: User, run_id: UUID) -> BulkRun:
    """Stop a run; what is placed stays. Raises Conflict for a finished one."""
    run = access_bulk_run(user, run_id, Role.EDITOR)
    with transaction.atomic():
        rows = BulkRun.objects.filter(pk=run.pk)
        advance(
            rows,
            states.BULK,
            states.CANCELED,
            ended_at=timezone.now(),
            lease_until=None,
            videos=[],
        )
        audit.record(user, "canceled", run.topic, workspace=run.workspace)
        bulk.changed(run)
    return access_bulk_run(user, run_id)


def create_empty(
    user: User, workspace: Workspace, title: str, zone: str
) -> ContentCalendar:
    """A calendar that has no items yet. Editors; raises ValidationError for a zone that
    does not exist.
    """
    require_role(user, workspace, Role.EDITOR)
    validate_zone(zone)
    with transaction.atomic():
        calendar = ContentCalendar.objects.create(
            workspace=workspace, title=title, zone=zone, made_by=user
        )
        audit.record(
            user,
            "created",
            f"calendar:{calendar.pk}",
            workspace=workspace,
            after={"title": title, "items": 0},
        )
    return calendar
