"""Running plans: claim one, solve it outside of any transaction, record the result;
pick up what was left behind.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from common.transitions import try_advance
from fillplanner import comparing, states
from fillplanner.live import events
from fillplanner.live.frames import (
    completed_frame,
    elapsed,
    failed_frame,
    progress_frame,
)
from fillplanner.models import Plan, PlanQuerySet, PlanResult
from fillplanner.notices import outbox
from fillplanner.planning.intake import read_lots
from fillplanner.planning.problem import Problem, ProblemError
from fillplanner.planning.rules import ConfigError, read_config
from fillplanner.planning.solve import Cancelled, InvalidPlan, Progress, Result, solve
from fillplanner.planning.strategies import UnknownStrategy

log = structlog.get_logger(__name__)

MOST_RUNS = 3
SECONDS_TO_RECORD = 30
REPORT_EVERY_SECONDS = 0.4
# A worker learns this soon that its plan was cancelled, even from a strategy that reports nothing.
BEAT_SECONDS = 1.0
UNHEARD = timedelta(seconds=3)
RING_AGAIN_AFTER = timedelta(seconds=30)
RING_AT_ONCE = 100
MOST_TRACED = 300
# A picture that stands still for longer looks as if the run did.
STILL_SECONDS = 4.0


def lease() -> timedelta:
    """How long a worker may be silent before it counts as dead."""
    return timedelta(seconds=settings.PLAN_LEASE_SECONDS)


def run(plan_id: int, worker: str) -> Plan | None:
    """Claim and solve one plan. Returns it, or None where somebody else has it or it is done."""
    plan = claim(plan_id, worker)
    if plan is None:
        return None
    log.info("plan_claimed", plan=plan.pk, fence=plan.fence, worker=worker)
    try:
        result = solve_plan(plan)
    except Cancelled:
        log.info("plan_lost", plan=plan.pk, fence=plan.fence)
        return None
    except (ProblemError, ConfigError, UnknownStrategy, InvalidPlan) as error:
        log.exception("plan_failed", plan=plan.pk)
        return record_failure(plan, str(error))
    except Exception as error:
        # The person gets a plain sentence, the log the whole story.
        log.exception("plan_broke", plan=plan.pk)
        return record_failure(
            plan, f"The planner stopped with an unexpected {type(error).__name__}."
        )
    return record_result(plan, result)


def claim(plan_id: int, worker: str) -> Plan | None:
    """Take the plan for this worker, state, fence and lease in one step. None if it is
    not pending.
    """
    now = timezone.now()
    with transaction.atomic():
        claimed = try_advance(
            Plan.objects.filter(pk=plan_id),
            states.PLAN,
            states.RUNNING,
            source=states.PENDING,
            fence=F("fence") + 1,
            worker=worker[:120],
            lease_until=now + lease(),
            started_at=now,
            percent=0,
            progress_message="Starting",
        )
        if not claimed:
            return None
        plan = Plan.objects.get(pk=plan_id)
        events.plan_changed(plan)
        events.plan_event(plan, "schedule.started", progress_frame(plan))
        comparing.begun(plan)
    return plan


def solve_plan(plan: Plan) -> Result:
    """Compute the result, reporting on the way.

    Raises Cancelled once another worker has taken over, or the plan was cancelled or deleted.
    """
    config = read_config(plan.config)
    intake = read_lots(plan.lots, config, plan.start_time)
    if intake.errors:
        raise ProblemError(intake.errors)
    reporter = Reporter(plan)
    problem = Problem(tuple(intake.lots), config, plan.start_time)
    with heartbeat(reporter):
        return solve(
            problem,
            plan.strategy,
            progress=reporter.hear,
            cancelled=reporter.lost,
            time_limit=longest_run(),
        )


def longest_run() -> float:
    """Seconds after which a strategy must have its answer: before the task's own limit
    would end it without one.
    """
    before_the_end = settings.CELERY_TASK_SOFT_TIME_LIMIT - SECONDS_TO_RECORD
    return float(max(1, min(settings.PLAN_MOST_SECONDS, before_the_end)))


@contextmanager
def heartbeat(reporter: Reporter) -> Iterator[None]:
    """Extends the lease from a thread of its own: a strategy may compute for long
    without reporting anything.

    A worker that hangs is not kept alive for ever: the task's own time limit ends it,
    and the beat with it.
    """
    over = threading.Event()
    thread = threading.Thread(
        target=_beat, args=(reporter, over), name="plan-heartbeat", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(reporter: Reporter, over: threading.Event) -> None:
    pause = min(lease().total_seconds() / 3, BEAT_SECONDS)
    try:
        while not over.wait(pause) and not reporter.lost():
            try:
                reporter.keep()
            except DatabaseError:
                # The next beat tries again, well before the lease is over.
                log.warning(
                    "plan_heartbeat_missed", plan=reporter.plan.pk, exc_info=True
                )
    finally:
        connection.close()


class Reporter:
    """Writes progress down and sends it, a few times a second at most; each write also
    extends the lease.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.reported_at = time.monotonic()
        self.is_lost = False
        self.trace: list[list[float]] = []

    def lost(self) -> bool:
        """Whether another worker has the plan, or nobody is to have it."""
        return self.is_lost

    def hear(self, step: Progress) -> None:
        """Write a step down and send it, unless another one was written a moment ago."""
        now = time.monotonic()
        if now - self.reported_at < REPORT_EVERY_SECONDS:
            return
        self.reported_at = now
        written: dict[str, object] = {
            "percent": step.percent,
            "progress_message": step.message,
        }
        went_on = self.went_on(step)
        if self.keep(**written | ({"trace": self.trace} if went_on else {})):
            events.progressed(self.plan, progress_frame(self.plan, step))
            if went_on:
                events.traced(self.plan)

    def went_on(self, step: Progress) -> bool:
        """Note the best and the bound if they are others than before, and now and then
        that they are not.
        """
        if step.best is None or step.bound is None:
            return False
        now = [round(step.best, 6), round(step.bound, 6)]
        seconds = elapsed(self.plan)
        alike = [point for point in self.trace[-2:] if point[1:] == now]
        if alike and seconds - alike[-1][0] < STILL_SECONDS:
            return False
        if len(alike) > 1:
            # Two points are enough for a level stretch.
            self.trace.pop()
        if len(self.trace) >= MOST_TRACED:
            self.trace = self.trace[::2]
        self.trace.append([seconds, *now])
        return True

    def keep(self, **written: object) -> bool:
        """Extend the lease and write these fields; False, and lost for good, once the
        claim is not the last one.
        """
        rows = mine_still(self.plan).update(
            lease_until=timezone.now() + lease(), **written
        )
        self.is_lost = self.is_lost or not rows
        return bool(rows)


def mine_still(plan: Plan) -> PlanQuerySet:
    """The row, for as long as this claim is the last one."""
    rows: PlanQuerySet = Plan.objects.filter(
        pk=plan.pk, fence=plan.fence, state=states.RUNNING
    )
    return rows


def record_result(plan: Plan, result: Result) -> Plan | None:
    """Result and state in one transaction; None when another worker has taken over."""
    wire = result.to_wire()
    with transaction.atomic():
        if not _finish(plan, states.COMPLETED, percent=100, progress_message="Done"):
            return None
        PlanResult.objects.create(plan=plan, **wire)
        end_trace(plan, wire)
        done = Plan.objects.select_related("result").get(pk=plan.pk)
        events.plan_changed(done)
        frame = completed_frame(done)
        events.plan_event(done, "schedule.completed", frame)
        if done.comparison_id is None:
            outbox.note(done.owner_id, "schedule.completed", done.topic, frame)
    comparing.ended(done)
    log.info(
        "plan_completed",
        plan=plan.pk,
        makespan=wire["makespan"],
        gap=wire["gap_percent"],
    )
    return done


def end_trace(plan: Plan, wire: dict[str, object]) -> None:
    """The last point of a trace is the result."""
    rows = Plan.objects.filter(pk=plan.pk)
    trace = rows.values_list("trace", flat=True).get()
    if trace:
        rows.update(
            trace=[*trace, [elapsed(plan), wire["makespan"], wire["lower_bound"]]]
        )


def record_failure(plan: Plan, message: str) -> Plan | None:
    """Failure and reason in one transaction; None when another worker has taken over."""
    with transaction.atomic():
        if not _finish(plan, states.FAILED, error_message=message[:2000]):
            return None
        failed = Plan.objects.get(pk=plan.pk)
        events.plan_changed(failed)
        frame = failed_frame(failed)
        events.plan_event(failed, "schedule.failed", frame)
        if failed.comparison_id is None:
            outbox.note(failed.owner_id, "schedule.failed", failed.topic, frame)
    comparing.ended(failed)
    return failed


def _finish(plan: Plan, target: str, **changes: object) -> bool:
    changes |= {"completed_at": timezone.now(), "lease_until": None}
    return try_advance(
        mine_still(plan), states.PLAN, target, source=states.RUNNING, **changes
    )


def unfinished(now: datetime | None = None) -> list[int]:
    """Ids of plans that need a worker: those whose bell nobody heard, and those whose
    worker died.

    The dead workers' plans go back to pending; after three runs they fail instead.
    Comparisons that a dead worker left open with all their plans finished are finished.
    The others are noted as rung for: if that bell is lost too, they come up again after
    a while.
    """
    now = now or timezone.now()
    _take_back(now)
    comparing.repair()
    waiting = Plan.objects.filter(state=states.PENDING, created_at__lt=now - UNHEARD)
    unheard = waiting.unheard(since=now - RING_AGAIN_AFTER).order_by("created_at")
    ids = list(unheard.values_list("pk", flat=True)[:RING_AT_ONCE])
    if ids:
        Plan.objects.filter(pk__in=ids).update(rung_at=now)
    return ids


def _take_back(now: datetime) -> None:
    """What dead workers left running: back to pending, or failed after the third run."""
    for plan in Plan.objects.filter(
        state=states.RUNNING, lease_until__lt=now
    ).without_lots():
        if plan.fence >= MOST_RUNS:
            record_failure(plan, "The planner was interrupted three times.")
        elif try_advance(
            mine_still(plan).filter(lease_until__lt=now),
            states.PLAN,
            states.PENDING,
            source=states.RUNNING,
            lease_until=None,
            rung_at=None,
        ):
            log.warning("plan_taken_back", plan=plan.pk, worker=plan.worker)
            events.plan_changed(plan)
