"""Staff pages of posting times and results."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from calendars.models import HourResult, KpiEvent, PostingRhythm, Preferences, TimingRow


@admin.register(TimingRow)
class TimingRowAdmin(ModelAdmin):
    list_display = (
        "platform",
        "format",
        "weekday",
        "first_hour",
        "last_hour",
        "weight",
        "valid_from",
        "valid_to",
        "source",
    )
    list_filter = ("platform", "format", "weekday", "valid_to")
    search_fields = ("platform", "format", "source", "notes")


@admin.register(PostingRhythm)
class PostingRhythmAdmin(ModelAdmin):
    list_display = (
        "platform",
        "format",
        "per_week_least",
        "per_week_most",
        "gap_hours",
        "valid_from",
        "valid_to",
        "source",
    )
    list_filter = ("platform", "valid_to")
    search_fields = ("platform", "format", "source", "notes")


@admin.register(Preferences)
class PreferencesAdmin(ModelAdmin):
    list_display = ("workspace", "user", "platform", "format", "zone", "per_week_most", "gap_hours")
    list_filter = ("workspace", "platform")
    list_select_related = ("workspace", "user")
    search_fields = ("user__username",)


class ReadOnlyAdmin(ModelAdmin):
    """What comes from measurements is looked at, not written."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(KpiEvent)
class KpiEventAdmin(ReadOnlyAdmin):
    list_display = ("content_key", "account", "event_time", "posted_date", "posted_hour", "latest", "engagement_rate")
    list_filter = ("workspace", "latest")
    list_select_related = ("account",)
    search_fields = ("content_key", "event_id")
    date_hierarchy = "event_time"
    show_full_result_count = False


@admin.register(HourResult)
class HourResultAdmin(ReadOnlyAdmin):
    list_display = ("account", "format", "date", "hour", "posts", "rated", "views", "impressions")
    list_filter: ClassVar[tuple[str, ...]] = ("platform", "format")
    list_select_related = ("account",)
    search_fields = ("account__name",)
    date_hierarchy = "date"
