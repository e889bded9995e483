"""The one door of the engine: a problem and a strategy's name in, a judged result with
bound and gap out.

A run takes these steps, in this order:

1. `kernels.look`: whether compiled code is there by now.
2. The strategy's name, or an alias, becomes a strategy; time begins to count.
3. Packing: the strategy divides lots into blocks (`Strategy.pack`). Where time matters
   it packs the lots that are free, on one line, and only for a share of the time.
4. Timing, where time matters: frozen blocks and those of the strategy are put in time
   and improved there (`Sequencer`); otherwise blocks follow each other.
5. The blocks become a plan, which computes its own figures (`build_plan`).
6. The judge, who shares no code with the steps before, looks for a broken rule: one is
   a fault of the engine and ends the run.
7. The bound: the larger one of what the lots alone prove (`bounds`) and what the
   strategy has proven on the way, never over the plan's makespan.
8. The result says how far the plan is from the bound, and whether time ran out.

Between all steps, and at each lot that is placed, the watch reports progress and looks
whether the caller wants an end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.mappings import JsonObject
from fillplanner.planning import kernels
from fillplanner.planning.bounds import lower_bound
from fillplanner.planning.judge import judge
from fillplanner.planning.plan import (
    CHANGEOVER,
    FILL,
    LinePlan,
    build_plan,
    kpis,
    window_violations,
)
from fillplanner.planning.problem import PACKING_SHARE, Lot, Problem
from fillplanner.planning.strategies import DEFAULT, resolve_strategy
from fillplanner.planning.strategies.base import Strategy

OPTIMAL = "optimal"
FEASIBLE = "feasible"
TIME_LIMIT = "time_limit"
STATUSES = (OPTIMAL, FEASIBLE, TIME_LIMIT)
PLACING_SHARE = 80.0
IMPROVING_PERCENT = 85.0
IMPROVING_EVERY_SECONDS = 0.5
REPORTS = 100
MOST_SLICES = 45
SLICES_TIMES_LOTS = 4500


class Cancelled(Exception):
    """The caller asked to stop."""


class InvalidPlan(Exception):
    """The engine's own answer broke a rule: a fault of the engine; the text says which rule."""


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    percent: 0 to 100.
    message: what is being done, in words.
    current_lot: the lot that was placed last.
    lots_completed, lots_total: lots placed, and in all.
    best, bound: of the exact optimiser the best makespan so far and the bound, in hours.
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
    """A plan and its figures.

    lower_bound: hours that no plan stays under.
    solver: the strategy's name.
    runtime_seconds: how long it took.
    ran_out: whether something ended before it was done.
    """

    plan: LinePlan
    problem: Problem
    lower_bound: float
    solver: str
    runtime_seconds: float
    ran_out: bool = False

    @property
    def makespan(self) -> float:
        """In hours."""
        return self.plan.makespan

    @property
    def gap_percent(self) -> float:
        """How much longer than the bound the plan is, in percent of the bound; 0 proves
        it optimal.
        """
        if not self.lower_bound:
            return 0.0
        gap = 100 * (self.makespan - self.lower_bound) / self.lower_bound
        return max(0.0, round(gap, 6))

    @property
    def solver_status(self) -> str:
        """Whether the plan is proven optimal, or else whether time ran out."""
        if self.makespan - self.lower_bound <= 1e-6:
            return OPTIMAL
        return TIME_LIMIT if self.ran_out else FEASIBLE

    def to_wire(self) -> JsonObject:
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
    """Plan the lots.

    problem: lots, the line's rules and the plan's start; times are hours.
    strategy: a strategy's name, or an alias of it.
    progress: hears of each step, about a hundred times at most.
    cancelled: asked again and again whether the caller wants an end.
    time_limit: seconds after which a strategy stops improving, and the best plan found
    by then is the answer; None for no limit.
    Returns the plan, judged, with a bound and the gap to it.
    Raises UnknownStrategy; Cancelled; ProblemError where the exact optimiser's limits
    refuse the lots or the plan; InvalidPlan where the judge finds a fault.
    """
    begun = time.perf_counter()
    kernels.look()
    chosen = resolve_strategy(strategy)
    deadline = begun + time_limit if time_limit is not None else float("inf")
    watch = CallerWatch(
        total=len(problem.lots),
        deadline=deadline,
        progress=progress,
        cancelled=cancelled,
    )
    watch.say(0.0, "Packing lots into blocks")
    make = timed_plan if problem.timed else plain_plan
    plan = make(problem, chosen, watch)
    watch.say(90.0, "Checking the plan")
    faults = judge(problem, plan)
    if faults:
        raise InvalidPlan("; ".join(faults[:5]))
    result = Result(
        plan=plan,
        problem=problem,
        lower_bound=min(plan.makespan, overall_bound(problem, watch.bound)),
        solver=chosen.name,
        runtime_seconds=time.perf_counter() - begun,
        ran_out=watch.ran_out,
    )
    watch.say(100.0, "Done")
    return result


def would_profit(problem: Problem, strategies: Sequence[str]) -> bool:
    """Whether compiled kernels, which are missing, would give one of these strategies
    better or sooner plans.

    problem: lots and rules.
    strategies: names, or aliases.
    Raises UnknownStrategy.
    """
    uses_kernels = problem.timed or any(
        resolve_strategy(name).anytime for name in strategies
    )
    return uses_kernels and not kernels.ready()


def plain_plan(problem: Problem, chosen: Strategy, watch: CallerWatch) -> LinePlan:
    """One block after the other, as the strategy has them."""
    return build_plan(chosen.pack(problem, watch), problem.config)


def timed_plan(problem: Problem, chosen: Strategy, watch: CallerWatch) -> LinePlan:
    """The strategy's blocks put in time, and lots moved among them where that meets
    more wishes or is shorter.

    problem: lots and rules.
    chosen: the strategy that packs.
    watch: hears how far it is.
    """
    # Not imported before it is needed: compiled code takes a second to load.
    from fillplanner.planning.sequencing import Sequencer  # noqa: PLC0415

    packing = problem.packing()
    packed = chosen.pack(packing, watch) if packing else []
    blocks: list[Sequence[Lot]] = [*problem.frozen, *packed]
    sequencer = Sequencer(problem, problem.config.tunables.seed)
    watch.say(IMPROVING_PERCENT, "Putting blocks in time")
    seconds, slices = time_to_improve(problem, chosen, watch)
    least = overall_bound(problem, watch.bound)
    improved: list[Sequence[Lot]] = [
        *sequencer.improve(blocks, max(0.01, seconds), slices, watch.expired, least)
    ]
    best = min((blocks, improved), key=sequencer.value)
    return build_plan(best, problem.config, sequencer.layout(best))


def time_to_improve(
    problem: Problem, chosen: Strategy, watch: CallerWatch
) -> tuple[float, int | None]:
    """Seconds for putting blocks in time, and slices of work where the answer is to be
    repeatable, which it is but for strategies that use the time they are given.
    """
    knobs = problem.config.tunables
    left = watch.seconds_left()
    if chosen.anytime and knobs.work_limit is None:
        return min(knobs.milp_time_limit * (1 - PACKING_SHARE), left), None
    slices = SLICES_TIMES_LOTS // len(problem.lots)
    return left, max(3, min(MOST_SLICES, slices))


def overall_bound(problem: Problem, packed: float) -> float:
    """Hours that no plan stays under: the hours of frozen blocks, and the bound of the
    rest on one line, shared by all lines; and the longest lot with its clean.

    packed: hours that a strategy has proven for the rest, 0 for none.
    """
    if not problem.timed:
        return max(lower_bound(problem), packed)
    clean = problem.config.clean_hours
    rest = problem.packing()
    work = sum(clean + problem.block_hours(block) for block in problem.frozen)
    work += max(lower_bound(rest), packed) if rest else 0.0
    longest = max(lot.fill_hours for lot in problem.lots)
    return max(work / problem.config.lines, clean + longest)


class CallerWatch:
    """What a strategy tells the caller: passes progress on, at most about a hundred
    times, and looks whether the caller wants to stop.

    total: how many lots there are.
    deadline: on the clock of `time.perf_counter`, in seconds.
    progress, cancelled: as `solve` has them.
    """

    def __init__(
        self,
        total: int,
        deadline: float,
        progress: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.total = total
        self.deadline = deadline
        self.progress = progress
        self.cancelled = cancelled
        self.late = self.gave_up = False
        self.bound = 0.0
        self.best = float("inf")
        self.step = max(1, total // REPORTS)
        self.done = 0
        self.reported_at = time.perf_counter()

    def placed(self, done: int, lot: Lot) -> None:
        """So many lots have a place, this one came last."""
        self.done = done
        if done % self.step == 0 or done == self.total:
            percent = PLACING_SHARE * done / self.total
            message = f"Placed {done} of {self.total} lots"
            self.say(percent, message, lot.lot_id)

    def expired(self) -> bool:
        """Asked again and again while a strategy improves: a good time to show that it
        still lives.
        """
        now = time.perf_counter()
        if now - self.reported_at > IMPROVING_EVERY_SECONDS:
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
        """Until the deadline; less than nothing beyond it."""
        return self.deadline - time.perf_counter()

    def give_up(self) -> None:
        """A strategy's share of the time is over; what comes after it has its own."""
        self.gave_up = True

    def bounded(self, hours: float) -> None:
        """No plan is shorter than that."""
        self.bound = max(self.bound, hours)

    def improved(self, best: float, bound: float, phase: str) -> None:
        """The hours of the best plan so far, a bound on all, and what is being done."""
        self.bounded(bound)
        self.best = min(self.best, best)
        known = f"{self.best:,.2f} h, no plan under {self.bound:,.2f} h"
        self.say(IMPROVING_PERCENT, f"{phase.capitalize()}: {known}")

    def say(self, percent: float, message: str, current: str | None = None) -> None:
        """Report how far it is. Raises Cancelled where the caller wants an end.

        percent: 0 to 100.
        message: what is being done, in words.
        current: the id of the lot that was placed last.
        """
        self.reported_at = time.perf_counter()
        if self.cancelled and self.cancelled():
            raise Cancelled
        if not self.progress:
            return
        known = self.best < float("inf")
        self.progress(
            Progress(
                percent=percent,
                message=message,
                current_lot=current,
                lots_completed=self.done,
                lots_total=self.total,
                best=self.best if known else None,
                bound=self.bound if known else None,
            )
        )
