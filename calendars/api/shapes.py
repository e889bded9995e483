"""Bodies of the scheduling dialect, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from calendars.api.doors import bad_parameter
from calendars.campaigns.callbacks import OF_CALENDARS, OF_ITEMS
from calendars.campaigns.compose import MOST_ITEMS, CalendarRequest, Wish
from calendars.models.calendars import LONGEST_CONTENT_ID
from calendars.vocabulary import platform_id
from common import json_fields as serializers
from common.mappings import Record, Values
from common.outgoing import Refused, check_url
from common.zones import parse_instant, validate_zone

HOUR_MS = 3_600_000
USUAL_MS = 7_200_000


@extend_schema_field(OpenApiTypes.STR)
class PlatformName(serializers.CharField):
    """A platform by our id, the dialect's or another alias; becomes ours."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return platform_id(super().to_internal_value(data))
        except KeyError as error:
            raise serializers.ValidationError(str(error.args[0])) from None


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.Field[Any, Any, Any, Any]):
    """An RFC 3339 time with an offset; becomes aware UTC."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            moment = parse_datetime(data.strip()) if isinstance(data, str) else None
            if moment is not None and moment.tzinfo is not None:
                return parse_instant(data)
        except ValueError:
            pass
        raise serializers.ValidationError(
            "Give a time with an offset, for example 2026-11-30T15:00:00Z."
        )


@extend_schema_field(
    {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}}
)
class Callbacks(serializers.Field[Any, Any, Any, Any]):
    """Addresses by the names of events; null and blank ones are left out."""

    def __init__(self, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, **kwargs)
        self.names = sorted(set(names.values()))

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict) or set(data) - set(self.names):
            raise serializers.ValidationError(
                f"Give an object with some of: {', '.join(self.names)}."
            )
        return {
            name: address(url)
            for name, url in data.items()
            if url is not None and url != ""
        }


def address(url: Any) -> str:
    """Raises ValidationError for what is no address, or leads into a private network."""
    try:
        if not isinstance(url, str):
            raise Refused("This is not an address.")
        check_url(url)
    except Refused as refusal:
        raise serializers.ValidationError(
            f"This address cannot be called back: {refusal}"
        ) from refusal
    return url


class NewItem(serializers.Serializer[Any]):
    """What goes out at a time on a platform."""

    content_id = serializers.CharField(
        max_length=LONGEST_CONTENT_ID, help_text="Your own id of the content"
    )
    platform = PlatformName(max_length=40, help_text="Where it goes")
    scheduled_time = Moment(help_text="When it goes out, with an offset")
    metadata = serializers.DictField(
        required=False,
        allow_null=True,
        help_text="Title, caption, hashtags and media, and what else you want to keep",
    )
    callbacks = Callbacks(
        OF_ITEMS, help_text="Addresses to be told: `on_published`, `on_failed`"
    )


class NewCalendar(serializers.Serializer[Any]):
    """What is to go out where and when. `tenant_id` is not read: the workspace is the token's."""

    title = serializers.CharField(max_length=200, help_text="What it is called")
    timezone = serializers.CharField(
        default="UTC",
        max_length=64,
        help_text="The IANA zone that its times are thought in",
    )
    items: Any = serializers.ListSerializer(
        child=NewItem(),
        min_length=1,
        max_length=MOST_ITEMS,
        help_text="What goes out",
    )
    processing_deadline_ms = serializers.IntegerField(
        default=USUAL_MS,
        min_value=HOUR_MS,
        max_value=24 * HOUR_MS,
        help_text="How long after its time an item may still go out",
    )
    callbacks = Callbacks(
        OF_CALENDARS,
        help_text="Addresses to be told: `on_completed`, `on_failed`, `on_canceled`",
    )


def calendar_request(data: Values, key: str) -> CalendarRequest:
    """The service's words for a body of `NewCalendar`. Raises InvalidInput for an
    unknown time zone.
    """
    wishes = [wish_in(item) for item in data["items"]]
    deadline = timedelta(milliseconds=data["processing_deadline_ms"])
    return CalendarRequest(
        data["title"],
        wishes,
        checked_zone(data["timezone"]),
        deadline,
        data.get("callbacks") or {},
        key,
    )


def wish_in(item: Record) -> Wish:
    """The service's words for an item of `NewItem`."""
    return Wish(
        item["content_id"],
        item["platform"],
        item["scheduled_time"],
        item.get("metadata") or {},
        item.get("callbacks") or {},
    )


def checked_zone(name: str) -> str:
    """The zone's name. Raises InvalidInput for an unknown one."""
    try:
        validate_zone(name)
    except Invalid as error:
        raise bad_parameter("timezone", error.messages[0]) from error
    return name
