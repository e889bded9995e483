"""Long work done by workers: claimed by one at a time under a lease, gone on with by
another when that one dies.

Whoever lost the claim records nothing: what a worker writes about a run goes through
`mine`, which holds for the last claim only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from common.states import StateTable
from common.transitions import try_advance

log = structlog.get_logger(__name__)

PENDING, RUNNING, COMPLETED, FAILED, CANCELED = (
    "pending",
    "running",
    "completed",
    "failed",
    "canceled",
)
OPEN = (PENDING, RUNNING)
MOST_LOSSES = 3
# How long after a bell that nobody heard it is rung again, and for how many runs at once.
UNHEARD, RING_AGAIN_AFTER, RING_AT_ONCE = (
    timedelta(seconds=3),
    timedelta(seconds=30),
    100,
)


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
        return self.state in OPEN


Run = TypeVar("Run", bound=LeasedRun)


@dataclass(frozen=True)
class Work(Generic[Run]):
    """One kind of long work. `lease` is how long a worker may be silent at a run;
    `changed` tells people.
    """

    model: type[Run]
    states: StateTable
    lease: Callable[[Run], timedelta]
    changed: Callable[[Run], None]

    def rows(self, run_id: Any) -> Any:
        return self.model._default_manager.filter(pk=run_id)

    def claim(self, run_id: Any, worker: str, *related: str) -> Run | None:
        """Take the run for this worker; None if it is not pending."""
        with transaction.atomic():
            found = self.rows(run_id).first()
            if found is None or not try_advance(
                self.rows(run_id),
                self.states,
                RUNNING,
                source=PENDING,
                fence=F("fence") + 1,
                worker=worker[:120],
                lease_until=timezone.now() + self.lease(found),
            ):
                return None
            claimed: Run = self.rows(run_id).select_related(*related).get()
            self.changed(claimed)
        return claimed

    def mine(self, claimed: Run) -> Any:
        """The row, for as long as this claim is the last one."""
        return self.rows(claimed.pk).filter(fence=claimed.fence, state=RUNNING)

    def keep(self, claimed: Run) -> None:
        """Extend the lease. Raises Lost."""
        if not self.mine(claimed).update(
            lease_until=timezone.now() + self.lease(claimed)
        ):
            raise Lost

    def finish(self, claimed: Run, state: str, error: str = "", **facts: Any) -> bool:
        """Put the run down with these facts: finished, or for another worker to go on
        with. Whether it was ours.
        """
        over = {} if state == PENDING else {"ended_at": timezone.now()}
        with transaction.atomic():
            changes = (
                {"lease_until": None, "rung_at": None, "error": error} | over | facts
            )
            ours = try_advance(
                self.mine(claimed), self.states, state, source=RUNNING, **changes
            )
            if ours:
                self.changed(claimed)
        return ours

    def unfinished(self, now: datetime | None = None) -> list[Any]:
        """Ids of runs that need a worker: those whose bell nobody heard, and those
        whose worker died.
        """
        now = now or timezone.now()
        self.take_back(now)
        waiting = self.model._default_manager.filter(
            state=PENDING, created_at__lt=now - UNHEARD
        )
        unheard = waiting.filter(
            Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN_AFTER)
        ).order_by("created_at")
        found = list(unheard.values_list("pk", flat=True)[:RING_AT_ONCE])
        self.model._default_manager.filter(pk__in=found).update(rung_at=now)
        return found

    def take_back(self, now: datetime) -> None:
        """What dead workers left running: for another one, or failed after the third."""
        for left in self.model._default_manager.filter(
            state=RUNNING, lease_until__lt=now
        ):
            if left.losses + 1 >= MOST_LOSSES:
                self.finish(
                    left, FAILED, error="The worker was interrupted three times."
                )
            elif try_advance(
                self.mine(left).filter(lease_until__lt=now),
                self.states,
                PENDING,
                source=RUNNING,
                lease_until=None,
                rung_at=None,
                losses=F("losses") + 1,
            ):
                log.warning(
                    "run_taken_back",
                    run=str(left.pk),
                    kind=self.states.name,
                    worker=left.worker,
                )
                self.changed(left)
