"""What the GraphQL interface answers with. Descriptions are its documentation."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from common.edits import etag_of
from common.mappings import Record
from fillplanner import models, states
from fillplanner.graphql.pages import check_range
from fillplanner.planning import plan as layout
from fillplanner.planning import solve
from fillplanner.results.ranking import score
from fillplanner.services import configs
from fillplanner.wire import advice

ACTIVITIES = 500
MOST_ACTIVITIES = 2000
MOST_OFFSET = 1_000_000

Offset = Annotated[
    int, strawberry.argument(description="How many to pass over, from 0.")
]
Limit = Annotated[int, strawberry.argument(description="How many at most: 1 to 2000.")]


@strawberry.enum(description="How far a plan or a comparison is.")
class Status(Enum):
    PENDING = strawberry.enum_value(states.PENDING, description="It waits.")
    RUNNING = strawberry.enum_value(states.RUNNING, description="It is being made.")
    COMPLETED = strawberry.enum_value(
        states.COMPLETED, description="It has a result. This is final."
    )
    FAILED = strawberry.enum_value(
        states.FAILED,
        description="It failed or was cancelled; `errorMessage` says why. This is final.",
    )


@strawberry.enum(description="What the line does.")
class ActivityKind(Enum):
    CLEAN = strawberry.enum_value(layout.CLEAN, description="It is cleaned.")
    FILL = strawberry.enum_value(layout.FILL, description="It fills a lot.")
    CHANGEOVER = strawberry.enum_value(
        layout.CHANGEOVER, description="It changes over to the next lot."
    )


@strawberry.enum(description="How sure it is that no plan is shorter.")
class SolverStatus(Enum):
    OPTIMAL = strawberry.enum_value(solve.OPTIMAL, description="It is proven.")
    FEASIBLE = strawberry.enum_value(
        solve.FEASIBLE, description="`gapPercent` is the most that could be gained."
    )
    TIME_LIMIT = strawberry.enum_value(
        solve.TIME_LIMIT, description="The time for planning ran out before a proof."
    )


@strawberry.type(
    name="Strategy",
    description="A strategy that plans can be made by.",
)
class StrategyNode:
    name: str = strawberry.field(description="What requests call it.")
    aliases: list[str] = strawberry.field(
        description="Other names that requests may use."
    )
    description: str = strawberry.field(description="What it does, for people to read.")


@strawberry.type(
    name="Activity",
    description="What the line does for a while.",
)
class ActivityNode:
    kind: ActivityKind = strawberry.field(
        description="Cleaning, changing over or filling."
    )
    start: float = strawberry.field(description="Hours from the plan's start.")
    end: float = strawberry.field(description="Hours from the plan's start.")
    duration_hours: float = strawberry.field(description="How long it takes.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    lot_id: str | None = strawberry.field(
        description="The lot that is filled; null for the rest."
    )
    lot_type: str | None = strawberry.field(
        description="The lot's type; null for the rest."
    )
    note: str = strawberry.field(
        description="What there is to say of it; blank for nothing."
    )
    line: int | None = strawberry.field(
        description="The line, from 1; null where there is only one."
    )


@strawberry.type(
    name="PlanResult",
    description="What a plan comes to.",
)
class PlanResultNode:
    plan: strawberry.Private[models.Plan]
    makespan: float = strawberry.field(
        description="Hours from the start to the end of the last activity."
    )
    utilization: float = strawberry.field(
        description="Share of the time that the line fills, in percent."
    )
    changeovers: int = strawberry.field(description="How often the line changes over.")
    lots_scheduled: int = strawberry.field(description="How many lots are filled.")
    window_violations: int = strawberry.field(
        description="How many lots miss their target times."
    )
    lower_bound: float = strawberry.field(
        description="Hours that no plan of these lots can stay under."
    )
    gap_percent: float = strawberry.field(
        description="How much longer than the bound the plan is; 0 proves it the shortest."
    )
    solver: str = strawberry.field(description="The strategy that made it.")
    solver_status: SolverStatus = strawberry.field(
        description="Whether the plan is proven, or time ran out."
    )
    runtime_seconds: float = strawberry.field(description="How long planning took.")
    score: float = strawberry.field(
        description="10 makespan - 5 utilization + changeovers; less is better."
    )
    kpis: JSON = strawberry.field(
        description="The figures under their names for reports, in hours and counts."
    )

    @strawberry.field(description="How many activities there are.")
    def activities_count(self) -> int:
        return len(self.plan.result.activities)

    @strawberry.field(description="What the line does, in order.")
    def activities(
        self, offset: Offset = 0, limit: Limit = ACTIVITIES
    ) -> list[ActivityNode]:
        check_range("offset", offset, 0, MOST_OFFSET)
        check_range("limit", limit, 1, MOST_ACTIVITIES)
        rows = self.plan.result.activities[offset : offset + limit]
        return [activity_of(row, self.plan.start_time) for row in rows]


@strawberry.type(
    name="Plan",
    description="Lots that are sequenced by a strategy under the line's rules.",
)
class PlanNode:
    row: strawberry.Private[models.Plan]
    id: strawberry.ID = strawberry.field(description="Its number.")
    name: str = strawberry.field(description="What its owner calls it.")
    strategy: str = strawberry.field(description="The strategy it is made by.")
    status: Status = strawberry.field(description="How far it is.")
    percent: float = strawberry.field(
        description="How much of the planning is done, in percent."
    )
    progress_message: str = strawberry.field(
        description="What planning is at, for people to read; blank before it begins."
    )
    lots_count: int = strawberry.field(description="How many lots it has.")
    start_time: datetime = strawberry.field(
        description="When the line begins. Hours of the result count from here."
    )
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(
        description="When planning began; null before that."
    )
    completed_at: datetime | None = strawberry.field(
        description="When planning ended; null before that."
    )
    error_message: str | None = strawberry.field(
        description="Why it failed; null where it did not."
    )
    comparison_id: strawberry.ID | None = strawberry.field(
        description="The comparison that it is part of; null for none."
    )
    result: PlanResultNode | None = strawberry.field(
        description="What it comes to; null until it is completed."
    )

    @strawberry.field(description="The line's rules, as they were understood.")
    def config(self) -> JSON:
        return JSON(self.row.config)


@strawberry.type(
    name="Comparison",
    description="The same lots planned by several strategies.",
)
class ComparisonNode:
    row: strawberry.Private[models.Comparison]
    id: strawberry.ID = strawberry.field(description="Its number.")
    name: str = strawberry.field(description="What its owner calls it.")
    strategies: list[str] = strawberry.field(
        description="The strategies that are compared, as they were asked for."
    )
    status: Status = strawberry.field(description="How far it is.")
    lots_count: int = strawberry.field(description="How many lots are planned.")
    lots_hash: str = strawberry.field(description="SHA-256 of the lots.")
    start_time: datetime = strawberry.field(description="When the line begins.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(
        description="When planning began; null before that."
    )
    completed_at: datetime | None = strawberry.field(
        description="When the last plan ended; null before that."
    )
    error_message: str | None = strawberry.field(
        description="Why it failed; null where it did not."
    )
    best_strategy: str | None = strawberry.field(
        description="Fewest missed target times, then shortest, then fewest changeovers."
    )

    @strawberry.field(description="The plan of each strategy, in their order.")
    def plans(self) -> list[PlanNode]:
        return [plan_of(plan) for plan in self.row.plans.all()]

    @strawberry.field(description="The best plan; null before the end.")
    def best(self) -> PlanNode | None:
        named = self.best_strategy
        plans = (plan for plan in self.row.plans.all() if plan.strategy == named)
        best = next(plans, None)
        return plan_of(best) if best else None

    @strawberry.field(
        description="What to take and why, for people to read; null before the end."
    )
    def recommendation(self) -> str | None:
        return advice(self.row, list(self.row.plans.all())) or None


@strawberry.type(
    name="ConfigTemplate",
    description="Rules of a line that are kept to be used again.",
)
class ConfigTemplateNode:
    row: strawberry.Private[models.ConfigTemplate]
    id: strawberry.ID = strawberry.field(description="Its number.")
    owner_id: strawberry.ID = strawberry.field(description="Whose it is.")
    name: str = strawberry.field(description="What its owner calls it.")
    description: str | None = strawberry.field(description="What it is for.")
    config: JSON = strawberry.field(description="The line's rules.")
    is_public: bool = strawberry.field(description="Whether everybody may use it.")
    is_default: bool = strawberry.field(
        description="Whether it is its owner's default."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it last changed.")

    @strawberry.field(
        description="Changes with what can be changed; `expectedVersion` takes it."
    )
    def version(self) -> str:
        return etag_of(configs.stored(self.row))


def activity_of(row: Record, start: datetime) -> ActivityNode:
    """An activity, in hours and in calendar time.

    row: as results keep it.
    start: when the plan begins.
    """
    return ActivityNode(
        kind=ActivityKind(row["kind"]),
        start=row["start"],
        end=row["end"],
        duration_hours=row["duration_hours"],
        starts_at=start + timedelta(hours=row["start"]),
        ends_at=start + timedelta(hours=row["end"]),
        lot_id=row["lot_id"],
        lot_type=row["lot_type"],
        note=row["note"],
        line=row.get("line"),
    )


def result_of(plan: models.Plan) -> PlanResultNode | None:
    """What the plan comes to, of which activities are read when asked for."""
    if plan.state != states.COMPLETED:
        return None
    result = plan.result
    return PlanResultNode(
        plan=plan,
        makespan=result.makespan,
        utilization=result.utilization,
        changeovers=result.changeovers,
        lots_scheduled=result.lots_scheduled,
        window_violations=result.window_violations,
        lower_bound=result.lower_bound,
        gap_percent=result.gap_percent,
        solver=result.solver,
        solver_status=SolverStatus(result.solver_status),
        runtime_seconds=result.runtime_seconds,
        score=score(result),
        kpis=JSON(result.kpis),
    )


def plan_of(plan: models.Plan) -> PlanNode:
    """A plan with its result, of which long columns are read when asked for."""
    comparison = plan.comparison_id
    return PlanNode(
        row=plan,
        id=strawberry.ID(str(plan.pk)),
        name=plan.name,
        strategy=plan.strategy,
        status=Status(plan.state),
        percent=plan.percent,
        progress_message=plan.progress_message,
        lots_count=plan.lots_count,
        start_time=plan.start_time,
        created_at=plan.created_at,
        started_at=plan.started_at,
        completed_at=plan.ended_at,
        error_message=plan.error or None,
        comparison_id=strawberry.ID(str(comparison)) if comparison else None,
        result=result_of(plan),
    )


def comparison_of(comparison: models.Comparison) -> ComparisonNode:
    """A comparison whose plans are read when asked for."""
    return ComparisonNode(
        row=comparison,
        id=strawberry.ID(str(comparison.pk)),
        name=comparison.name,
        strategies=comparison.strategies,
        status=Status(comparison.state),
        lots_count=comparison.lots_count,
        lots_hash=comparison.lots_hash,
        start_time=comparison.start_time,
        created_at=comparison.created_at,
        started_at=comparison.started_at,
        completed_at=comparison.ended_at,
        error_message=comparison.error or None,
        best_strategy=comparison.best_strategy or None,
    )


def template_of(template: models.ConfigTemplate) -> ConfigTemplateNode:
    """A template as its owner sees it."""
    return ConfigTemplateNode(
        row=template,
        id=strawberry.ID(str(template.pk)),
        owner_id=strawberry.ID(str(template.owner_id)),
        name=template.name,
        description=template.description or None,
        config=JSON(template.config),
        is_public=template.is_public,
        is_default=template.is_default,
        created_at=template.created_at,
        updated_at=template.updated_at,
    )
