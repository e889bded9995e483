"""Runs of bulk jobs: claim one, place its videos part by part, record each, pick up
what dead workers left.

A part is placed in one transaction with its record and under the claim, so a run that
is picked up again goes on where it was, and whoever lost the claim places nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from calendars import states
from calendars.models import BulkRow, BulkRun
from calendars.video_batches.spread import BulkOrder, Placement, Video, place
from common.errors import Missing, Problem
from common.live import announce_change, send
from common.runs import Lost, Work
from scheduling.events import workspace_group

log = structlog.get_logger(__name__)

RACES = 3
# After this long a worker lets others have their turn.
TURN_SECONDS = 60.0
# Videos times platforms that are placed at once.
PART = 60
RACED = "Others placed the same videos or took the same times again and again; send the job again."


def changed(run_: BulkRun) -> None:
    """Tell pages that show the run."""
    announce_change([workspace_group(run_.workspace_id)], run_.topic, "bulk-jobs")


def lease(_: BulkRun) -> timedelta:
    """How long a worker may be silent; it is heard before every part."""
    return timedelta(seconds=settings.BULK_LEASE_SECONDS)


WORK = Work(BulkRun, states.BULK, lease, changed)
RELATED = ("job__workspace", "workspace", "started_by", "calendar")


def run(run_id: UUID, worker: str, seconds: float = TURN_SECONDS) -> bool:
    """Claim a run and place videos for at most so long. Whether videos are left that
    somebody should be rung for.
    """
    claimed = WORK.claim(run_id, worker, *RELATED)
    if claimed is None:
        return False
    try:
        return place_parts(claimed, time.monotonic() + seconds)
    except Lost:
        log.info("bulk_job_lost", run=str(run_id), fence=claimed.fence)
    except IntegrityError:
        WORK.finish(claimed, states.FAILED, error=RACED)
    except Problem as problem:
        WORK.finish(claimed, states.FAILED, error=problem.message)
    return False


def place_parts(claimed: BulkRun, until: float) -> bool:
    """Each part that is not placed yet, in the job's order. Raises Lost, IntegrityError
    and Problem.
    """
    for part in parts(claimed):
        if time.monotonic() > until:
            WORK.finish(claimed, states.PENDING)
            return True
        place_part(claimed, part)
        tell_progress(claimed)
    WORK.finish(claimed, states.COMPLETED, videos=[])
    return False


def parts(claimed: BulkRun) -> Iterator[Sequence[Video]]:
    """Some videos at a time, without those that a worker before has placed."""
    placed = claimed.rows.exclude(platform="").values_list("video_id", flat=True)
    done = set(placed)
    left = [Video.read(video) for video in claimed.videos if video["id"] not in done]
    platforms = len(claimed.order["platforms"])
    size = max(1, PART // max(1, platforms))
    for start in range(0, len(left), size):
        yield left[start : start + size]


def place_part(claimed: BulkRun, part: Sequence[Video]) -> None:
    """Place these videos and write down what became of each. Raises Lost, Problem, and
    IntegrityError after the third race.
    """
    sender = claimed.started_by
    if sender is None:
        raise Missing("Whoever sent it is gone.")
    order = order_of(claimed, part)
    for race in range(RACES):
        try:
            with transaction.atomic():
                # Whoever cancels waits until this part is whole.
                WORK.keep(claimed)
                placements, claimed.calendar = place(
                    sender, claimed.job, order, claimed.calendar
                )
                record(claimed, placements)
                return
        except IntegrityError:
            if race == RACES - 1:
                raise


def order_of(claimed: BulkRun, part: Sequence[Video]) -> BulkOrder:
    """What was asked for, for one part of the videos."""
    order = claimed.order
    stagger = timedelta(minutes=order["stagger_minutes"])
    return BulkOrder(
        claimed.job.name,
        part,
        order["platforms"],
        order["zone"],
        order["days"],
        stagger,
        order["title"],
    )


def record(claimed: BulkRun, placements: Sequence[Placement]) -> None:
    """Keep what became of a part. Raises Lost where another worker has taken over."""
    BulkRow.objects.bulk_create(
        BulkRow(run=claimed, **asdict(placement)) for placement in placements
    )
    if not WORK.mine(claimed).update(calendar=claimed.calendar):
        raise Lost
    changed(claimed)


def tell_progress(claimed: BulkRun) -> None:
    """How far it is, at once: it is told outside of any transaction."""
    done = claimed.rows.exclude(platform="").count()
    message = {
        "topic": claimed.topic,
        "percent": 100 * done / max(1, claimed.total),
        "message": f"{done} of {claimed.total} posts",
    }
    send(workspace_group(claimed.workspace_id), "progress", message)
