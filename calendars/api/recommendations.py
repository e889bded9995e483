"""Recommendations: when to post."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from calendars.advice.clocks import Clock, first_clocks
from calendars.advice.recommend import (
    LONGEST_RANGE,
    PLATFORMS,
    Recommendation,
    RecommendationQuery,
    recommend,
    with_competition,
)
from calendars.api.calendar import PAGES, paged
from calendars.api.doors import (
    LEAST_PAGE,
    MOST_PAGE,
    PAGE_SIZE,
    DialectView,
    bad_parameter,
    not_valid,
    number,
    stamp,
    word,
    words,
    workspace_of,
)
from calendars.bodies.times import RecommendationBody, RecommendationsBody
from common.errors import Missing, Unprocessable
from common.zones import parse_instant, validate_zone
from scheduling.access import channels_of
from scheduling.domain.platforms.catalogue import PLATFORMS as CATALOGUE
from scheduling.domain.platforms.catalogue import find_platform
from workspaces.doors import ApiRequest
from workspaces.models import Workspace

CONTENT_TYPES = (
    "announcement",
    "tutorial",
    "entertainment",
    "lifestyle",
    "educational",
    "promotional",
    "behind_scenes",
)
FORMATS = tuple(sorted({name for one in CATALOGUE for name in one.formats}))
USUAL_RANGE = timedelta(days=14)
QUERY = [
    *PAGES,
    OpenApiParameter(
        "platforms",
        str,
        many=True,
        description="Only windows for these; commas are allowed",
    ),
    OpenApiParameter(
        "channel_account_id",
        OpenApiTypes.UUID,
        description="Only windows for this channel",
    ),
    OpenApiParameter(
        "target_count", int, description="How many of the best: 1 to 200, default 10"
    ),
    OpenApiParameter(
        "start_at", str, description="ISO 8601, without offset UTC; default now"
    ),
    OpenApiParameter(
        "end_at", str, description="ISO 8601; two weeks after the start unless told"
    ),
    OpenApiParameter(
        "timezone",
        str,
        description="The IANA zone in which the explanation repeats the hours",
    ),
    OpenApiParameter(
        "content_type",
        str,
        enum=CONTENT_TYPES,
        description="Repeated in the answer",
    ),
    OpenApiParameter(
        "format", str, description="The format that a post is to have, such as reel"
    ),
    OpenApiParameter(
        "sort",
        str,
        enum=("score", "created_at"),
        description="By score, or by time; by score unless told",
    ),
    OpenApiParameter(
        "order",
        str,
        enum=("asc", "desc"),
        description="Rising or falling; falling unless told",
    ),
]


class Recommendations(DialectView):
    scope = "schedules"

    @extend_schema(
        operation_id="list_recommendations",
        parameters=QUERY,
        responses=RecommendationsBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """The best windows of a range of dates, each with score, confidence, interval,
        sample and reasons. Hours are those of the channel that a post goes to when its
        platform is named, or of `channel_account_id`, on its own clock. `timezone`
        changes no window: it is the zone in which the explanation repeats the hours.
        """
        workspace = workspace_of(request)
        zone = zone_in(request)
        query = query_of(request, workspace)
        count = number(request, "target_count", 10, 1, 200)
        size = number(request, "page_size", PAGE_SIZE, LEAST_PAGE, MOST_PAGE)
        best = recommend(request.user, workspace, query, most=count)
        order = ShownOrder.of(request)
        page, next_token = order.page(
            best, request.query_params.get("page_token"), size
        )
        recommendations = with_competition(request.user, workspace, page)
        content_types = list(words(request, "content_type", CONTENT_TYPES))
        data = [
            body(recommendation, content_types, query.start, zone)
            for recommendation in recommendations
        ]
        answer: RecommendationsBody = {
            "data": data,
            "page": paged(next_token, size),
        }
        return Response(answer)


def query_of(request: ApiRequest, workspace: Workspace) -> RecommendationQuery:
    """What the address asks for. Raises InvalidInput for parameters that mean nothing,
    Missing for a channel that is not the workspace's, Unprocessable for dates that
    contradict.
    """
    clocks = clocks_in(request, workspace)
    start = moment(request, "start_at") or timezone.now()
    end = moment(request, "end_at") or start + USUAL_RANGE
    if end <= start:
        raise Unprocessable(
            "The dates contradict each other.",
            {"query.end_at": ["end_at must be after start_at."]},
        )
    if end - start > LONGEST_RANGE:
        raise Unprocessable(
            "The range is too long.",
            {"query.end_at": [f"At most {LONGEST_RANGE.days} days."]},
        )
    format_ = word(request, "format", ("", *FORMATS))
    return RecommendationQuery(tuple(clocks), start, end, format_)


def clocks_in(request: ApiRequest, workspace: Workspace) -> Sequence[Clock]:
    """The clock of the channel that is named, else those of the platforms that are."""
    names = [
        name
        for text in request.query_params.getlist("platforms")
        for name in text.split(",")
        if name.strip()
    ]
    try:
        platforms = (
            tuple(dict.fromkeys(find_platform(name).id for name in names)) or PLATFORMS
        )
    except KeyError as error:
        raise not_valid("platforms", str(error.args[0])) from error
    text = request.query_params.get("channel_account_id")
    if not text:
        return first_clocks(workspace, platforms)
    try:
        key = UUID(text)
    except ValueError as error:
        raise bad_parameter(
            "channel_account_id", "channel_account_id: not a UUID"
        ) from error
    channel = channels_of(request.user, workspace).filter(pk=key).first()
    if channel is None:
        raise Missing("Channel not found")
    return [Clock.of(channel)]


def zone_in(request: ApiRequest) -> str:
    """The zone of `?timezone=`, UTC for none. Raises InvalidInput for an unknown one."""
    zone = request.query_params.get("timezone") or "UTC"
    try:
        validate_zone(zone)
    except ValidationError as error:
        raise bad_parameter("timezone", error.messages[0]) from error
    return zone


def moment(request: ApiRequest, name: str) -> datetime | None:
    """The instant of a parameter, in UTC where it names no offset; None for none.
    Raises InvalidInput.
    """
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise bad_parameter(name, f"{name}: {error}.") from error


Key = tuple[Any, ...]


@dataclass(frozen=True)
class ShownOrder:
    """By score, or by time (windows come into being with their date), descending or ascending."""

    by_time: bool
    descending: bool

    @classmethod
    def of(cls, request: ApiRequest) -> ShownOrder:
        """The order of `?sort=` and `?order=`. Raises Unprocessable."""
        sort = word(request, "sort", ("score", "created_at"))
        order = word(request, "order", ("desc", "asc"))
        return cls(sort == "created_at", order == "desc")

    def key(self, recommendation: Recommendation) -> Key:
        """What sorts a recommendation in this order; unique."""
        if self.by_time:
            return recommendation.window.start.isoformat(), recommendation.platform
        return recommendation.key

    @property
    def rises(self) -> bool:
        """Whether keys ascend: a better score has the smaller key."""
        return self.by_time != self.descending

    def page(
        self, recommendations: list[Recommendation], token: str | None, size: int
    ) -> tuple[list[Recommendation], str | None]:
        """What comes after the token, whatever has come or gone before it, and the next token."""
        rows = sorted(recommendations, key=self.key, reverse=not self.rises)
        if token:
            last = key_in(token)
            rows = [row for row in rows if self.follows(self.key(row), last)]
        has_more = len(rows) > size
        return rows[:size], token_of(self.key(rows[size - 1])) if has_more else None

    def follows(self, key: Key, last: Key) -> bool:
        """Whether a key comes after the last one of the page before."""
        return key > last if self.rises else key < last


def token_of(key: Key) -> str:
    """A key as the token of the page after it."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def key_in(token: str) -> Key:
    """The key of such a token. Raises InvalidInput for any other text."""
    padding = "=" * (-len(token) % 4)
    try:
        key = tuple(json.loads(base64.urlsafe_b64decode(token + padding)))
    except (ValueError, TypeError) as error:
        raise bad_parameter(
            "page_token", "This page token is not one of ours."
        ) from error
    kinds = [type(part) for part in key]
    if kinds not in ([float, str, str], [str, str]):
        raise bad_parameter("page_token", "This page token is not one of ours.")
    return key


def body(
    recommendation: Recommendation, content_types: list[str], since: datetime, zone: str
) -> RecommendationBody:
    """A recommendation as the dialect has it; shares are from 0 to 1.

    since: the moment of the answer.
    zone: whose clock the explanation speaks of.
    """
    week = recommendation.window.week
    return {
        "id": f"rec_{recommendation.id.hex}",
        "window_start": stamp(recommendation.window.start),
        "window_end": stamp(recommendation.window.end),
        "score": round(week.score, 4),
        "reasons": list(recommendation.reasons),
        "platforms": [recommendation.platform],
        "confidence": round(week.confidence, 4),
        "content_types": content_types,
        "score_interval": [round(week.low, 4), round(week.high, 4)],
        "sample_size": week.sample,
        "explanation": recommendation.explanation(zone),
        "created_at": stamp(since),
    }
