"""What posts came to."""

from __future__ import annotations

from typing_extensions import TypedDict

from common.bodies import Day


class SumsBody(TypedDict):
    """What posts came to."""

    posts: int
    """How many were measured."""
    rated: int
    """How many of them have a known engagement rate."""
    views: int
    """Together."""
    impressions: int
    """Together."""
    clicks: int
    """Together."""
    saves: int
    """Together."""
    shares: int
    """Together."""
    comments: int
    """Together."""
    watch_time_seconds: float
    """Together."""
    engagement_rate: float | None
    """Their mean, from 0 to 1; null where none is known."""


class DaySumsBody(SumsBody):
    """What the posts of a day came to."""

    date: Day
    """The day on the channel's clock."""


class HourSumsBody(SumsBody):
    """What the posts of an hour of the week came to."""

    weekday: int
    """From 0, Monday."""
    hour: int
    """The hour on the channel's clock."""


class BestTimeBody(TypedDict):
    """An hour that did well."""

    hour: int
    """The hour on the channel's clock."""
    average_engagement: float
    """The mean engagement rate, from 0 to 1."""
    sample_size: int
    """How many posts that rests on."""


class ResultsBody(TypedDict):
    """Results of a period."""

    start_date: Day
    """The first day."""
    end_date: Day
    """The day after the last one."""
    total_measured: int
    """How many posts were measured."""
    average_engagement_rate: float | None
    """The mean rate, from 0 to 1; null where none is known."""
    totals: SumsBody
    """All posts together."""
    best_performing_times: list[BestTimeBody]
    """The hours that did best."""
    platform_performance: dict[str, SumsBody]
    """By platform, best first."""
    content_format_performance: dict[str, SumsBody]
    """By format, best first."""
    trend: list[DaySumsBody]
    """By day."""
    hours: list[HourSumsBody]
    """By hour of the week."""
    optimization_recommendations: list[str]
    """What to do about it, for people to read."""


class CountsBody(TypedDict):
    """How many posts a period has."""

    total_scheduled: int
    """In all."""
    total_posted: int
    """Those that went out."""
    total_failed: int
    """Those that could not."""
    platform_distribution: dict[str, int]
    """How many go to which platform."""


class AnalyticsBody(ResultsBody, CountsBody):
    """What posts came to in a range of days."""


class MeasurementReportBody(TypedDict):
    """What became of measurements."""

    stored: int
    """How many are new."""
    known: int
    """How many had come before."""
    errors: list[str]
    """What could not be read, for people to read."""
