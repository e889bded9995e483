"""Trials of posting times."""

from __future__ import annotations

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from calendars import states
from calendars.bodies.paging import PageBody
from common.bodies import Identifier, Instant, one_of

TrialState = Annotated[str, one_of(states.TRIAL.states)]


class RecommendedSlotBody(TypedDict):
    """A time that a trial recommended for a post."""

    id: int
    """Its number."""
    trial_id: str
    """The trial's id."""
    variant: str
    """The variant that the post belongs to."""
    post_id: Identifier
    """The post's id."""
    platform: str
    """The platform it goes to."""
    content_format: str
    """The post's format; blank where none was chosen."""
    slot_start: Instant | None
    """The first moment of the hour."""
    slot_end: Instant | None
    """The first moment after it."""
    confidence_score: float | None
    """From 0 to 1; null where nothing speaks for it."""


class RecommendedSlotsBody(TypedDict):
    """A page of recommended times."""

    data: list[RecommendedSlotBody]
    """The times of this page, in order."""
    page: PageBody
    """What follows."""


class TrialWindowBody(TypedDict):
    """Hours of a weekday."""

    weekday: int
    """From 0, Monday."""
    start: int
    """The first hour."""
    end: int
    """The hour after the last one."""


class VariantBody(TypedDict):
    """A way of choosing times that is tried."""

    name: str
    """What it is called."""
    strategy: str
    """How times are chosen."""
    windows: NotRequired[list[TrialWindowBody]]
    """The hours of a variant with windows of its own."""


class EffectBody(TypedDict):
    """How much better a variant is than the control."""

    estimate: float
    """The difference of the means."""
    low: float
    """The low end of its interval."""
    high: float | None
    """The high end; null for none."""
    missing_posts: int | None
    """How many posts are missing for a clear answer."""
    is_better: bool
    """Whether it is clearly better."""
    is_worse: bool
    """Whether it is clearly worse."""
    sentence: str
    """What that means, for people to read."""


class VariantResultBody(TypedDict):
    """How a variant does."""

    name: str
    """What it is called."""
    strategy: str
    """How times are chosen."""
    posts: int
    """How many posts it has."""
    measured: int
    """How many of them are measured."""
    mean: float | None
    """Their mean; null before the first."""
    breaks_guardrail: bool
    """Whether it does worse than it may."""
    effect: EffectBody | None
    """Against the control; null for the control itself."""


class TrialResultsBody(TypedDict):
    """How a trial's variants do."""

    variants: list[VariantResultBody]
    """One by one."""
    sample_ratio_mismatch: bool
    """Whether the posts are shared out other than chance would."""
    winner: str | None
    """The variant that is clearly the best."""
    sentences: list[str]
    """What that means, for people to read."""


class TrialBody(TypedDict):
    """A trial of posting times."""

    id: str
    """Its id."""
    tenant_id: str
    """The workspace's short name."""
    name: str
    """What it is called."""
    state: TrialState
    """How far it is."""
    variants: list[VariantBody]
    """The ways that are tried; the first is the control."""
    platforms: list[str]
    """The platforms it is about; none means all."""
    primary_kpi: str
    """What is compared."""
    min_engagement_rate: float | None
    """Below this a variant ends the trial, from 0 to 1."""
    seed: int
    """Makes the sharing out repeatable."""
    start_at: Instant
    """The first moment of posts that take part."""
    end_at: Instant
    """The first moment after them."""
    stopped_because: str | None
    """Why it was stopped."""
    created_at: Instant
    """When it was designed."""
    started_at: Instant | None
    """When it was started."""
    ended_at: Instant | None
    """When it was over."""
    adopted_at: Instant | None
    """When its winner was made a preference."""
    results: NotRequired[TrialResultsBody]
    """How its variants do; not in lists and not before the start."""


class TrialsBody(TypedDict):
    """Trials."""

    data: list[TrialBody]
    """Newest first, without results."""
