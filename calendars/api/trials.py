"""Trials of posting times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from calendars import states
from calendars.api.calendar import PAGES, paged
from calendars.api.cursors import Order
from calendars.api.doors import (
    LEAST_PAGE,
    MOST_PAGE,
    PAGE_SIZE,
    DialectView,
    number,
    stamp,
    workspace_of,
)
from calendars.bodies.trials import (
    RecommendedSlotBody,
    RecommendedSlotsBody,
    TrialBody,
    TrialsBody,
)
from calendars.models import RecommendedScheduleSlot, Trial
from calendars.models.trials import PREFIX
from calendars.trials import services as trials
from calendars.trials.access import (
    access_trial,
    recommended_slots_of,
    trials_of,
)
from calendars.trials.results import as_json, results_of
from calendars.vocabulary import key_of, wire_platform
from common import json_fields as serializers
from common.errors import Missing, Unprocessable
from common.instants import InstantField
from common.mappings import Values
from scheduling.domain.platforms.catalogue import find_platform
from workspaces.doors import ApiRequest, read
from workspaces.models import User

NEWEST = 100
TRIAL_ID = OpenApiParameter(
    "wire_id", str, OpenApiParameter.PATH, description="The trial's id"
)
SLOT = timedelta(hours=1)
BY_SLOT = Order("slot_start", ("time_after", "id"))
USUAL = [
    {"name": "control", "strategy": Trial.Strategy.STANDARD},
    {"name": "variant_a", "strategy": "optimized"},
    {"name": "variant_b", "strategy": "experimental"},
]


class TrialWindowFields(serializers.Serializer[Any]):
    """Local hours [start, end) of a weekday, Monday is 0."""

    weekday = serializers.IntegerField(
        min_value=0, max_value=6, help_text="From 0, Monday"
    )
    start = serializers.IntegerField(
        min_value=0, max_value=23, help_text="The first hour"
    )
    end = serializers.IntegerField(
        min_value=1, max_value=24, help_text="The hour after the last one"
    )


class VariantFields(serializers.Serializer[Any]):
    """A way of choosing times that is tried."""

    name = serializers.CharField(max_length=60, help_text="What it is called")
    strategy = serializers.ChoiceField(
        choices=Trial.Strategy.values, help_text="How times are chosen"
    )
    windows = TrialWindowFields(
        many=True, required=False, help_text="For the strategy `windows`"
    )


class TrialFields(serializers.Serializer[Any]):
    """The first variant is the control; without any there are three: as planned,
    optimised, by chance.
    """

    name = serializers.CharField(max_length=120, help_text="What it is called")
    start_at = InstantField(help_text="The first moment of posts that take part")
    end_at = InstantField(help_text="The first moment after them")
    variants = VariantFields(
        many=True, required=False, help_text="The ways that are tried"
    )
    platforms = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Only posts on these; all unless told",
    )
    primary_kpi = serializers.ChoiceField(
        choices=Trial.Kpi.values,
        default=Trial.Kpi.ENGAGEMENT,
        help_text="What is compared",
    )
    min_engagement_rate = serializers.FloatField(
        min_value=0,
        max_value=1,
        default=0.02,
        allow_null=True,
        help_text="Below this a variant ends the trial; null for no such end",
    )


def design_of(data: Values) -> trials.Design:
    """Raises Unprocessable for an unknown platform."""
    return trials.Design(
        data["name"],
        data.get("variants") or USUAL,
        data["start_at"],
        data["end_at"],
        platforms_of(data),
        data["primary_kpi"],
        data["min_engagement_rate"],
    )


def platforms_of(data: Values) -> list[str]:
    """Our ids of the platforms that are named. Raises Unprocessable for an unknown one."""
    try:
        return [find_platform(name).id for name in data.get("platforms", [])]
    except KeyError as error:
        raise Unprocessable("Not valid.", {"platforms": [error.args[0]]}) from error


def body(user: User, trial: Trial, *, with_results: bool = True) -> TrialBody:
    """A trial as the dialect has it; with results it is asked how its variants did."""
    fields: TrialBody = {
        "id": trial.wire_id,
        "tenant_id": trial.workspace.slug,
        "name": trial.name,
        "state": trial.state,
        "variants": trial.variants,
        "platforms": [wire_platform(name) for name in trial.platforms],
        "primary_kpi": trial.kpi,
        "min_engagement_rate": trial.guardrail,
        "seed": trial.seed,
        "start_at": stamp(trial.start),
        "end_at": stamp(trial.end),
        "stopped_because": trial.stopped_because or None,
        "created_at": stamp(trial.created_at),
        "started_at": stamp(trial.started_at),
        "ended_at": stamp(trial.ended_at),
        "adopted_at": stamp(trial.adopted_at),
    }
    if with_results and trial.state != states.DRAFT:
        fields["results"] = trial.results or as_json(results_of(user, trial))
    return fields


def slot_body(slot: RecommendedScheduleSlot) -> RecommendedSlotBody:
    """A time that was recommended for a post: an hour of its channel."""
    start = slot.time_after
    return {
        "id": slot.pk,
        "trial_id": slot.trial.wire_id,
        "variant": slot.variant,
        "post_id": str(slot.post_id),
        "platform": wire_platform(slot.post.account.platform),
        "content_format": slot.post.chosen_format,
        "slot_start": stamp(start),
        "slot_end": stamp(start + SLOT) if start else None,
        "confidence_score": slot.score,
    }


class TrialView(DialectView):
    scope = "optimization"

    def key(self, wire_id: str) -> UUID:
        """The key behind an id of the wire. Raises Missing for one that is none."""
        key = key_of(PREFIX, wire_id)
        if key is None:
            raise Missing("Trial not found")
        return key


class Trials(TrialView):
    @extend_schema(
        operation_id="list_trials",
        responses=TrialsBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's trials, newest first; each with its results by its own address."""
        rows = trials_of(request.user, workspace_of(request)).select_related(
            "workspace"
        )[:NEWEST]
        answer: TrialsBody = {
            "data": [body(request.user, trial, with_results=False) for trial in rows]
        }
        return Response(answer)

    @extend_schema(
        operation_id="design_trial",
        request=TrialFields,
        responses={201: TrialBody},
    )
    def post(self, request: ApiRequest) -> Response:
        """Design a trial; no post moves before it is started."""
        workspace = workspace_of(request)
        design = design_of(read(TrialFields, request))
        return Response(
            body(request.user, trials.create(request.user, workspace, design)),
            status=201,
        )


class OneTrial(TrialView):
    @extend_schema(
        operation_id="read_trial", parameters=[TRIAL_ID], responses=TrialBody
    )
    def get(self, request: ApiRequest, wire_id: str) -> Response:
        """One trial with its results so far, which may be read as often as one likes."""
        return Response(
            body(request.user, access_trial(request.user, self.key(wire_id)))
        )


class TrialStart(TrialView):
    @extend_schema(
        operation_id="start_trial",
        parameters=[TRIAL_ID],
        request=None,
        responses={200: TrialBody, 409: "It has been started, or another one runs."},
    )
    def post(self, request: ApiRequest, wire_id: str) -> Response:
        """Give the posts of the range to the variants by chance, and move them."""
        return Response(
            body(request.user, trials.start(request.user, self.key(wire_id)))
        )


class TrialStop(TrialView):
    @extend_schema(
        operation_id="stop_trial",
        parameters=[TRIAL_ID],
        request=None,
        responses={200: TrialBody, 409: "It does not run."},
    )
    def post(self, request: ApiRequest, wire_id: str) -> Response:
        """End a trial; its results stay as they are."""
        return Response(
            body(request.user, trials.stop(request.user, self.key(wire_id)))
        )


class TrialAdopt(TrialView):
    @extend_schema(
        operation_id="adopt_trial",
        parameters=[TRIAL_ID],
        request=None,
        responses={200: TrialBody, 409: "It has no winner, or was adopted already."},
    )
    def post(self, request: ApiRequest, wire_id: str) -> Response:
        """Make the winner the workspace's preference."""
        trials.adopt(request.user, self.key(wire_id))
        return Response(
            body(request.user, access_trial(request.user, self.key(wire_id)))
        )


class RecommendedSlots(TrialView):
    @extend_schema(
        operation_id="list_recommended_slots",
        parameters=[
            *PAGES,
            OpenApiParameter("trial_id", str, description="Only those of this trial"),
        ],
        responses=RecommendedSlotsBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """The times that trials recommended for posts, in order of time."""
        size = number(request, "page_size", PAGE_SIZE, LEAST_PAGE, MOST_PAGE)
        rows = recommended_slots_of(request.user, workspace_of(request))
        if trial_id := request.query_params.get("trial_id"):
            trial = access_trial(request.user, self.key(trial_id))
            rows = rows.filter(trial=trial)
        token = request.query_params.get("page_token")
        page, next_token = BY_SLOT.page(rows, token, size)
        data = [slot_body(slot) for slot in page]
        answer: RecommendedSlotsBody = {
            "data": data,
            "page": paged(next_token, size),
        }
        return Response(answer)
