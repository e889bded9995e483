"""What there is: platforms, and whether scheduling is up."""

from __future__ import annotations

from typing import Annotated, Any

from typing_extensions import TypedDict

from common.bodies import Instant, one_of

UP_OR_DOWN = ("up", "down", "unknown")


class DependenciesBody(TypedDict):
    """The parts that scheduling depends on."""

    database: Annotated[str, one_of(UP_OR_DOWN)]
    """Where everything is."""
    cache: Annotated[str, one_of(UP_OR_DOWN)]
    """Where rates and signs of life are."""
    workers: Annotated[str, one_of(UP_OR_DOWN)]
    """Who publishes and works things out."""


class HealthBody(TypedDict):
    """Whether scheduling is up."""

    status: Annotated[str, one_of(("healthy", "unhealthy"))]
    """Whether the database answers."""
    service: str
    """Which service this is."""
    timestamp: Instant
    """When it was looked at."""
    version: str
    """The product's version."""
    dependencies: DependenciesBody
    """Part by part."""


class LimitBody(TypedDict):
    """What a platform checks posts against."""

    rule: str
    """Which limit it is."""
    value: Any
    """The limit itself: a number, or what is allowed."""
    unit: str
    """What it counts."""
    formats: list[str]
    """The formats it holds for; none means all."""
    level: Annotated[str, one_of(("error", "warning"))]
    """Whether a post is refused, or only warned of."""


class PlatformBody(TypedDict):
    """A platform."""

    id: str
    """What requests call it."""
    name: str
    """What people call it."""
    supports: list[str]
    """The kinds of content it carries."""
    limits: list[LimitBody]
    """What it checks posts against."""


class PlatformsBody(TypedDict):
    """The platforms."""

    data: list[PlatformBody]
    """All that are known by name."""
