"""Running plans, by the steps of `common.runs`: claim one, solve it outside of any
transaction, record the result; pick up what was left behind.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common.runs import Claim, Work
from fillplanner import comparing, states
from fillplanner.live import events
from fillplanner.live.frames import (
    completed_frame,
    elapsed,
    failed_frame,
    progress_frame,
)
from fillplanner.models import Plan, PlanResult
from fillplanner.notices import outbox
from fillplanner.planning.intake import read_kept_lots
from fillplanner.planning.problem import Problem, ProblemError
from fillplanner.planning.rules import ConfigError, read_config
from fillplanner.planning.solve import Cancelled, InvalidPlan, Progress, Result, solve
from fillplanner.planning.strategies import UnknownStrategy

log = structlog.get_logger(__name__)

SECONDS_TO_RECORD = 30
LONGEST_ERROR = 2000
MOST_TRACED = 300
# A picture that stands still for longer looks as if the run did.
STILL_SECONDS = 4.0


def lease(_: Plan) -> timedelta:
    """How long a worker may be silent before it counts as dead."""
    return timedelta(seconds=settings.PLAN_LEASE_SECONDS)


class PlanWork(Work[Plan]):
    def fail(self, claimed: Plan, error: str) -> None:
        """End the plan as failed, with the reason for its owner."""
        record_failure(claimed, error)


WORK = PlanWork(
    Plan,
    states.PLAN,
    lease,
    events.plan_changed,
    interrupted="The planner was interrupted three times.",
)


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
    """Take the plan for this worker and say that it has begun. None if it is not
    pending.
    """
    with transaction.atomic():
        plan = WORK.claim(
            plan_id,
            worker,
            started_at=timezone.now(),
            percent=0.0,
            progress_message="Starting",
        )
        if plan is None:
            return None
        events.plan_event(plan, "schedule.started", progress_frame(plan))
        comparing.begun(plan)
    return plan


def solve_plan(plan: Plan) -> Result:
    """Compute the result, reporting on the way.

    Raises Cancelled once another worker has taken over, or the plan was cancelled or deleted.
    """
    config = read_config(plan.config)
    intake = read_kept_lots(plan.lots, config, plan.start_time)
    if intake.errors:
        raise ProblemError(intake.errors)
    reporter = Reporter(plan)
    problem = Problem(tuple(intake.lots), config, plan.start_time)
    with reporter.claim.heartbeat():
        return solve(
            problem,
            plan.strategy,
            progress=reporter.hear,
            cancelled=reporter.claim.lost,
            time_limit=longest_run(),
        )


def longest_run() -> float:
    """Seconds after which a strategy must have its answer: before the task's own limit
    would end it without one.
    """
    before_the_end = settings.CELERY_TASK_SOFT_TIME_LIMIT - SECONDS_TO_RECORD
    return float(max(1, min(settings.PLAN_MOST_SECONDS, before_the_end)))


class Reporter:
    """Writes progress down and sends it, a few times a second at most."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.claim = Claim(WORK, plan)
        self.trace: list[list[float]] = []

    def hear(self, step: Progress) -> None:
        """Write a step down and send it, unless another one was written a moment ago."""
        if not self.claim.is_report_due():
            return
        facts: dict[str, object] = {
            "percent": step.percent,
            "progress_message": step.message,
        }
        went_on = self.went_on(step)
        if went_on:
            facts["trace"] = self.trace
        if not self.claim.report(**facts):
            return
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


def record_result(plan: Plan, result: Result) -> Plan | None:
    """Result and state in one transaction; None when another worker has taken over."""
    wire = result.to_wire()
    with transaction.atomic():
        recorded = WORK.finish(
            plan, states.COMPLETED, percent=100, progress_message="Done"
        )
        if not recorded:
            return None
        PlanResult.objects.create(plan=plan, **wire)
        end_trace(plan, wire)
        done = Plan.objects.select_related("result").get(pk=plan.pk)
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
        if not WORK.finish(plan, states.FAILED, error=message[:LONGEST_ERROR]):
            return None
        failed = Plan.objects.get(pk=plan.pk)
        frame = failed_frame(failed)
        events.plan_event(failed, "schedule.failed", frame)
        if failed.comparison_id is None:
            outbox.note(failed.owner_id, "schedule.failed", failed.topic, frame)
    comparing.ended(failed)
    return failed


def unfinished(now: datetime | None = None) -> list[int]:
    """Ids of plans that need a worker, as `Work.unfinished` has them.

    Comparisons that a dead worker left open with all their plans finished are finished.
    """
    plan_ids = WORK.unfinished(now)
    comparing.repair()
    return plan_ids
