"""What the filling API answers with.

Times are UTC without offset, as this dialect has them; hours are counted from a plan's
start.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from common.bodies import Identifier, Instant, one_of
from common.pagination import PageCounts
from fillplanner import states
from fillplanner.planning.plan import KINDS
from fillplanner.planning.solve import STATUSES

PlanState = Annotated[str, one_of(states.PLAN.states)]
ComparisonState = Annotated[str, one_of(states.COMPARISON.states)]
DeliveryState = Annotated[str, one_of(states.DELIVERY.states)]
SolverStatus = Annotated[str, one_of(STATUSES)]


class StrategyBody(TypedDict):
    """A strategy that plans can be made by."""

    name: str
    """What requests call it."""
    aliases: list[str]
    """Other names that requests may use."""
    description: str
    """What it does, for people to read."""


class PlanBody(TypedDict):
    """A plan without its result."""

    id: int
    """Its number."""
    name: str
    """What its owner calls it."""
    strategy: str
    """The strategy it is made by."""
    status: PlanState
    """How far it is; `completed` and `failed` are final."""
    created_at: str
    """When it was asked for: UTC without offset."""
    started_at: str | None
    """When planning began: UTC without offset; null before that."""
    completed_at: str | None
    """When planning ended: UTC without offset; null before that."""
    error_message: str | None
    """Why it failed; null where it did not."""
    start_time: str
    """When the line begins: UTC without offset. Hours of results count from here."""


class ActivityBody(TypedDict):
    """What the line does for a while."""

    start: float
    """Hours from the plan's start."""
    end: float
    """Hours from the plan's start."""
    duration_hours: float
    """How long it takes."""
    kind: Annotated[str, one_of(KINDS)]
    """Cleaning, changing over or filling."""
    lot_id: str | None
    """The lot that is filled; null for the rest."""
    lot_type: str | None
    """The lot's type; null for the rest."""
    note: str
    """What there is to say of it; blank for nothing."""
    line: NotRequired[int]
    """The line, from 1; only where there are several."""


class FiguresBody(TypedDict):
    """What a plan comes to."""

    makespan: float
    """Hours from the start to the end of the last activity."""
    utilization: float
    """Share of the time that the line fills, in percent."""
    changeovers: int
    """How often the line changes over."""
    lots_scheduled: int
    """How many lots are filled."""
    window_violations: int
    """How many lots miss their target times."""
    kpis: dict[str, float]
    """The figures under their names for reports, in hours and counts."""
    activities: list[ActivityBody]
    """What the line does, in order."""
    lower_bound: float
    """Hours that no plan of these lots can stay under."""
    gap_percent: float
    """How much longer than the bound the plan is; 0 proves it the shortest."""
    solver_status: SolverStatus
    """Whether the plan is proven, or time ran out."""


class ResultBody(FiguresBody):
    """A plan's result."""

    solver: str
    """The strategy that made it."""
    runtime_seconds: float
    """How long planning took."""


class OriginalActivityBody(TypedDict):
    """An activity as the first version's clients have it."""

    start: str
    """UTC without offset."""
    end: str
    """UTC without offset."""
    duration_hours: float
    """How long it takes."""
    kind: str
    """In upper case."""
    lot_id: str | None
    """The lot that is filled; null for the rest."""
    lot_type: str | None
    """The lot's type; null for the rest."""
    note: str
    """What there is to say of it; blank for nothing."""
    line: NotRequired[int]
    """The line, from 1; only where there are several."""


class OriginalResultBody(ResultBody):
    """A result with what the first version's clients read."""

    kpis_json: dict[str, str]
    """The figures as texts."""
    activities_json: list[OriginalActivityBody]
    """The activities in calendar time."""


class PlanDetailBody(PlanBody):
    """A plan with its result."""

    result: ResultBody | OriginalResultBody | None
    """Null until the plan is completed; with more keys for `compat=original`."""


class PlansBody(PageCounts):
    """A page of plans."""

    schedules: list[PlanBody]
    """The plans of this page."""


class NewPlansBody(TypedDict):
    """Plans that were asked for together."""

    schedules: list[PlanBody]
    """In the order of the request."""
    total: int
    """How many they are."""


class PlanSummaryBody(TypedDict):
    """What an exported plan is."""

    id: int
    """Its number."""
    name: str
    """What its owner calls it."""
    strategy: str
    """The strategy it was made by."""
    created_at: str
    """When it was asked for: UTC without offset."""
    completed_at: str | None
    """When planning ended: UTC without offset."""


class ExportBody(TypedDict):
    """A completed plan as a JSON file."""

    schedule: PlanSummaryBody
    """What the plan is."""
    results: ResultBody
    """Its result."""


class RowProblemBody(TypedDict):
    """One thing that is wrong with a lot."""

    row: int
    """The lot's place in the list, from 0."""
    field: str | None
    """The field; null where it is the lot as a whole."""
    message: str
    """What is wrong, for people to read."""


class VerdictBody(TypedDict):
    """What is said of rules."""

    valid: bool
    """Whether they can be used."""
    errors: list[str]
    """What keeps them from being used."""
    warnings: list[str]
    """What is odd but can be used."""


class LotsVerdictBody(VerdictBody):
    """What is said of a list of lots."""

    lots_count: int
    """How many lots there are."""
    rows: NotRequired[list[RowProblemBody]]
    """Only with `report=rows`: each fault with its place."""


class StructuredPlanBody(TypedDict):
    """A plan for other systems."""

    id: int
    """Its number."""
    name: str
    """What its owner calls it."""
    strategy: str
    """The strategy it was made by."""
    status: PlanState
    """Always `completed`."""
    created_at: Instant
    """When it was asked for."""
    completed_at: Instant | None
    """When planning ended."""


class StructuredActivityBody(TypedDict):
    """An activity in calendar time."""

    id: str
    """`act-1`, `act-2` and so on."""
    start: Instant
    """When it begins."""
    end: Instant
    """When it ends."""
    duration: float
    """How many hours it takes."""
    kind: str
    """`CLEAN`, `CHANGEOVER` or `FILL`."""
    filler_id: int
    """The line, from 1."""
    lot_id: str | None
    """The lot that is filled; null for the rest."""
    lot_type: str | None
    """The lot's type; null for the rest."""
    note: str | None
    """What there is to say of it."""
    num_units: int | None
    """How many vials are filled; null for the rest."""


class StructuredResultsBody(TypedDict):
    """A result in calendar time."""

    makespan: float
    """Hours from the start to the end of the last activity."""
    utilization: float
    """Share of the time that the line fills, in percent."""
    changeovers: int
    """How often the line changes over."""
    lots_scheduled: int
    """How many lots are filled."""
    kpis: dict[str, str]
    """The figures under their names for reports, as texts."""
    activities: list[StructuredActivityBody]
    """What the line does, in order."""


class StructuredMetadataBody(TypedDict):
    """What the answer itself is."""

    generated_at: Instant
    """When it was made."""
    api_version: str
    """The version of the API."""
    format_version: str
    """The version of this form."""


class StructuredBody(TypedDict):
    """A completed plan in calendar time."""

    schedule: StructuredPlanBody
    """What the plan is."""
    results: StructuredResultsBody
    """What the line does and what it comes to."""
    metadata: StructuredMetadataBody
    """When and in which form it was made."""


class PlanWithRulesBody(PlanBody):
    """A plan with its rules, without its result."""

    config: dict[str, Any]
    """The line's rules as they were asked for."""
    updated_at: str
    """When it last changed its status: UTC without offset."""
    num_lots: int
    """How many lots it has."""


class TotalsBody(TypedDict):
    """Counts over all of the caller's plans."""

    total_schedules: int
    """All of them."""
    active_schedules: int
    """Those that wait or run."""
    completed_schedules: int
    """Those that have a result."""
    failed_schedules: int
    """Those that failed or were cancelled."""
    status_distribution: dict[str, int]
    """How many have which status."""
    strategies_distribution: dict[str, int]
    """How many are made by which strategy."""


class StatsBody(TotalsBody):
    """Counts, and a page of plans."""

    page: int
    """The page's number, from 1."""
    page_size: int
    """How many plans a page has."""
    total_filtered: int
    """How many plans the query keeps."""
    schedules: list[PlanWithRulesBody]
    """The plans of this page."""


class QueueReportBody(TypedDict):
    """How the planning queue stands, over all people."""

    status: Annotated[str, one_of((states.HEALTHY, states.DEGRADED))]
    """`degraded` where plans wait for nobody."""
    pending: int
    """Plans that wait."""
    running: int
    """Plans that are being made."""
    oldest_pending_seconds: float | None
    """How long the oldest one has waited; null for none."""
    workers: int
    """Workers that showed themselves lately."""
    stuck: int
    """Plans that wait for a worker that is not coming."""


class SocketStatsBody(TypedDict):
    """Who listens on the plan socket."""

    total_connections: int
    """Over all people."""
    total_channels: int
    """Over all people."""
    total_users: int
    """How many people listen."""
    channels: dict[str, int]
    """The caller's own channels, and how many connections listen to each."""


class TemplateBody(TypedDict):
    """A config template: rules of a line to be used again."""

    id: int
    """Its number."""
    user_id: int
    """Whose it is."""
    name: str
    """What its owner calls it."""
    description: str | None
    """What it is for."""
    config: dict[str, Any]
    """The line's rules."""
    is_public: bool
    """Whether everybody may use it."""
    is_default: bool
    """Whether it is its owner's default."""
    created_at: str
    """UTC without offset."""
    updated_at: str
    """UTC without offset."""


class TemplatesBody(PageCounts):
    """A page of config templates."""

    templates: list[TemplateBody]
    """The templates of this page."""


class TemplateFileBody(TypedDict):
    """A config template to keep or to pass on."""

    name: str
    """What its owner calls it."""
    description: str | None
    """What it is for."""
    config: dict[str, Any]
    """The line's rules."""
    created_at: str
    """UTC without offset."""
    updated_at: str
    """UTC without offset."""


class ComparisonBody(TypedDict):
    """A comparison without its results."""

    id: int
    """Its number."""
    name: str
    """What its owner calls it."""
    strategies: list[str]
    """The strategies that are compared."""
    status: ComparisonState
    """How far it is; `completed` and `failed` are final."""
    created_at: str
    """When it was asked for: UTC without offset."""
    started_at: str | None
    """When planning began: UTC without offset; null before that."""
    completed_at: str | None
    """When the last plan ended: UTC without offset; null before that."""


class OutcomeFiguresBody(TypedDict):
    """What a strategy comes to; null where it failed."""

    makespan: float | None
    """Hours from the start to the end of the last activity."""
    utilization: float | None
    """Share of the time that the line fills, in percent."""
    changeovers: int | None
    """How often the line changes over."""
    lots_scheduled: int | None
    """How many lots are filled."""
    window_violations: int | None
    """How many lots miss their target times."""
    kpis: dict[str, float] | None
    """The figures under their names for reports, in hours and counts."""
    activities: list[ActivityBody] | None
    """What the line does, in order."""
    lower_bound: float | None
    """Hours that no plan of these lots can stay under."""
    gap_percent: float | None
    """How much longer than the bound the plan is; 0 proves it the shortest."""
    solver_status: SolverStatus | None
    """Whether the plan is proven, or time ran out."""


class OutcomeBody(OutcomeFiguresBody):
    """What came of one strategy; figures are null where it failed."""

    strategy: str
    """Its name."""
    status: PlanState
    """How far it is; only those that have ended are told."""
    error_message: str | None
    """Why it failed; null where it did not."""
    schedule_id: int
    """The plan, for `GET /schedule/{id}` and its exports."""
    execution_time: float | None
    """How many seconds planning took."""
    score: float | None
    """10 makespan - 5 utilization + changeovers; less is better."""


class ComparisonDetailBody(ComparisonBody):
    """A comparison with the results that are there so far."""

    best_strategy: str | None
    """Fewest missed target times, then shortest, then fewest changeovers."""
    recommendation: str | None
    """What to take and why, for people to read; null before the end."""
    error_message: str | None
    """Why it failed; null where it did not."""
    lots_count: int
    """How many lots are planned."""
    lots_hash: str
    """SHA-256 of the lots."""
    start_time: str
    """When the line begins: UTC without offset."""
    results: list[OutcomeBody] | None
    """One for each strategy that has ended; null before the first."""


class ComparisonsBody(PageCounts):
    """A page of comparisons."""

    comparisons: list[ComparisonBody]
    """The comparisons of this page."""


class WebhookBody(TypedDict):
    """An address that is told of events."""

    id: int
    """Its number."""
    url: str
    """Where events are sent."""
    events: list[str]
    """Which ones; none means all."""
    created_at: str
    """UTC without offset."""


class WebhookWithSecretBody(WebhookBody):
    """A new webhook with its secret."""

    secret: str
    """Signs what is sent; shown this once."""


class WebhooksBody(PageCounts):
    """A page of webhooks."""

    webhooks: list[WebhookBody]
    """The webhooks of this page."""


class DeliveryBody(TypedDict):
    """An event on its way to a webhook."""

    id: Identifier
    """`X-Slotline-Delivery`, the same over all tries."""
    event: str
    """Which event it is."""
    status: DeliveryState
    """How far it is."""
    tries: int
    """How often it was sent."""
    next_try_at: str | None
    """When it is sent again: UTC without offset; null where it is not."""
    response_status: int | None
    """The HTTP status of the last answer."""
    error: str | None
    """What went wrong last."""
    created_at: str
    """UTC without offset."""
    sent_at: str | None
    """When it arrived: UTC without offset."""


class DeliveriesBody(PageCounts):
    """A page of deliveries."""

    deliveries: list[DeliveryBody]
    """The deliveries of this page."""


class MailsBody(TypedDict):
    """Whether the caller's mailbox is told."""

    email: bool
    """When a plan is ready or failed."""


class DoneBody(TypedDict):
    """That something is done."""

    message: str
    """For people to read."""
    detail: str | None
    """More about it."""
