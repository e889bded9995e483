"""Long work done by workers, one at a time under a lease. The steps, in order:

1. Somebody keeps a run that is `pending` and rings a worker with its id.
2. The worker claims it (`Work.claim`): `running`, with the next fence and a lease.
3. While it works, it keeps the claim (`Work.keep`): the lease is extended, and what it
   has to tell is written. For work that is silent for long, `Claim.heartbeat` does so
   from a thread.
4. It puts the run down (`Work.finish`): at its end, or `pending` for others to go on.
5. What a dead worker left is taken back once its lease is over (`Work.take_back`):
   `pending` again, or failed after the third loss.
6. Pending runs whose bell nobody heard are found (`Work.unfinished`), and `common.sweep`
   rings for them again.

Whoever cancels moves the run to its end and does not wait: the worker learns it in step
3 or 4. Whoever lost the claim records nothing: what a worker writes about a run goes
through `mine`, which holds for the last claim only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from common.mappings import Values
from common.states import StateTable
from common.transitions import try_advance

log = structlog.get_logger(__name__)

PENDING = "pending"
RUNNING = "running"
COMPLETED = "completed"
FAILED = "failed"
CANCELED = "canceled"
OPEN = (PENDING, RUNNING)
MOST_LOSSES = 3
# How long after a bell that nobody heard it is rung again, and for how many runs at once.
UNHEARD = timedelta(seconds=3)
RING_AGAIN_AFTER = timedelta(seconds=30)
RING_AT_ONCE = 100
# How often progress is written at most.
REPORT_EVERY_SECONDS = 0.4
# A worker learns this soon that its run was canceled, even if its work tells nothing.
BEAT_SECONDS = 1.0


class Lost(Exception):
    """The claim is not ours any more: the run was canceled, or another worker has it."""


class LeasedRun(models.Model):
    """`fence` counts claims: a worker whose number is old may record nothing. `losses`
    counts workers that died at it; `rung_at` is when a worker was last rung for it.
    """

    state = models.CharField(max_length=12, default=PENDING, editable=False)
    fence = models.PositiveIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True, editable=False)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """Whether it may still change."""
        return self.state in OPEN


Run = TypeVar("Run", bound=LeasedRun)


@dataclass(frozen=True)
class Work(Generic[Run]):
    """One kind of long work. `lease` is how long a worker may be silent at a run;
    `changed` tells people; `interrupted` is what they read of a run that was given up.
    """

    model: type[Run]
    states: StateTable
    lease: Callable[[Run], timedelta]
    changed: Callable[[Run], None]
    interrupted: str = "The worker was interrupted three times."

    def rows(self, run_id: Any) -> Any:
        """The run as a set of at most one row, for updates with conditions."""
        return self.model._default_manager.filter(pk=run_id)

    def claim(
        self, run_id: Any, worker: str, *related: str, **facts: Any
    ) -> Run | None:
        """Take the run for this worker and write these facts, in one step; None if it
        is not pending.

        related: names of relations that are read with it.
        """
        # Within a caller's transaction it is a part of that, without a savepoint.
        with transaction.atomic(savepoint=False):
            run = self._waiting(run_id, related)
            if run is None:
                return None
            changes = {
                "fence": run.fence + 1,
                "worker": worker[:120],
                "lease_until": timezone.now() + self.lease(run),
                **facts,
            }
            # Of two workers that read the same fence, one moves it.
            as_read = self.rows(run_id).filter(fence=run.fence)
            if not try_advance(
                as_read, self.states, RUNNING, source=PENDING, **changes
            ):
                return None
            run.state = RUNNING
            for name, value in changes.items():
                setattr(run, name, value)
            self.changed(run)
        return run

    def _waiting(self, run_id: Any, related: tuple[str, ...]) -> Run | None:
        rows = self.rows(run_id).filter(state=PENDING)
        if related:
            rows = rows.select_related(*related)
        run: Run | None = rows.first()
        return run

    def mine(self, claimed: Run) -> Any:
        """The row, for as long as this claim is the last one."""
        return self.rows(claimed.pk).filter(fence=claimed.fence, state=RUNNING)

    def keep(self, claimed: Run, **facts: Any) -> None:
        """Extend the lease and write these facts. Raises Lost."""
        lease_until = timezone.now() + self.lease(claimed)
        if not self.mine(claimed).update(lease_until=lease_until, **facts):
            raise Lost

    def finish(self, claimed: Run, state: str, error: str = "", **facts: Any) -> bool:
        """Put the run down with these facts: finished, or for another worker to go on
        with. Whether it was ours.
        """
        changes: Values = {"lease_until": None, "rung_at": None, "error": error}
        if state != PENDING:
            changes["ended_at"] = timezone.now()
        changes |= facts
        with transaction.atomic(savepoint=False):
            ours = try_advance(
                self.mine(claimed), self.states, state, source=RUNNING, **changes
            )
            if ours:
                self.changed(claimed)
        return ours

    def fail(self, claimed: Run, error: str) -> None:
        """Put the run down as failed; for kinds to add whom else they tell of it."""
        self.finish(claimed, FAILED, error=error)

    def unfinished(self, now: datetime | None = None) -> list[Any]:
        """Ids of runs that need a worker: those whose bell nobody heard, and those
        whose worker died.

        They are noted as rung for: if that bell is lost too, they come up again after a
        while.
        """
        now = now or timezone.now()
        self.take_back(now)
        waiting = self.model._default_manager.filter(
            state=PENDING, created_at__lt=now - UNHEARD
        )
        unheard = waiting.filter(
            Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN_AFTER)
        ).order_by("created_at")
        ids = list(unheard.values_list("pk", flat=True)[:RING_AT_ONCE])
        self.model._default_manager.filter(pk__in=ids).update(rung_at=now)
        return ids

    def take_back(self, now: datetime) -> None:
        """What dead workers left running: for another one, or failed after the third."""
        left_running = self.model._default_manager.filter(
            state=RUNNING, lease_until__lt=now
        )
        for run in left_running:
            if run.losses + 1 >= MOST_LOSSES:
                self.fail(run, self.interrupted)
            elif self._reopen(run, now):
                log.warning(
                    "run_taken_back",
                    run=str(run.pk),
                    kind=self.states.name,
                    worker=run.worker,
                )
                self.changed(run)

    def _reopen(self, run: Run, now: datetime) -> bool:
        """False where the worker was heard meanwhile, or somebody else took it back."""
        return try_advance(
            self.mine(run).filter(lease_until__lt=now),
            self.states,
            PENDING,
            source=RUNNING,
            lease_until=None,
            rung_at=None,
            losses=F("losses") + 1,
        )


class Claim(Generic[Run]):
    """A worker's claim of a run, for work that asks now and then whether to go on: it
    remembers that it was lost.
    """

    def __init__(self, work: Work[Run], run: Run) -> None:
        self.work = work
        self.run = run
        self.is_lost = False
        self.reported_at = time.monotonic()

    def lost(self) -> bool:
        """Whether another worker has the run, or nobody is to have it."""
        return self.is_lost

    def keep(self, **facts: Any) -> bool:
        """Extend the lease and write these facts; False, and lost for good, once the
        claim is not the last one.
        """
        try:
            self.work.keep(self.run, **facts)
        except Lost:
            self.is_lost = True
        return not self.is_lost

    def is_report_due(self) -> bool:
        """Whether enough time has passed since the last report."""
        return time.monotonic() - self.reported_at >= REPORT_EVERY_SECONDS

    def report(self, **facts: Any) -> bool:
        """As `keep`, for progress: the next report is due a moment later."""
        self.reported_at = time.monotonic()
        return self.keep(**facts)

    @contextmanager
    def heartbeat(self) -> Iterator[None]:
        """Extends the lease from a thread of its own: work may be silent for long.

        A worker that hangs is not kept alive for ever: the task's own time limit ends
        it, and the beat with it.
        """
        over = threading.Event()
        name = f"{self.work.states.name}-heartbeat"
        thread = threading.Thread(
            target=self._beat, args=(over,), name=name, daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat(self, over: threading.Event) -> None:
        try:
            lease_seconds = self.work.lease(self.run).total_seconds()
            pause = min(lease_seconds / 3, BEAT_SECONDS)
            while not over.wait(pause) and not self.lost():
                self._beat_once()
        finally:
            connection.close()

    def _beat_once(self) -> None:
        try:
            self.keep()
        except DatabaseError:
            # The next beat tries again, well before the lease is over.
            log.warning(
                "heartbeat_missed",
                run=str(self.run.pk),
                kind=self.work.states.name,
                exc_info=True,
            )
