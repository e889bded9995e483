"""Plans, and what is said of lots."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from common.bodies import one_of
from common.pagination import PageCounts
from fillplanner import states
from fillplanner.bodies.results import OriginalResultBody, ResultBody

PlanState = Annotated[str, one_of(states.PLAN.states)]


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


class DoneBody(TypedDict):
    """That something is done."""

    message: str
    """For people to read."""
    detail: str | None
    """More about it."""
