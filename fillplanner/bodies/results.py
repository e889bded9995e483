"""What plans come to."""

from __future__ import annotations

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from common.bodies import one_of
from fillplanner.planning.plan import KINDS
from fillplanner.planning.solve import STATUSES

SolverStatus = Annotated[str, one_of(STATUSES)]


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
