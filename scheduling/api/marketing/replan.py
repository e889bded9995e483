"""Fitting a channel account's empty slots to a changed cadence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.bodies import Instant
from scheduling.api.marketing.channels import CHANNEL_ACCOUNT_ID, values_of
from scheduling.api.marketing.words import iso
from scheduling.channels import replanning
from scheduling.domain.cadence import LARGEST_CADENCE
from workspaces.doors import ApiRequest, read


@extend_schema_serializer(component_name="Cadence")
class NewCadence(serializers.Serializer[Any]):
    """The cadence to plan by, what is left out as it is; `apply` does it."""

    posts_per_week = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_CADENCE,
        help_text="How many slots a week are planned",
    )
    schedule_timezone = serializers.CharField(
        required=False,
        max_length=64,
        help_text="The time zone of `schedule_times`, such as `Europe/Berlin`",
    )
    schedule_times = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        allow_null=True,
        help_text="Local times that posts take in turn, as `HH:MM`; null or empty for "
        "09:00",
    )
    apply = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Whether to save the cadence and change the slots, instead of only "
        "showing what would change",
    )


class ReplanReport(TypedDict):
    """Which empty slots a cadence removes and adds."""

    removed: int
    """How many slots are removed."""
    added: int
    """How many slots are added."""
    kept: int
    """How many empty slots stay as they are."""
    applied: bool
    """Whether it was done, or only shown."""
    removed_slots: list[Instant]
    """The times of the slots that are removed."""
    added_slots: list[Instant]
    """The times of the slots that are added."""


class ReplanChannel(APIView):
    scope = "posts"

    @extend_schema(
        operation_id="replan_channel_account",
        request=NewCadence,
        parameters=[CHANNEL_ACCOUNT_ID],
        responses=ReplanReport,
    )
    def post(self, request: ApiRequest, account_id: UUID) -> Response:
        """Show which empty slots a cadence removes and adds. With `apply` it is saved,
        and they are removed and added. Managers only.
        """
        data = read(NewCadence, request)
        applied = data.pop("apply")
        values = values_of(data)
        plan = replanning.preview(request.user, account_id, values)
        removed, added = len(plan.removed), len(plan.added)
        if applied:
            done = replanning.replan(request.user, account_id, values)
            removed, added = done.removed, done.added
        removed_times = [post.scheduled_at for post in plan.removed]
        report: ReplanReport = {
            "removed": removed,
            "added": added,
            "kept": plan.unchanged,
            "applied": applied,
            "removed_slots": [iso(at) for at in removed_times if at],
            "added_slots": [iso(slot.instant) for slot in plan.added],
        }
        return Response(report)
