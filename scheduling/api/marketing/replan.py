"""Fitting a channel account's empty slots to a changed cadence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from scheduling.api.marketing.channels import values_of
from scheduling.api.marketing.words import iso
from scheduling.channels import replanning
from workspaces.doors import ApiRequest, read


@extend_schema_serializer(component_name="Cadence")
class NewCadence(serializers.Serializer[Any]):
    """The cadence to plan by, what is left out as it is; `apply` does it."""

    posts_per_week = serializers.IntegerField(required=False, min_value=0, max_value=70)
    schedule_timezone = serializers.CharField(required=False, max_length=64)
    schedule_times = serializers.ListField(
        child=serializers.CharField(), required=False, allow_null=True
    )
    apply = serializers.BooleanField(required=False, default=False)


class ReplanChannel(APIView):
    scope = "posts"

    @extend_schema(
        request=NewCadence,
    )
    def post(self, request: ApiRequest, account_id: UUID) -> Response:
        """Show which empty slots a cadence removes and adds; with `apply` save it and
        do so. Managers only.
        """
        data = read(NewCadence, request)
        applied = data.pop("apply")
        values = values_of(data)
        plan = replanning.preview(request.user, account_id, values)
        counts = {"removed": len(plan.removed), "added": len(plan.added)}
        if applied:
            done = replanning.replan(request.user, account_id, values)
            counts = {"removed": done.removed, "added": done.added}
        return Response(
            counts
            | {
                "kept": plan.unchanged,
                "applied": applied,
                "removed_slots": [iso(post.scheduled_at) for post in plan.removed],
                "added_slots": [iso(slot.instant) for slot in plan.added],
            }
        )
