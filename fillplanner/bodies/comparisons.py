"""Comparisons of strategies."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from common.bodies import one_of
from common.pagination import PageCounts
from fillplanner import states
from fillplanner.bodies.plans import PlanState
from fillplanner.bodies.results import OutcomeFiguresBody

ComparisonState = Annotated[str, one_of(states.COMPARISON.states)]


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
