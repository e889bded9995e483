"""Better times for posts, in the dialect's words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from calendars import states
from calendars.api.doors import (
    DialectView,
    general_rate,
    optimize_rate,
    stamp,
    workspace_of,
)
from calendars.bodies.times import ChangeBody, OptimizationBody, OptimizationMetricsBody
from calendars.campaigns.access import access_calendar, items_of
from calendars.models import CalendarItem, OptimizationRun
from calendars.optimiser import services as optimisation
from calendars.optimiser.access import access_optimization
from calendars.optimiser.limits import Limits, PlatformLimits
from calendars.vocabulary import (
    CALENDAR,
    OPTIMIZATION,
    key_of,
    platform_id,
    wire_id,
    wire_platform,
)
from common import json_fields as serializers
from common.errors import Conflict, Missing, Unprocessable
from common.mappings import Record, Values
from common.rates import Rate
from common.zones import parse_instant
from workspaces.doors import ApiRequest, read
from workspaces.models import User, Workspace
from workspaces.roles import Role

OPTIMIZATION_ID = OpenApiParameter(
    "wire_id", str, OpenApiParameter.PATH, description="The optimisation's id"
)
STATES = {states.APPLIED: states.COMPLETED, states.CANCELED: states.FAILED}
A_SECOND = timedelta(seconds=1)
MINUTES: Values = {
    "min_value": 0,
    "max_value": 90 * 24 * 60,
    "required": False,
    "allow_null": True,
}
MOST: Values = {
    "min_value": 0,
    "max_value": 1000,
    "required": False,
    "allow_null": True,
}


class WindowFields(serializers.Serializer[Any]):
    """A time in which nothing goes out."""

    start = serializers.CharField(help_text="The first moment, ISO 8601")
    end = serializers.CharField(help_text="The first moment after it, ISO 8601")


class RuleFields(serializers.Serializer[Any]):
    """`min_interval_minutes` is kept between posts of one channel,
    `platform_interval_minutes` between those of all channels of the platform.
    """

    min_interval_minutes = serializers.IntegerField(
        **MINUTES, help_text="Between posts of one channel"
    )
    platform_interval_minutes = serializers.IntegerField(
        **MINUTES, help_text="Between posts of all channels of the platform"
    )
    max_per_day = serializers.IntegerField(**MOST, help_text="Most posts a day")
    max_per_week = serializers.IntegerField(**MOST, help_text="Most posts a week")

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            raise serializers.ValidationError(
                {name: ["Unknown rule."] for name in sorted(map(str, unknown))}
            )
        return super().to_internal_value(data)


class ConstraintFields(serializers.Serializer[Any]):
    """What new times must keep to. Times without an offset are on the calendar's clock."""

    do_not_move_before = serializers.CharField(
        required=False, allow_null=True, help_text="No new time is earlier: ISO 8601"
    )
    do_not_move_after = serializers.CharField(
        required=False, allow_null=True, help_text="No new time is later: ISO 8601"
    )
    blackout_windows = WindowFields(
        many=True, required=False, help_text="When nothing goes out"
    )
    platform_specific_rules = serializers.DictField(
        child=RuleFields(), required=False, help_text="By platform"
    )
    stagger_minutes = serializers.IntegerField(
        **MINUTES, help_text="How far posts of one content are apart"
    )
    grid_minutes = serializers.ChoiceField(
        choices=[60, 30],
        required=False,
        help_text="Times are full hours, or half hours too",
    )


class TargetFields(serializers.Serializer[Any]):
    """An item of a calendar."""

    content_id = serializers.CharField(
        max_length=200, help_text="Your own id of the content"
    )
    platform = serializers.CharField(max_length=40, help_text="The platform it goes to")
    current_scheduled_time = serializers.CharField(
        help_text="When it is to go out now; another time is refused"
    )


class OptimizeFields(serializers.Serializer[Any]):
    """Posts are named by `targets` of a calendar, or by `post_ids`."""

    schedule_id = serializers.CharField(
        required=False, help_text="The calendar of `targets`"
    )
    targets = TargetFields(many=True, required=False, help_text="Items of the calendar")
    post_ids = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        min_length=1,
        max_length=optimisation.MOST_POSTS,
        help_text="Posts, without a calendar",
    )
    constraints = ConstraintFields(
        required=False, allow_null=True, help_text="What new times must keep to"
    )
    apply = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Give the posts their new times at once",
    )

    def validate(self, data: Values) -> Values:
        named = data["targets"] if "targets" in data else data.get("post_ids", "-")
        if not 1 <= len(named) <= optimisation.MOST_POSTS:
            raise serializers.ValidationError(
                {"targets": [f"Name 1 to {optimisation.MOST_POSTS:,}."]}
            )
        by_calendar = "schedule_id" in data and "targets" in data
        if by_calendar == ("post_ids" in data) or ("schedule_id" in data) != (
            "targets" in data
        ):
            raise serializers.ValidationError(
                {"targets": ["Give schedule_id with targets, or post_ids."]}
            )
        return data


def limits_of(data: Record, zone: str) -> Limits:
    """The constraints; times without an offset are read in the zone. Raises Unprocessable."""
    windows = data.get("blackout_windows") or []
    return Limits(
        not_before=moment(data.get("do_not_move_before"), zone, "do_not_move_before"),
        not_after=moment(data.get("do_not_move_after"), zone, "do_not_move_after"),
        closed=tuple(
            (
                instant_of(row["start"], zone, "blackout_windows"),
                instant_of(row["end"], zone, "blackout_windows"),
            )
            for row in windows
        ),
        platforms={
            platform(name): PlatformLimits(**rules)
            for name, rules in (data.get("platform_specific_rules") or {}).items()
        },
        stagger_minutes=data.get("stagger_minutes") or 0,
        grid=data.get("grid_minutes") or 60,
    )


def moment(text: str | None, zone: str, name: str) -> datetime | None:
    """As `instant_of`; None for nothing."""
    return instant_of(text, zone, name) if text else None


def instant_of(text: str, zone: str, name: str) -> datetime:
    """The instant that a constraint names, on the clock of `zone` where it names none
    itself. Raises Unprocessable under the constraint's name.
    """
    try:
        return parse_instant(text, zone)
    except ValueError as error:
        raise Unprocessable(
            "Not valid.", {f"constraints.{name}": [str(error)]}
        ) from error


def platform(name: str) -> str:
    """The platform's own name for the dialect's. Raises Unprocessable for an unknown
    one.
    """
    try:
        return platform_id(name)
    except KeyError as error:
        raise Unprocessable(
            "Not valid.", {"constraints.platform_specific_rules": [str(error.args[0])]}
        ) from error


def request_for(user: User, workspace: Workspace, data: Record) -> optimisation.Request:
    """What is asked, as the service takes it. Raises Missing and Unprocessable."""
    if "schedule_id" in data:
        return request_for_calendar(user, data)
    zone = user.zone or workspace.zone
    limits = limits_of(data.get("constraints") or {}, zone)
    return optimisation.Request(data["post_ids"], limits, key=request_key(data))


def request_for_calendar(user: User, data: Record) -> optimisation.Request:
    """The posts of a calendar's items; times without an offset are on the calendar's clock."""
    calendar = access_calendar(user, key_of(CALENDAR, data["schedule_id"]), Role.EDITOR)
    limits = limits_of(data.get("constraints") or {}, calendar.zone)
    targets = data["targets"]
    names = {target["content_id"] for target in targets}
    rows = items_of(calendar).filter(content_id__in=names).select_related("post")
    items = list(rows)
    targeted = [matching(items, target, calendar.zone) for target in targets]
    return optimisation.Request(
        [item.post_id for item in targeted if item.post_id],
        limits,
        calendar_key=calendar.pk,
        names={str(item.post_id): item.content_id for item in targeted},
        key=request_key(data),
    )


def matching(items: Sequence[CalendarItem], target: Record, zone: str) -> CalendarItem:
    """The item that a target names. Raises Missing for none, Conflict for one that is
    at another time by now.
    """
    content_id = target["content_id"]
    try:
        platform = platform_id(target["platform"])
        at = parse_instant(target["current_scheduled_time"], zone)
    except KeyError as error:
        raise Missing("Target not found") from error
    except ValueError as error:
        raise Unprocessable("Not valid.", {"targets": [str(error)]}) from error
    candidates = [
        item
        for item in items
        if item.post and (item.content_id, item.platform) == (content_id, platform)
    ]
    if not candidates:
        raise Missing("Target not found")
    for item in candidates:
        current = (item.post and item.post.scheduled_at) or item.asked_at
        # Clients that keep whole seconds mean the same time.
        if abs(current - at) < A_SECOND:
            return item
    raise Conflict("A target has another time by now.", {"content_id": content_id})


def request_key(data: Record) -> str:
    """Stands for the call: equal for equal bodies."""
    return hashlib.sha256(
        json.dumps(data, sort_keys=True, default=str).encode()
    ).hexdigest()


def body(run: OptimizationRun) -> OptimizationBody:
    """An optimisation as the dialect has it; scores are from 0 to 1."""
    calendar = run.calendar_key
    return {
        "id": run.wire_id,
        "tenant_id": run.workspace.slug,
        "schedule_id": wire_id(CALENDAR, calendar) if calendar else None,
        "state": STATES.get(run.state, run.state),
        "changes": [change_body(change) for change in run.changes],
        "metrics": metrics_body(run),
        "applied": run.state == states.APPLIED,
        "applied_at": stamp(run.applied_at),
        "proof": run.proof or None,
        "score_total": run.value,
        "score_bound": run.bound,
        "gap_percent": run.gap_percent,
        "greedy_score_total": run.greedy_value,
        "collisions": run.collisions,
        "notes": run.notes,
        "error": run.error or None,
        "created_at": stamp(run.created_at),
        "updated_at": stamp(run.updated_at),
    }


def metrics_body(run: OptimizationRun) -> OptimizationMetricsBody:
    """What an optimisation comes to."""
    lifts = [change["score_after"] - change["score_before"] for change in run.changes]
    return {
        "total_targeted": len(run.posts),
        "changed_count": len(run.moves),
        "unchanged_count": len(run.posts) - len(run.moves),
        "average_score_lift": round(sum(lifts) / len(lifts), 4) if lifts else 0.0,
        "rate_limited": False,
    }


def change_body(change: Record) -> ChangeBody:
    """One post's change, as it was kept with the run."""
    return {
        "content_id": change["content_id"],
        "platform": wire_platform(change["platform"]),
        "previous_time": kept_time(change["previous_time"]),
        "new_time": kept_time(change["new_time"]),
        "score_before": change["score_before"],
        "score_after": change["score_after"],
        "reason": change["reason"],
        "confidence": change["confidence"],
        "post_id": change["post"],
    }


def kept_time(text: str | None) -> str | None:
    """A moment as it was kept, for the wire; None for none."""
    return stamp(datetime.fromisoformat(text)) if text else None


class OptimizeView(DialectView):
    scope = "optimization"

    def key(self, wire_id: str) -> UUID:
        """The key behind an id of the wire. Raises Missing for one that is none."""
        key = key_of(OPTIMIZATION, wire_id)
        if key is None:
            raise Missing("Optimisation not found")
        return key


class Optimize(OptimizeView):
    def rates(self) -> tuple[Rate, ...]:
        """Optimising is counted by itself, too."""
        return general_rate(), optimize_rate()

    @extend_schema(
        operation_id="optimize",
        request=OptimizeFields,
        responses={
            200: OptimizationBody,
            409: "A post has another time by now, or an optimisation is under way.",
        },
    )
    def post(self, request: ApiRequest) -> Response:
        """Better times for some posts within limits: a preview, or with `apply` done at
        once. More than fifty are worked on in the background: the state is `pending`
        and `GET` tells how it goes.
        """
        workspace = workspace_of(request)
        data = read(OptimizeFields, request)
        run = (
            optimisation.repeated(request.user, workspace, request_key(data))
            if data["apply"]
            else None
        )
        if run is None:
            run = optimisation.optimise(
                request.user, workspace, request_for(request.user, workspace, data)
            )
            if data["apply"] and run.state == states.COMPLETED:
                run = optimisation.apply(request.user, run.pk)
        return Response(body(run))


class Optimization(OptimizeView):
    @extend_schema(
        operation_id="read_optimization",
        parameters=[OPTIMIZATION_ID],
        responses=OptimizationBody,
    )
    def get(self, request: ApiRequest, wire_id: str) -> Response:
        """One optimisation with its changes."""
        return Response(body(access_optimization(request.user, self.key(wire_id))))


class Apply(OptimizeView):
    @extend_schema(
        operation_id="apply_optimization",
        parameters=[OPTIMIZATION_ID],
        request=None,
        responses={
            200: OptimizationBody,
            409: "Something changed since, or it is not completed.",
        },
    )
    def post(self, request: ApiRequest, wire_id: str) -> Response:
        """Give the posts their new times: all or none; again changes nothing. 409 when
        something changed since.
        """
        return Response(body(optimisation.apply(request.user, self.key(wire_id))))


class CancelOptimization(OptimizeView):
    @extend_schema(
        operation_id="cancel_optimization",
        parameters=[OPTIMIZATION_ID],
        request=None,
        responses={200: OptimizationBody, 409: "It is over already."},
    )
    def post(self, request: ApiRequest, wire_id: str) -> Response:
        """Stop an optimisation that is under way."""
        return Response(body(optimisation.cancel(request.user, self.key(wire_id))))
