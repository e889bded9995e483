"""Runs of bulk jobs: claim one, place its videos part by part, record each, pick up what dead workers left.

A part is placed in one transaction with its record and under the claim, so a run that is picked up again goes on
where it was, and whoever lost the claim places nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from calendars import states
from calendars.models import BulkRow, BulkRun
from calendars.models.bulk import BulkRunQuerySet
from calendars.placing import BulkOrder, Placement, Video, place
from common.errors import Missing, Problem
from common.live import announce_change, send
from common.states import try_advance
from scheduling.events import workspace_group

log = structlog.get_logger(__name__)

MOST_LOSSES, RACES = 3, 3
# After this long a worker lets others have their turn.
TURN_SECONDS = 60.0
# Videos times platforms that are placed at once.
PART = 60
UNHEARD, RING_AGAIN_AFTER = timedelta(seconds=3), timedelta(seconds=30)
RING_AT_ONCE = 100
RACED = "Others placed the same videos or took the same times again and again; send the job again."


class Lost(Exception):
    """The claim is not ours any more: the run was canceled, or another worker has it."""


def changed(run_: BulkRun) -> None:
    announce_change([workspace_group(run_.workspace_id)], run_.topic, "bulk-jobs")


def run(run_id: UUID, worker: str, seconds: float = TURN_SECONDS) -> bool:
    """Claim a run and place videos for at most so long. Whether videos are left that somebody should be rung for."""
    claimed = claim(run_id, worker)
    if claimed is None:
        return False
    try:
        return place_parts(claimed, time.monotonic() + seconds)
    except Lost:
        log.info("bulk_job_lost", run=str(run_id), fence=claimed.fence)
    except IntegrityError:
        finish(claimed, states.FAILED, error=RACED)
    except Problem as problem:
        finish(claimed, states.FAILED, error=problem.message)
    return False


def claim(run_id: UUID, worker: str) -> BulkRun | None:
    """Take the run for this worker; None if it is not pending."""
    rows = BulkRun.objects.filter(pk=run_id)
    with transaction.atomic():
        if not try_advance(
            rows, states.BULK, states.RUNNING, source=states.PENDING, fence=F("fence") + 1, worker=worker[:120],
            lease_until=timezone.now() + lease(),
        ):  # fmt: skip
            return None
        claimed: BulkRun = rows.select_related("job__workspace", "workspace", "started_by", "calendar").get()
        changed(claimed)
    return claimed


def lease() -> timedelta:
    """How long a worker may be silent; it is heard before every part."""
    return timedelta(seconds=settings.BULK_LEASE_SECONDS)


def mine(claimed: BulkRun) -> BulkRunQuerySet:
    """The row, for as long as this claim is the last one."""
    rows: BulkRunQuerySet = BulkRun.objects.filter(pk=claimed.pk, fence=claimed.fence, state=states.RUNNING)
    return rows


def keep(claimed: BulkRun, **facts: Any) -> None:
    """Extend the lease. Raises Lost."""
    if not mine(claimed).update(lease_until=timezone.now() + lease(), **facts):
        raise Lost


def place_parts(claimed: BulkRun, until: float) -> bool:
    """Each part that is not placed yet, in the job's order. Raises Lost, IntegrityError and Problem."""
    for part in parts(claimed):
        if time.monotonic() > until:
            finish(claimed, states.PENDING)
            return True
        place_part(claimed, part)
        told(claimed)
    finish(claimed, states.COMPLETED, videos=[])
    return False


def parts(claimed: BulkRun) -> Iterator[Sequence[Video]]:
    """Some videos at a time, without those that a worker before has placed."""
    done = set(claimed.rows.exclude(platform="").values_list("video_id", flat=True))
    left = [Video.read(kept) for kept in claimed.videos if kept["id"] not in done]
    size = max(1, PART // max(1, len(claimed.order["platforms"])))
    for start in range(0, len(left), size):
        yield left[start : start + size]


def place_part(claimed: BulkRun, part: Sequence[Video]) -> None:
    """Place these videos and write down what became of each. Raises Lost, Problem, and IntegrityError after the
    third race."""
    sender = claimed.started_by
    if sender is None:
        raise Missing("Whoever sent it is gone.")
    for race in range(RACES):
        try:
            with transaction.atomic():
                # Whoever cancels waits until this part is whole.
                keep(claimed)
                found, claimed.calendar = place(sender, claimed.job, order_of(claimed, part), claimed.calendar)
                record(claimed, found)
                return
        except IntegrityError:
            if race == RACES - 1:
                raise


def order_of(claimed: BulkRun, part: Sequence[Video]) -> BulkOrder:
    said = claimed.order
    stagger = timedelta(minutes=said["stagger_minutes"])
    return BulkOrder(claimed.job.name, part, said["platforms"], said["zone"], said["days"], stagger, said["title"])


def record(claimed: BulkRun, found: Sequence[Placement]) -> None:
    BulkRow.objects.bulk_create(BulkRow(run=claimed, **asdict(one)) for one in found)
    keep(claimed, calendar=claimed.calendar)
    changed(claimed)


def told(claimed: BulkRun) -> None:
    """How far it is, at once: it is told outside of any transaction."""
    done = claimed.rows.exclude(platform="").count()
    said = {
        "topic": claimed.topic, "percent": 100 * done / max(1, claimed.total),
        "message": f"{done} of {claimed.total} posts",
    }  # fmt: skip
    send(workspace_group(claimed.workspace_id), "progress", said)


def finish(claimed: BulkRun, state: str, **facts: Any) -> None:
    """Put the run down: finished, or for another worker to go on with."""
    over = {} if state == states.PENDING else {"ended_at": timezone.now()}
    changes = {"lease_until": None, "rung_at": None} | over | facts
    with transaction.atomic():
        if try_advance(mine(claimed), states.BULK, state, source=states.RUNNING, **changes):
            changed(claimed)


def unfinished(now: datetime | None = None) -> list[UUID]:
    """Ids of runs that need a worker: those whose bell nobody heard, and those whose worker died."""
    now = now or timezone.now()
    take_back(now)
    waiting = BulkRun.objects.filter(state=states.PENDING, created_at__lt=now - UNHEARD)
    unheard = waiting.unheard(since=now - RING_AGAIN_AFTER).order_by("created_at")
    ids = list(unheard.values_list("pk", flat=True)[:RING_AT_ONCE])
    BulkRun.objects.filter(pk__in=ids).update(rung_at=now)
    return ids


def take_back(now: datetime) -> None:
    """What dead workers left running: for another one, or failed after the third."""
    for left in BulkRun.objects.filter(state=states.RUNNING, lease_until__lt=now):
        if left.losses + 1 >= MOST_LOSSES:
            finish(left, states.FAILED, error="The worker was interrupted three times. What is placed stays.")
        elif try_advance(
            mine(left).filter(lease_until__lt=now), states.BULK, states.PENDING, source=states.RUNNING,
            lease_until=None, rung_at=None, losses=F("losses") + 1,
        ):  # fmt: skip
            log.warning("bulk_job_taken_back", run=str(left.pk), worker=left.worker)
            changed(left)
