"""When to post: windows, better times and what people wish of them."""

from __future__ import annotations

from typing import Annotated, Any

from typing_extensions import TypedDict

from calendars.bodies.paging import PageBody
from common.bodies import Identifier, Instant, one_of

# What has been applied is called completed, what was stopped failed.
OptimizationState = Annotated[
    str, one_of(("pending", "running", "completed", "failed"))
]


class RecommendationBody(TypedDict):
    """A window that is good for posts."""

    id: str
    """Its id."""
    window_start: Instant
    """The first moment of the window."""
    window_end: Instant
    """The first moment after it."""
    score: float
    """From 0 to 1, more is better."""
    reasons: list[str]
    """What speaks for it, for programs."""
    platforms: list[str]
    """The platform that it is for."""
    confidence: float
    """How sure that is, from 0 to 1."""
    content_types: list[str]
    """What was asked about."""
    score_interval: list[float]
    """The low and the high end of the score."""
    sample_size: int
    """How many measured posts it rests on."""
    explanation: str
    """When that is and what speaks for it, for people to read."""
    created_at: Instant
    """When it was worked out."""


class RecommendationsBody(TypedDict):
    """A page of windows."""

    data: list[RecommendationBody]
    """The windows of this page."""
    page: PageBody
    """What follows."""


class ChangeBody(TypedDict):
    """A post's new time."""

    content_id: str
    """The client's own id of the content, or ours."""
    platform: str
    """The platform it goes to."""
    previous_time: Instant | None
    """When it would have gone out."""
    new_time: Instant | None
    """When it is to go out."""
    score_before: float
    """How good the old time is, from 0 to 1."""
    score_after: float
    """How good the new one is, from 0 to 1."""
    reason: str
    """Why it moves, for programs."""
    confidence: float
    """How sure that is, from 0 to 1."""
    post_id: Identifier
    """The post's id."""


class OptimizationMetricsBody(TypedDict):
    """What an optimisation comes to."""

    total_targeted: int
    """How many posts were looked at."""
    changed_count: int
    """How many get a new time."""
    unchanged_count: int
    """How many keep theirs."""
    average_score_lift: float
    """By how much the score rises on average."""
    rate_limited: bool
    """Always false: a refused call answers 429."""


class OptimizationBody(TypedDict):
    """Better times for some posts."""

    id: str
    """Its id."""
    tenant_id: str
    """The workspace's short name."""
    schedule_id: str | None
    """The calendar whose items it is about."""
    state: OptimizationState
    """How far it is."""
    changes: list[ChangeBody]
    """What each post would get."""
    metrics: OptimizationMetricsBody
    """What that comes to."""
    applied: bool
    """Whether the posts have their new times."""
    applied_at: Instant | None
    """Since when."""
    proof: str | None
    """`optimal` where nothing better is possible, else `feasible` or `infeasible`."""
    score_total: float | None
    """The sum of the scores."""
    score_bound: float | None
    """What no answer can be above."""
    gap_percent: float | None
    """How far the sum is below the bound."""
    greedy_score_total: float | None
    """What taking the best free time one after the other comes to."""
    collisions: list[Any]
    """Limits that could not all be kept."""
    notes: list[str]
    """What else there is to say, for people to read."""
    error: str | None
    """Why it failed."""
    created_at: Instant
    """When it was asked for."""
    updated_at: Instant
    """When it last changed."""


class SpanBody(TypedDict):
    """Hours of a day."""

    start: int
    """The first hour."""
    end: int
    """The hour after the last one; before `start` it is of the next day."""


class WishesBody(TypedDict):
    """What somebody wishes; null where they say nothing."""

    zone: str
    """The IANA zone in which times are shown; blank for none of their own."""
    per_day_most: int | None
    """Most posts a day."""
    per_week_least: int | None
    """Fewest posts a week."""
    per_week_most: int | None
    """Most posts a week."""
    gap_hours: int | None
    """Hours between two posts."""
    quality_threshold: float | None
    """The score that a time must come to, from 0 to 1."""


class PreferencesBody(WishesBody):
    """Wishes for a platform and format, or for all."""

    id: int
    """Their number."""
    scope: Annotated[str, one_of(("own", "workspace"))]
    """Whose they are."""
    platform: str
    """Blank for every platform."""
    format: str
    """Blank for every format."""
    etag: str
    """Their version, for `If-Match`."""
    weekdays_off: list[int] | None
    """Days without posts, from 0, Monday."""
    hours_off: list[SpanBody] | None
    """Hours without posts, on the channel's clock."""


class EffectiveWishesBody(WishesBody):
    """What wishes come to, one added to the other."""

    weekdays_off: list[int]
    """Days without posts, from 0, Monday."""
    hours_off: list[list[int]]
    """Hours without posts: the first and the one after the last, on the channel's
    clock.
    """


class PreferencesListBody(TypedDict):
    """Wishes, and what they come to."""

    data: list[PreferencesBody]
    """Your own and the workspace's."""
    effective: EffectiveWishesBody
    """For the platform and format that were asked for."""
