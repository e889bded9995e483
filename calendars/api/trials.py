"""Trials of posting times."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from calendars import states
from calendars.api.doors import DialectView, stamp, workspace_of
from calendars.models import Trial
from calendars.models.trials import PREFIX
from calendars.trials import services as trials
from calendars.trials.access import access_trial, trials_of
from calendars.trials.results import as_json, results_of
from calendars.vocabulary import key_of, wire_platform
from common.errors import Missing, Unprocessable
from common.instants import InstantField
from common.mappings import JsonObject, Values
from scheduling.domain.platforms.catalogue import find_platform
from workspaces.doors import ApiRequest, read
from workspaces.models import User

NEWEST = 100
USUAL = [
    {"name": "control", "strategy": Trial.Strategy.STANDARD},
    {"name": "variant_a", "strategy": "optimized"},
    {"name": "variant_b", "strategy": "experimental"},
]


class TrialWindowFields(serializers.Serializer[Any]):
    """Local hours [start, end) of a weekday, Monday is 0."""

    weekday = serializers.IntegerField(min_value=0, max_value=6)
    start = serializers.IntegerField(min_value=0, max_value=23)
    end = serializers.IntegerField(min_value=1, max_value=24)


class VariantFields(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    strategy = serializers.ChoiceField(choices=Trial.Strategy.values)
    windows = TrialWindowFields(many=True, required=False)


class TrialFields(serializers.Serializer[Any]):
    """The first variant is the control; without any there are three: as planned,
    optimised, by chance.
    """

    name = serializers.CharField(max_length=120)
    start_at = InstantField()
    end_at = InstantField()
    variants = VariantFields(many=True, required=False)
    platforms = serializers.ListField(child=serializers.CharField(), required=False)
    primary_kpi = serializers.ChoiceField(
        choices=Trial.Kpi.values, default=Trial.Kpi.ENGAGEMENT
    )
    min_engagement_rate = serializers.FloatField(
        min_value=0, max_value=1, default=0.02, allow_null=True
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


def body(user: User, trial: Trial, *, with_results: bool = True) -> JsonObject:
    """A trial as the dialect has it; with results it is asked how its variants did."""
    fields = {
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
        operation_id="api_v1_scheduling_trials_list",
    )
    def get(self, request: ApiRequest) -> Response:
        """The workspace's trials, newest first; each with its results by its own address."""
        rows = trials_of(request.user, workspace_of(request)).select_related(
            "workspace"
        )[:NEWEST]
        return Response(
            {"data": [body(request.user, trial, with_results=False) for trial in rows]}
        )

    @extend_schema(request=TrialFields, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: ApiRequest) -> Response:
        """Design a trial; no post moves before it is started."""
        workspace = workspace_of(request)
        design = design_of(read(TrialFields, request))
        return Response(
            body(request.user, trials.create(request.user, workspace, design)),
            status=201,
        )


class OneTrial(TrialView):
    def get(self, request: ApiRequest, wire_id: str) -> Response:
        """One trial with its results so far, which may be read as often as one likes."""
        return Response(
            body(request.user, access_trial(request.user, self.key(wire_id)))
        )


class TrialStart(TrialView):
    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, wire_id: str) -> Response:
        """Give the posts of the range to the variants by chance, and move them."""
        return Response(
            body(request.user, trials.start(request.user, self.key(wire_id)))
        )


class TrialStop(TrialView):
    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, wire_id: str) -> Response:
        """End a trial; its results stay as they are."""
        return Response(
            body(request.user, trials.stop(request.user, self.key(wire_id)))
        )


class TrialAdopt(TrialView):
    @extend_schema(
        request=None,
    )
    def post(self, request: ApiRequest, wire_id: str) -> Response:
        """Make the winner the workspace's preference."""
        trials.adopt(request.user, self.key(wire_id))
        return Response(
            body(request.user, access_trial(request.user, self.key(wire_id)))
        )
