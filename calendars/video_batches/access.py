"""Reading video batches. Each selector takes the user."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from calendars.models import (
    BulkRow,
    BulkRun,
)
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import access, require_role


def bulk_runs_of(user: User, workspace: Workspace) -> QuerySet[BulkRun]:
    """The workspace's runs of bulk jobs, newest first, each with how many of its posts are done."""
    require_role(user, workspace, Role.VIEWER)
    rows: QuerySet[BulkRun] = BulkRun.objects.filter(
        workspace=workspace
    ).select_related("job", "started_by", "calendar")
    return (
        rows.defer("videos")
        .annotate(done=Count("rows", filter=~Q(rows__platform="")))
        .order_by("-created_at")
    )


def access_bulk_run(
    user: User, run_id: UUID | None, needed: Role = Role.VIEWER
) -> BulkRun:
    """Raises Missing for an unknown or foreign run, Forbidden for a role too small."""
    rows = BulkRun.objects.select_related("job__workspace", "started_by", "calendar")
    return access(rows.defer("videos"), user, run_id, needed, "Bulk job not found")


@dataclass(frozen=True)
class BulkReport:
    """What became of a run's posts so far, and how many rows were no videos."""

    planned: int
    known: int
    left_out: int
    faults: int

    @property
    def done(self) -> int:
        """Of the posts that were asked for, how many have been decided."""
        return self.planned + self.known + self.left_out


def report_on(run: BulkRun) -> BulkReport:
    """One query; the user was let in to the run."""
    placed = ~Q(platform="")
    timed = Q(at__isnull=False)
    counts = BulkRow.objects.filter(run=run).aggregate(
        planned=Count("pk", filter=placed & timed & Q(is_known=False)),
        known=Count("pk", filter=placed & Q(is_known=True)),
        left_out=Count("pk", filter=placed & ~timed),
        faults=Count("pk", filter=~placed),
    )
    return BulkReport(**counts)


def bulk_rows_of(run: BulkRun, *, faulty: bool = False) -> QuerySet[BulkRow]:
    """What became of its posts in the order of their placing, or the rows that are no
    videos, by number.
    """
    rows: QuerySet[BulkRow] = BulkRow.objects.filter(run=run)
    return (
        rows.filter(platform="").order_by("number")
        if faulty
        else rows.exclude(platform="").order_by("pk")
    )
