"""Writing texts into a whole range of slots: claim a run, write slot by slot, pick up what dead workers left.

Whoever lost the claim records nothing. A slot is filled in one transaction with its own record, so a run that is picked
up again goes on where it was.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common.errors import Missing, TooMany
from common.states import try_advance
from scheduling import states
from scheduling.briefs import Brief, place_of
from scheduling.events import writing_changed, writing_progressed
from scheduling.models import WritingRun, WritingSlot
from scheduling.models.writing import WritingRunQuerySet
from scheduling.texts import Taken, content_from, fill, write
from templates_ai.models import EngineSettings

log = structlog.get_logger(__name__)

MOST_LOSSES = 3
# After this long a worker lets others have their turn.
TURN_SECONDS = 60.0
UNHEARD, RING_AGAIN_AFTER = timedelta(seconds=3), timedelta(seconds=30)
RING_AT_ONCE = 100
# So many titles before are shown to the engine, to make the next one differ.
REMEMBERED = 12


class Lost(Exception):
    """The claim is not ours any more: the run was canceled, or another worker has it."""


def lease(workspace_id: int) -> timedelta:
    """How long a worker may be silent: an engine may be asked twice for a text."""
    seconds = EngineSettings.objects.filter(workspace=workspace_id).values_list("seconds", flat=True).first()
    return timedelta(seconds=settings.WRITING_LEASE_SECONDS + 2 * (seconds or 0))


def run(run_id: UUID, worker: str) -> bool:
    """Claim a run and write for at most a minute. Returns whether slots are left that somebody should be rung for."""
    claimed = claim(run_id, worker)
    if claimed is None:
        return False
    try:
        return write_slots(claimed, time.monotonic() + TURN_SECONDS)
    except Lost:
        log.info("writing_lost", run=str(run_id), fence=claimed.fence)
    except (Missing, TooMany) as problem:
        finish(claimed, states.FAILED, error=problem.message)
    return False


def claim(run_id: UUID, worker: str) -> WritingRun | None:
    """Take the run for this worker; None if it is not pending."""
    with transaction.atomic():
        rows = WritingRun.objects.filter(pk=run_id)
        found = rows.first()
        if found is None or not try_advance(
            rows, states.WRITING, states.RUNNING, source=states.PENDING, fence=F("fence") + 1, worker=worker[:120],
            lease_until=timezone.now() + lease(found.workspace_id),
        ):  # fmt: skip
            return None
        claimed: WritingRun = rows.select_related("workspace", "started_by").get()
        writing_changed(claimed)
    return claimed


def write_slots(claimed: WritingRun, until: float) -> bool:
    """Each waiting slot in order of time. Raises Lost, and what `write` raises."""
    brief = Brief.of(claimed.brief)
    waiting = claimed.slots.filter(state=states.WAITING).select_related("post__account", "post__workspace")
    titles = list(claimed.slots.filter(state=states.WRITTEN).values_list("content__title", flat=True))
    for slot in waiting:
        keep(claimed)
        if time.monotonic() > until:
            finish(claimed, states.PENDING)
            return True
        title = write_one(claimed, slot, brief, tuple(title for title in titles[-REMEMBERED:] if title))
        titles += [title] if title else []
        writing_progressed(claimed, *progress_of(claimed))
    finish(claimed, states.COMPLETED)
    return False


def write_one(claimed: WritingRun, slot: WritingSlot, brief: Brief, others: tuple[str, ...]) -> str:
    """Write one slot and record what became of it; the title, blank for none."""
    if slot.post.state != states.PLANNED:
        record(claimed, slot, states.SKIPPED, note="It is not empty any more.")
        return ""
    result = write(claimed.workspace, brief, place_of(slot.post), others)
    item = content_from(claimed.workspace, result.draft, result.generation, brief.link, claimed.started_by)
    try:
        with transaction.atomic():
            # The run before the audit trail, as everybody who changes a run does: no two wait for each other.
            keep(claimed)
            fill(slot.post, item, claimed.started_by)
            record(claimed, slot, states.WRITTEN, content=item, note=" ".join(result.notes))
    except Taken:
        record(claimed, slot, states.SKIPPED, note="Somebody filled it meanwhile.")
        return ""
    return item.title


def record(claimed: WritingRun, slot: WritingSlot, state: str, **facts: Any) -> None:
    """What became of a slot, if the claim still holds. Raises Lost."""
    with transaction.atomic():
        keep(claimed)
        if not try_advance(WritingSlot.objects.filter(pk=slot.pk), states.WRITING_SLOT, state, **facts):
            raise Lost
        writing_changed(claimed)


def keep(claimed: WritingRun) -> None:
    """Extend the lease. Raises Lost."""
    if not mine(claimed).update(lease_until=timezone.now() + lease(claimed.workspace_id)):
        raise Lost


def mine(claimed: WritingRun) -> WritingRunQuerySet:
    """The row, for as long as this claim is the last one."""
    rows: WritingRunQuerySet = WritingRun.objects.filter(pk=claimed.pk, fence=claimed.fence, state=states.RUNNING)
    return rows


def finish(claimed: WritingRun, state: str, error: str = "") -> None:
    """Put the run down: finished, or for another worker to go on with."""
    over = {} if state == states.PENDING else {"ended_at": timezone.now()}
    with transaction.atomic():
        changes = {"lease_until": None, "rung_at": None, "error": error} | over
        if try_advance(mine(claimed), states.WRITING, state, source=states.RUNNING, **changes):
            writing_changed(claimed)


def progress_of(run_: WritingRun) -> tuple[int, int]:
    """How many slots are done, and how many there are."""
    return run_.slots.exclude(state=states.WAITING).count(), run_.slots.count()


def unfinished(now: datetime | None = None) -> list[UUID]:
    """Ids of runs that need a worker: those whose bell nobody heard, and those whose worker died."""
    now = now or timezone.now()
    take_back(now)
    waiting = WritingRun.objects.filter(state=states.PENDING, created_at__lt=now - UNHEARD)
    unheard = waiting.unheard(since=now - RING_AGAIN_AFTER).order_by("created_at")
    found = list(unheard.values_list("pk", flat=True)[:RING_AT_ONCE])
    WritingRun.objects.filter(pk__in=found).update(rung_at=now)
    return found


def take_back(now: datetime) -> None:
    """What dead workers left running: for another one, or failed after the third."""
    for left in WritingRun.objects.filter(state=states.RUNNING, lease_until__lt=now):
        if left.losses + 1 >= MOST_LOSSES:
            finish(left, states.FAILED, error="The writer was interrupted three times.")
        elif try_advance(
            mine(left).filter(lease_until__lt=now), states.WRITING, states.PENDING, source=states.RUNNING,
            lease_until=None, rung_at=None, losses=F("losses") + 1,
        ):  # fmt: skip
            log.warning("writing_taken_back", run=str(left.pk), worker=left.worker)
            writing_changed(left)
