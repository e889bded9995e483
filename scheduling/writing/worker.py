"""Writing texts into a whole range of slots: claim a run, write slot by slot, pick up
what dead workers left.

Whoever lost the claim records nothing. A slot is filled in one transaction with its own
record, so a run that is picked up again goes on where it was.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from common.errors import Missing, TooMany
from common.runs import Lost, Work
from common.transitions import try_advance
from scheduling.domain import states
from scheduling.events import writing_changed, writing_progressed
from scheduling.models import WritingRun, WritingSlot
from scheduling.writing.brief import Brief, place_of
from scheduling.writing.text import SlotTaken, content_from, fill, write
from templates_ai.models import EngineSettings

log = structlog.get_logger(__name__)

# After this long a worker lets others have their turn.
TURN_SECONDS = 60.0
# So many titles before are shown to the engine, to make the next one differ.
REMEMBERED = 12


def lease(run_: WritingRun) -> timedelta:
    """How long a worker may be silent: an engine may be asked twice for a text."""
    engine = EngineSettings.objects.filter(workspace=run_.workspace_id)
    seconds = engine.values_list("seconds", flat=True).first()
    return timedelta(seconds=settings.WRITING_LEASE_SECONDS + 2 * (seconds or 0))


WORK = Work(WritingRun, states.WRITING, lease, writing_changed)


def run(run_id: UUID, worker: str) -> bool:
    """Claim a run and write for at most a minute. Returns whether slots are left that
    somebody should be rung for.
    """
    claimed = WORK.claim(run_id, worker, "workspace", "started_by")
    if claimed is None:
        return False
    try:
        return write_slots(claimed, time.monotonic() + TURN_SECONDS)
    except Lost:
        log.info("writing_lost", run=str(run_id), fence=claimed.fence)
    except (Missing, TooMany) as problem:
        WORK.finish(claimed, states.FAILED, error=problem.message)
    return False


def write_slots(claimed: WritingRun, until: float) -> bool:
    """Each waiting slot in order of time. Raises Lost, and what `write` raises."""
    brief = Brief.of(claimed.brief)
    waiting = claimed.slots.filter(state=states.WAITING)
    written = claimed.slots.filter(state=states.WRITTEN)
    titles = list(written.values_list("content__title", flat=True))
    for slot in waiting.select_related("post__account", "post__workspace"):
        WORK.keep(claimed)
        if time.monotonic() > until:
            WORK.finish(claimed, states.PENDING)
            return True
        others = tuple(title for title in titles[-REMEMBERED:] if title)
        title = write_one(claimed, slot, brief, others)
        if title:
            titles.append(title)
        writing_progressed(claimed, *progress_of(claimed))
    WORK.finish(claimed, states.COMPLETED)
    return False


def write_one(
    claimed: WritingRun, slot: WritingSlot, brief: Brief, others: tuple[str, ...]
) -> str:
    """Write one slot and record what became of it; the title, blank for none."""
    if slot.post.state != states.PLANNED:
        record(claimed, slot, states.SKIPPED, note="It is not empty any more.")
        return ""
    result = write(claimed.workspace, brief, place_of(slot.post), others)
    item = content_from(
        claimed.workspace,
        result.draft,
        result.generation,
        brief.link,
        claimed.started_by,
    )
    try:
        with transaction.atomic():
            # The run before the audit trail, as everybody who changes a run does: no
            # two wait for each other.
            WORK.keep(claimed)
            fill(slot.post, item, claimed.started_by)
            note = " ".join(result.notes)
            record(claimed, slot, states.WRITTEN, content=item, note=note)
    except SlotTaken:
        record(claimed, slot, states.SKIPPED, note="Somebody filled it meanwhile.")
        return ""
    return item.title


def record(claimed: WritingRun, slot: WritingSlot, state: str, **facts: Any) -> None:
    """What became of a slot, if the claim still holds. Raises Lost."""
    with transaction.atomic():
        WORK.keep(claimed)
        this_slot = WritingSlot.objects.filter(pk=slot.pk)
        if not try_advance(this_slot, states.WRITING_SLOT, state, **facts):
            raise Lost
        writing_changed(claimed)


def progress_of(run_: WritingRun) -> tuple[int, int]:
    """How many slots are done, and how many there are."""
    return run_.slots.exclude(state=states.WAITING).count(), run_.slots.count()
