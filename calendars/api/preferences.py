"""Preferences of a person or a workspace."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from calendars.advice import preferences
from calendars.advice.access import preferences_of, wishes_of
from calendars.api.doors import DialectView, word
from calendars.api.recommendations import FORMATS
from calendars.models import Preferences
from common import json_fields as serializers
from common.edits import etag_of
from common.mappings import JsonObject
from scheduling.domain.platforms.catalogue import PLATFORMS
from workspaces.doors import (
    IF_MATCH,
    ApiRequest,
    expected_version,
    read,
    showing_current,
    versioned,
    workspace_of,
)

PLATFORM_IDS = [platform.id for platform in PLATFORMS]


class PreferenceFields(serializers.Serializer[Any]):
    """Wishes; null takes one back. `hours_off` are local hours such as {"start": 22, "end": 6}."""

    scope = serializers.ChoiceField(["own", "workspace"], required=False)
    platform = serializers.ChoiceField(PLATFORM_IDS, required=False, allow_blank=True)
    format = serializers.CharField(max_length=20, required=False, allow_blank=True)
    zone = serializers.CharField(max_length=64, required=False, allow_blank=True)
    per_day_most = serializers.IntegerField(
        min_value=0, max_value=100, required=False, allow_null=True
    )
    per_week_least = serializers.IntegerField(
        min_value=0, max_value=700, required=False, allow_null=True
    )
    per_week_most = serializers.IntegerField(
        min_value=0, max_value=700, required=False, allow_null=True
    )
    gap_hours = serializers.IntegerField(
        min_value=0, max_value=1000, required=False, allow_null=True
    )
    weekdays_off = serializers.ListField(
        child=serializers.IntegerField(), required=False, allow_null=True
    )
    hours_off = serializers.ListField(
        child=serializers.DictField(), required=False, allow_null=True
    )
    quality_threshold = serializers.FloatField(required=False, allow_null=True)


def body(row: Preferences) -> JsonObject:
    """A row of preferences, None for what it says nothing of, with its version."""
    wishes = preferences.stored(row)
    scope = "own" if row.user_id else "workspace"
    return {
        "id": row.pk,
        "scope": scope,
        "platform": row.platform,
        "format": row.format,
        "etag": etag_of(wishes),
        **wishes,
    }


def body_at(request: ApiRequest, place: tuple[bool, str, str]) -> JsonObject | None:
    """The row of the caller's own or the workspace's, of a platform and a format; None
    where there is none.
    """
    for row in preferences_of(request.user, workspace_of(request)):
        if (bool(row.user_id), row.platform, row.format) == place:
            return body(row)
    return None


class PreferencesOf(DialectView):
    scope = "schedules"

    @extend_schema(
        operation_id="list_preferences",
        parameters=[OpenApiParameter(name, str) for name in ("platform", "format")],
    )
    def get(self, request: ApiRequest) -> Response:
        """Your rows, the workspace's, and what they come to for a platform and format."""
        workspace = workspace_of(request)
        platform = word(request, "platform", ("", *PLATFORM_IDS))
        format_ = word(request, "format", ("", *FORMATS))
        wishes = wishes_of(request.user, workspace, platform, format_)
        rows = [body(row) for row in preferences_of(request.user, workspace)]
        return Response({"data": rows, "effective": asdict(wishes)})

    @extend_schema(
        request=PreferenceFields,
        parameters=[IF_MATCH],
    )
    def put(self, request: ApiRequest) -> Response:
        """Keep wishes for yourself, or as a manager for the workspace; what is left out stays."""
        values = read(PreferenceFields, request)
        own = values.pop("scope", "own") == "own"
        platform = values.pop("platform", "")
        format_ = values.pop("format", "")
        workspace = workspace_of(request)
        place = (own, platform, format_)
        with showing_current(lambda: body_at(request, place)):
            row = preferences.prefer(
                request.user,
                workspace,
                values,
                platform=platform,
                format_=format_,
                own=own,
                expected=expected_version(request),
            )
        return versioned(body(row), preferences.stored(row))


class OnePreferences(DialectView):
    scope = "schedules"

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest, preferences_id: int) -> Response:
        """Forget a row of wishes."""
        preferences.forget(request.user, workspace_of(request), preferences_id)
        return Response(status=204)
