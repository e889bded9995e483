"""Preferences of a person or a workspace."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework.response import Response

from calendars.advice import preferences
from calendars.advice.access import Wishes, preferences_of, wishes_of
from calendars.api.doors import DialectView, word
from calendars.api.recommendations import FORMATS
from calendars.bodies.times import (
    EffectiveWishesBody,
    PreferencesBody,
    PreferencesListBody,
)
from calendars.models import Preferences
from common import json_fields as serializers
from common.edits import etag_of
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
SCOPES = ("own", "workspace")
PREFERENCES_ID = OpenApiParameter(
    "preferences_id",
    int,
    OpenApiParameter.PATH,
    description="The number of the wishes",
)


class SpanFields(serializers.Serializer[Any]):
    """Local hours; an end before the start is of the next day."""

    start = serializers.IntegerField(help_text="The first hour, 0 to 23")
    end = serializers.IntegerField(help_text="The hour after the last one, 1 to 24")


@extend_schema_field(SpanFields)
class SpanField(serializers.DictField):
    """Hours as they came; what is wrong with them is said by the service."""


class PreferenceFields(serializers.Serializer[Any]):
    """Wishes; null takes one back. `hours_off` are local hours such as {"start": 22, "end": 6}."""

    scope = serializers.ChoiceField(
        SCOPES, required=False, help_text="Whose they are; your own unless told"
    )
    platform = serializers.ChoiceField(
        PLATFORM_IDS,
        required=False,
        allow_blank=True,
        help_text="For which platform; blank for every",
    )
    format = serializers.CharField(
        max_length=20,
        required=False,
        allow_blank=True,
        help_text="For which format; blank for every",
    )
    zone = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text="The IANA zone in which times are shown",
    )
    per_day_most = serializers.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        allow_null=True,
        help_text="Most posts a day",
    )
    per_week_least = serializers.IntegerField(
        min_value=0,
        max_value=700,
        required=False,
        allow_null=True,
        help_text="Fewest posts a week",
    )
    per_week_most = serializers.IntegerField(
        min_value=0,
        max_value=700,
        required=False,
        allow_null=True,
        help_text="Most posts a week",
    )
    gap_hours = serializers.IntegerField(
        min_value=0,
        max_value=1000,
        required=False,
        allow_null=True,
        help_text="Hours between two posts",
    )
    weekdays_off = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        allow_null=True,
        help_text="Days without posts, from 0, Monday",
    )
    hours_off = serializers.ListField(
        child=SpanField(),
        required=False,
        allow_null=True,
        help_text="Hours without posts, on the channel's clock",
    )
    quality_threshold = serializers.FloatField(
        required=False,
        allow_null=True,
        help_text="The score that a time must come to, from 0 to 1",
    )


def body(row: Preferences) -> PreferencesBody:
    """A row of preferences, None for what it says nothing of, with its version."""
    return {
        "id": row.pk,
        "scope": "own" if row.user_id else "workspace",
        "platform": row.platform,
        "format": row.format,
        "etag": etag_of(preferences.stored(row)),
        "zone": row.zone,
        "per_day_most": row.per_day_most,
        "per_week_least": row.per_week_least,
        "per_week_most": row.per_week_most,
        "gap_hours": row.gap_hours,
        "weekdays_off": row.weekdays_off,
        "hours_off": row.hours_off,
        "quality_threshold": row.quality_threshold,
    }


def effective_body(wishes: Wishes) -> EffectiveWishesBody:
    """What wishes come to, one added to the other."""
    return {
        "zone": wishes.zone,
        "per_day_most": wishes.per_day_most,
        "per_week_least": wishes.per_week_least,
        "per_week_most": wishes.per_week_most,
        "gap_hours": wishes.gap_hours,
        "weekdays_off": list(wishes.weekdays_off),
        "hours_off": [list(span) for span in wishes.hours_off],
        "quality_threshold": wishes.quality_threshold,
    }


def body_at(
    request: ApiRequest, place: tuple[bool, str, str]
) -> PreferencesBody | None:
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
        parameters=[
            OpenApiParameter(
                "platform",
                str,
                description="Of `effective`; every platform unless told",
            ),
            OpenApiParameter(
                "format", str, description="Of `effective`; every format unless told"
            ),
        ],
        responses=PreferencesListBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """Your rows, the workspace's, and what they come to for a platform and format."""
        workspace = workspace_of(request)
        platform = word(request, "platform", ("", *PLATFORM_IDS))
        format_ = word(request, "format", ("", *FORMATS))
        wishes = wishes_of(request.user, workspace, platform, format_)
        rows = [body(row) for row in preferences_of(request.user, workspace)]
        answer: PreferencesListBody = {
            "data": rows,
            "effective": effective_body(wishes),
        }
        return Response(answer)

    @extend_schema(
        operation_id="keep_preferences",
        request=PreferenceFields,
        parameters=[IF_MATCH],
        responses=PreferencesBody,
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

    @extend_schema(
        operation_id="forget_preferences",
        parameters=[PREFERENCES_ID],
        responses={204: None},
    )
    def delete(self, request: ApiRequest, preferences_id: int) -> Response:
        """Forget a row of wishes."""
        preferences.forget(request.user, workspace_of(request), preferences_id)
        return Response(status=204)
