"""A plan for other systems, in calendar time."""

from __future__ import annotations

from typing_extensions import TypedDict

from common.bodies import Instant
from fillplanner.bodies.plans import PlanState


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
