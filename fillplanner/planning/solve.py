"""The one door of the engine: a problem and a strategy's name in, a judged result with
bound and gap out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fillplanner.planning import kernels
from fillplanner.planning.bounds import lower_bound
from fillplanner.planning.judge import judge
from fillplanner.planning.plan import (
    CHANGEOVER,
    FILL,
    Plan,
    build_plan,
    kpis,
    window_violations,
)
from fillplanner.planning.problem import PACKING_SHARE, Lot, Problem
from fillplanner.planning.strategies import DEFAULT, resolve_strategy
from fillplanner.planning.strategies.base import Strategy

OPTIMAL, FEASIBLE, TIME_LIMIT = "optimal", "feasible", "time_limit"
PLACING_SHARE, IMPROVING_PERCENT = 80.0, 85.0
IMPROVING_EVERY_SECONDS = 0.5
REPORTS = 100
MOST_SLICES, SLICES_TIMES_LOTS = 45, 4500


class Cancelled(Exception):
    """The caller asked to stop."""


class InvalidPlan(Exception):
    """The engine's own answer broke a rule: a fault of the engine; the text says which rule."""


@dataclass(frozen=True)
class Progress:
    """How far a run is: percent 0..100, the lot placed last, lots placed and lots in
    all; of the exact optimiser the best makespan so far and the bound, in hours.
    """

    percent: float
    message: str
    current_lot: str | None
    lots_completed: int
    lots_total: int
    best: float | None = None
    bound: float | None = None


@dataclass(frozen=True)
class Result:
    """A plan and its figures: hours, except utilization and gap (percent) and runtime (seconds)."""

    plan: Plan
    problem: Problem
    lower_bound: float
    solver: str
    runtime_seconds: float
    ran_out: bool = False

    @property
    def makespan(self) -> float:
        return self.plan.makespan

    @property
    def gap_percent(self) -> float:
        """How much longer than the bound the plan is, in percent of the bound; 0 proves
        it optimal.
        """
        gap = (
            100 * (self.makespan - self.lower_bound) / self.lower_bound
            if self.lower_bound
            else 0.0
        )
        return max(0.0, round(gap, 6))

    @property
    def solver_status(self) -> str:
        if self.makespan - self.lower_bound <= 1e-6:
            return OPTIMAL
        return TIME_LIMIT if self.ran_out else FEASIBLE

    def to_wire(self) -> dict[str, Any]:
        """The result as `GET /schedule/{id}` gives it."""
        return {
            "makespan": round(self.makespan, 6),
            "utilization": round(self.plan.utilization, 2),
            "changeovers": self.plan.count(CHANGEOVER),
            "lots_scheduled": self.plan.count(FILL),
            "window_violations": window_violations(self.plan, self.problem.lots),
            "kpis": kpis(self.plan),
            "activities": [row.to_wire() for row in self.plan.activities],
            "lower_bound": round(self.lower_bound, 6),
            "gap_percent": self.gap_percent,
            "solver": self.solver,
            "solver_status": self.solver_status,
            "runtime_seconds": round(self.runtime_seconds, 4),
        }


def solve(
    problem: Problem,
    strategy: str = DEFAULT,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    time_limit: float | None = None,
) -> Result:
    """Plan the lots. Raises UnknownStrategy, Cancelled, or InvalidPlan if the judge
    finds a fault.

    After `time_limit` seconds a strategy stops improving and the best plan found by
    then is the answer.
    """
    begun = time.perf_counter()
    kernels.look()
    chosen = resolve_strategy(strategy)
    deadline = begun + time_limit if time_limit is not None else float("inf")
    reporter = Reporter(len(problem.lots), deadline, progress, cancelled)
    reporter.say(0.0, "Packing lots into blocks")
    plan = (
        timed_plan(problem, chosen, reporter)
        if problem.timed
        else plain_plan(problem, chosen, reporter)
    )
    reporter.say(90.0, "Checking the plan")
    faults = judge(problem, plan)
    if faults:
        raise InvalidPlan("; ".join(faults[:5]))
    bound = min(plan.makespan, overall_bound(problem, reporter.bound))
    result = Result(
        plan, problem, bound, chosen.name, time.perf_counter() - begun, reporter.ran_out
    )
    reporter.say(100.0, "Done")
    return result


def would_profit(problem: Problem, strategies: Sequence[str]) -> bool:
    """Whether compiled kernels, which are missing, would give one of these strategies
    better or sooner plans.
    """
    uses_kernels = problem.timed or any(
        resolve_strategy(name).anytime for name in strategies
    )
    return uses_kernels and not kernels.ready()


def plain_plan(problem: Problem, chosen: Strategy, reporter: Reporter) -> Plan:
    """One block after the other, as the strategy has them."""
    return build_plan(chosen.pack(problem, reporter), problem.config)


def timed_plan(problem: Problem, chosen: Strategy, reporter: Reporter) -> Plan:
    """The strategy's blocks put in time, and lots moved among them where that meets
    more wishes or is shorter.
    """
    # Not imported before it is needed: compiled code takes a second to load.
    from fillplanner.planning.sequencing import Sequencer  # noqa: PLC0415

    packing = problem.packing()
    blocks: list[Sequence[Lot]] = [
        *problem.frozen,
        *(chosen.pack(packing, reporter) if packing else []),
    ]
    sequencer = Sequencer(problem, problem.config.tunables.seed)
    reporter.say(IMPROVING_PERCENT, "Putting blocks in time")
    if chosen.anytime and problem.config.tunables.work_limit is None:
        seconds, slices = (
            min(
                problem.config.tunables.milp_time_limit * (1 - PACKING_SHARE),
                reporter.seconds_left(),
            ),
            None,
        )
    else:
        seconds, slices = (
            reporter.seconds_left(),
            max(3, min(MOST_SLICES, SLICES_TIMES_LOTS // len(problem.lots))),
        )
    least = overall_bound(problem, reporter.bound)
    improved: list[Sequence[Lot]] = [
        *sequencer.improve(blocks, max(0.01, seconds), slices, reporter.expired, least)
    ]
    best = min((blocks, improved), key=sequencer.value)
    return build_plan(best, problem.config, sequencer.layout(best))


def overall_bound(problem: Problem, packed: float) -> float:
    """Hours that no plan stays under: the hours of frozen blocks, and the bound of the
    rest on one line, shared by all lines; and the longest lot with its clean. `packed`
    is what a strategy has proven for the rest.
    """
    if not problem.timed:
        return max(lower_bound(problem), packed)
    clean, rest = problem.config.clean_hours, problem.packing()
    work = sum(clean + problem.block_hours(block) for block in problem.frozen)
    work += max(lower_bound(rest), packed) if rest else 0.0
    return max(
        work / problem.config.lines, clean + max(lot.fill_hours for lot in problem.lots)
    )


class Reporter:
    """Passes progress on, at most about a hundred times, and looks whether the caller
    wants to stop.
    """

    def __init__(
        self,
        total: int,
        deadline: float,
        progress: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.total, self.deadline, self.progress, self.cancelled = (
            total,
            deadline,
            progress,
            cancelled,
        )
        self.late = self.gave_up = False
        self.bound, self.best = 0.0, float("inf")
        self.begun = time.perf_counter()
        self.step = max(1, total // REPORTS)
        self.done = 0
        self.said_at = time.perf_counter()

    def placed(self, done: int, lot: Lot) -> None:
        self.done = done
        if done % self.step == 0 or done == self.total:
            self.say(
                PLACING_SHARE * done / self.total,
                f"Placed {done} of {self.total} lots",
                lot.lot_id,
            )

    def expired(self) -> bool:
        """Asked again and again while a strategy improves: a good time to show that it
        still lives.
        """
        now = time.perf_counter()
        if now - self.said_at > IMPROVING_EVERY_SECONDS:
            self.say(IMPROVING_PERCENT, "Improving the plan")
        self.late = self.late or now > self.deadline
        return self.late

    @property
    def ran_out(self) -> bool:
        """Whether something ended before it was done: all of it, or a strategy's own
        share of the time.
        """
        return self.late or self.gave_up

    def seconds_left(self) -> float:
        return self.deadline - time.perf_counter()

    def give_up(self) -> None:
        """A strategy's share of the time is over; what comes after it has its own."""
        self.gave_up = True

    def bounded(self, hours: float) -> None:
        self.bound = max(self.bound, hours)

    def found(self, best: float, bound: float, phase: str) -> None:
        self.bounded(bound)
        self.best = min(self.best, best)
        self.say(
            IMPROVING_PERCENT,
            f"{phase.capitalize()}: {self.best:,.2f} h, no plan under {self.bound:,.2f} h",
        )

    def say(self, percent: float, message: str, current: str | None = None) -> None:
        self.said_at = time.perf_counter()
        if self.cancelled and self.cancelled():
            raise Cancelled
        if self.progress:
            known = self.best < float("inf")
            best, bound = (self.best, self.bound) if known else (None, None)
            self.progress(
                Progress(percent, message, current, self.done, self.total, best, bound)
            )
