"""What the scheduling API answers with. Times are RFC 3339 in UTC."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from calendars import states
from common.bodies import Day, Identifier, Instant, one_of

CalendarState = Annotated[str, one_of(states.CALENDAR.states)]
ItemState = Annotated[str, one_of(states.ITEM.states)]
CallbackState = Annotated[str, one_of(states.CALLBACK.states)]
TrialState = Annotated[str, one_of(states.TRIAL.states)]
BulkState = Annotated[str, one_of(states.BULK.states)]
# What has been applied is called completed, what was stopped failed.
OptimizationState = Annotated[
    str, one_of(("pending", "running", "completed", "failed"))
]
UP_OR_DOWN = ("up", "down", "unknown")


class PageBody(TypedDict):
    """What follows a page."""

    next_page_token: str | None
    """Asks for the next page as `page_token`; null on the last one."""
    page_size: int
    """How many a page has at most."""


class ProgressBody(TypedDict):
    """How far a calendar is; times in whole milliseconds, null where nothing is known."""

    percent_complete: float
    """Share of the items that have ended, from 0 to 100."""
    items_total: int
    """All of them."""
    items_completed: int
    """Those that are out."""
    items_failed: int
    """Those that could not be published."""
    items_skipped: int
    """Those that were passed over."""
    items_canceled: int
    """Those that were cancelled."""
    items_pending: int
    """Those that are still to come."""
    time_to_start_ms: int | None
    """Until the first item, while none has begun."""
    time_processing_ms: int
    """From the start to the end, or until now."""
    average_duration_ms_per_item: int | None
    """From an item's time to its being out."""
    eta_ms: int | None
    """Until the last open item is out, going by that average."""
    rate_limited: bool
    """Whether a network has asked to wait."""


class ScheduleBody(ProgressBody):
    """A content calendar with its progress."""

    id: str
    """Its id."""
    tenant_id: str
    """The workspace's short name."""
    state: CalendarState
    """How far it is."""
    title: str
    """What it is called."""
    timezone: str
    """The IANA zone that its times are thought in."""
    processing_deadline_ms: int
    """How long after its time an item may still go out."""
    created_at: Instant
    """When it was made."""
    updated_at: Instant
    """When it last changed."""
    idempotency_key: str | None
    """The key that it was made with."""


class ItemErrorBody(TypedDict):
    """What went wrong with an item."""

    error_code: str
    """For programs."""
    error_message: str
    """For people to read."""
    error_class: Annotated[str, one_of(("transient", "permanent", "unclear"))]
    """Whether another try may help."""
    occurred_at: Instant | None
    """When."""


class ArtifactBody(TypedDict):
    """What came of an item: the post on its platform."""

    type: str
    """What kind of thing it is."""
    content_type: str
    """Its media type."""
    size: int | None
    """Nobody knows the size of a post."""
    url: str
    """Its address; of channels without a network one of ours, without host."""


class ScheduleItemBody(TypedDict):
    """What goes out at a time on a platform."""

    id: str
    """Its id."""
    content_id: str
    """The client's own id of the content."""
    platform: str
    """The platform it goes to."""
    state: ItemState
    """How far it is."""
    scheduled_time: Instant | None
    """When it goes out."""
    published_time: Instant | None
    """When it went out."""
    metadata: dict[str, Any]
    """As the client sent it."""
    callbacks: dict[str, str]
    """The addresses that are told, by event."""
    errors: list[ItemErrorBody]
    """What went wrong, oldest first."""
    artifacts: list[ArtifactBody]
    """What came of it."""
    created_at: Instant
    """When it was made."""
    updated_at: Instant
    """When it last changed."""


class ConflictBody(TypedDict):
    """What stands in the way of an item."""

    item_id: str
    """The item's id."""
    content_id: str
    """The client's own id of the content."""
    platform: str
    """The platform it goes to."""
    code: str
    """For programs."""
    message: str
    """For people to read."""
    blocks: bool
    """Whether it keeps the post a draft; else the post waits and fails in its time."""


class CallbackBody(TypedDict):
    """What was sent to the client's address, or is on its way."""

    id: Identifier
    """The same over all tries."""
    event: str
    """Which event it tells."""
    about: str
    """The id of the calendar or item that it is about."""
    state: CallbackState
    """How far it is."""
    tries: int
    """How often it was sent."""
    response_status: int | None
    """The HTTP status of the last answer."""
    error: str | None
    """What went wrong last."""
    next_try_at: Instant | None
    """When it is sent again."""
    sent_at: Instant | None
    """When it arrived."""


class PlatformMetricsBody(TypedDict):
    """A calendar's counts on one platform."""

    platform: str
    """The platform."""
    items_total: int
    """All items."""
    tries: int
    """How often it was tried to publish one."""
    average_delay_ms: int | None
    """From an item's time to its being out."""
    items_pending: int
    """Items that wait for somebody."""
    items_scheduled: int
    """Items that wait for their time."""
    items_published: int
    """Items that are out."""
    items_skipped: int
    """Items that were passed over."""
    items_failed: int
    """Items that could not be published."""
    items_canceled: int
    """Items that were cancelled."""


class MetricsBody(TypedDict):
    """A calendar's counts."""

    platforms: list[PlatformMetricsBody]
    """By platform."""


class ScheduleDetailBody(ScheduleBody):
    """A content calendar with what `expand` asks for."""

    items: NotRequired[list[ScheduleItemBody]]
    """A page of its items; with `expand=items`."""
    page: NotRequired[PageBody]
    """What follows the items; with `expand=items`."""
    conflicts: NotRequired[list[ConflictBody]]
    """What stands in the way of open items; with `expand=conflicts`."""
    callbacks: NotRequired[list[CallbackBody]]
    """What was told; with `expand=callbacks`."""
    metrics: NotRequired[MetricsBody]
    """Counts by platform; with `expand=metrics`."""


class SchedulesBody(TypedDict):
    """A page of content calendars."""

    data: list[ScheduleBody]
    """The calendars of this page."""
    page: PageBody
    """What follows."""


class CallbackSecretBody(TypedDict):
    """What callbacks are signed with."""

    tenant_id: str
    """The workspace's short name."""
    secret: str
    """The key of the signatures."""


class AssignmentBody(TypedDict):
    """An item as work."""

    id: str
    """The item's id."""
    schedule_item_id: str
    """The item's id."""
    schedule_id: str
    """Its calendar's id."""
    worker_id: str | None
    """Who works on it, or did last; null before the first try."""
    scheduled_at: Instant | None
    """When it goes out."""
    status: ItemState
    """How far it is."""
    last_error: str | None
    """What went wrong last."""
    retry_count: int
    """How often it was tried again."""
    last_retry_at: Instant | None
    """When it was last tried again."""


class AssignmentsBody(TypedDict):
    """A page of assignments."""

    data: list[AssignmentBody]
    """The assignments of this page, by time."""
    page: PageBody
    """What follows."""


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


class BulkHeadBody(TypedDict):
    """A bulk job without its rows."""

    id: str
    """Its id."""
    bulk_job_id: str
    """The client's own id of the job."""
    state: BulkState
    """How far it is."""
    total: int
    """How many posts it is to place."""
    schedule_id: str | None
    """The calendar that it made."""
    error: str | None
    """Why it failed."""
    created_at: Instant
    """When it was sent."""
    ended_at: Instant | None
    """When it was over."""


class BulkListedBody(BulkHeadBody):
    """A bulk job as lists have it."""

    done: int
    """How many posts it has dealt with."""


class BulkListBody(TypedDict):
    """Bulk jobs."""

    data: list[BulkListedBody]
    """Newest first."""


class BulkRowBody(TypedDict):
    """What became of one video on one platform."""

    video_job_id: str
    """The client's own id of the video."""
    platform: str
    """The platform it goes to."""
    scheduled_time: Instant | None
    """When it goes out."""
    state: Annotated[str, one_of(("planned", "known", "left_out"))]
    """`known` where an earlier run placed it, `left_out` where no time was found."""
    problem: str | None
    """Why it was left out."""


class BulkBody(BulkListedBody):
    """A bulk job with its counts and rows."""

    planned: int
    """How many posts it placed."""
    known: int
    """How many an earlier run had placed."""
    left_out: int
    """How many found no time."""
    errors: list[str]
    """Rows that could not be read, for people to read."""
    rows: list[BulkRowBody]
    """What became of the others."""


class BulkPageBody(BulkBody):
    """A bulk job with a page of its rows."""

    page: PageBody
    """What follows."""


class MeasurementReportBody(TypedDict):
    """What became of measurements."""

    stored: int
    """How many are new."""
    known: int
    """How many had come before."""
    errors: list[str]
    """What could not be read, for people to read."""


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
