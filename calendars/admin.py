"""Staff pages of posting times and results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, cast
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin

from calendars.models import (
    BulkRun,
    CalendarEvent,
    CalendarItem,
    Callback,
    ContentCalendar,
    HourResult,
    KpiEvent,
    OptimizationRun,
    PostingRhythm,
    Preferences,
    RecommendedScheduleSlot,
    ScheduleAssignment,
    TimingRow,
    Trial,
)
from calendars.optimiser import services as optimisation
from calendars.results.measurement_admin import KpiEventAdmin
from common.admin import NotAdded, NotEdited, ReadOnly
from common.errors import Problem
from common.grouping import grouped
from scheduling.admin import PostAdmin
from scheduling.models import Post
from workspaces.models import User, Workspace


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
    list_display = (
        "workspace",
        "user",
        "platform",
        "format",
        "zone",
        "per_week_most",
        "gap_hours",
    )
    list_filter = ("workspace", "platform")
    list_select_related = ("workspace", "user")
    search_fields = ("user__username",)


admin.site.register(KpiEvent, KpiEventAdmin)


@admin.register(HourResult)
class HourResultAdmin(NotEdited, ModelAdmin):
    list_display = (
        "account",
        "format",
        "date",
        "hour",
        "posts",
        "rated",
        "views",
        "impressions",
    )
    list_filter: ClassVar[tuple[str, ...]] = ("platform", "format")
    list_select_related = ("account",)
    search_fields = ("account__name",)
    date_hierarchy = "date"


@admin.register(BulkRun)
class BulkRunAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "job",
        "workspace",
        "state",
        "total",
        "started_by",
        "created_at",
        "ended_at",
        "losses",
    )
    list_filter = ("state", "workspace")
    list_select_related = ("job", "workspace", "started_by")
    search_fields = ("job__name",)
    date_hierarchy = "created_at"
    exclude = ("videos",)


@admin.register(OptimizationRun)
class OptimizationRunAdmin(NotEdited, ModelAdmin):
    list_display = (
        "__str__",
        "workspace",
        "state",
        "proof",
        "started_by",
        "created_at",
        "applied_at",
    )
    list_filter = ("state", "workspace")
    list_select_related = ("workspace", "started_by")
    date_hierarchy = "created_at"


@admin.register(Trial)
class TrialAdmin(NotEdited, ModelAdmin):
    list_display = ("name", "workspace", "state", "kpi", "start", "end", "adopted_at")
    list_filter = ("state", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("name",)


admin.site.unregister(Post)


@admin.register(Post)
class TimedPostAdmin(PostAdmin):
    """Posts, with what this app can do for them."""

    actions = (*PostAdmin.actions, "optimise")

    @admin.action(description="Find better times (a preview; nothing is moved)")
    def optimise(self, request: HttpRequest, chosen: QuerySet[Post]) -> None:
        """Start a preview in each workspace of the chosen posts; what cannot be is told
        by workspace.
        """
        posts = chosen.order_by().select_related("workspace")
        by_workspace = grouped((post.workspace, post.pk) for post in posts)
        for workspace, ids in by_workspace.items():
            try:
                text = preview(cast(User, request.user), workspace, ids)
                self.message_user(request, f"{workspace}: {text}")
            except Problem as problem:
                self.message_user(
                    request, f"{workspace}: {problem.message}", messages.ERROR
                )


def preview(user: User, workspace: Workspace, ids: Sequence[UUID]) -> str:
    """Find better times for these posts of a workspace; in words, how many would move,
    and where that is shown. Raises as `optimise`.
    """
    run = optimisation.optimise(user, workspace, optimisation.Request(ids))
    page = reverse("optimisation", args=[run.pk])
    return f"{len(run.moves)} of {len(ids)} posts would move; see {page}."


@admin.register(ContentCalendar)
class ContentCalendarAdmin(NotAdded, ModelAdmin):
    list_display = (
        "title",
        "workspace",
        "state",
        "created_at",
        "started_at",
        "ended_at",
    )
    list_filter = ("state", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("title", "idempotency_key")
    fields = (
        "title",
        "zone",
        "workspace",
        "state",
        "made_by",
        "created_at",
        "started_at",
        "ended_at",
    )
    readonly_fields = (
        "workspace",
        "state",
        "made_by",
        "created_at",
        "started_at",
        "ended_at",
    )


@admin.register(CalendarItem)
class CalendarItemAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "content_id",
        "platform",
        "calendar",
        "state",
        "asked_at",
        "updated_at",
    )
    list_filter = ("state", "platform")
    list_select_related = ("calendar",)
    search_fields = ("content_id",)


@admin.register(ScheduleAssignment)
class ScheduleAssignmentAdmin(ReadOnly, ModelAdmin):
    """Items as work: which worker has each, and how often it was tried."""

    list_display = (
        "__str__",
        "calendar",
        "worker",
        "scheduled_at",
        "state",
        "last_error",
        "retry_count",
        "last_retry_at",
    )
    list_filter = ("state", "platform")
    search_fields = ("content_id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduleAssignment]:
        """With what the columns are told from, in three queries a page."""
        rows: QuerySet[ScheduleAssignment] = super().get_queryset(request)
        shown = rows.select_related("calendar", "post__account", "post__content")
        return shown.prefetch_related("post__attempts")

    @admin.display(ordering="post__scheduled_at")
    def scheduled_at(self, row: ScheduleAssignment) -> datetime:
        """When its post goes out; without one, when it was asked for."""
        return (row.post.scheduled_at if row.post else None) or row.asked_at


@admin.register(RecommendedScheduleSlot)
class RecommendedScheduleSlotAdmin(ReadOnly, ModelAdmin):
    """Times that were recommended for posts, and how sure that was."""

    list_display = ("post", "platform", "format", "time_after", "score", "trial")
    list_filter = ("trial__workspace", "post__account__platform")
    list_select_related = ("trial", "post__account", "post__content")
    search_fields = ("trial__name", "post__content__title")

    @admin.display(ordering="post__account__platform")
    def platform(self, slot: RecommendedScheduleSlot) -> str:
        """The platform of its channel."""
        return str(slot.post.account.platform_name)

    def format(self, slot: RecommendedScheduleSlot) -> str:
        """How the platform carries it."""
        return slot.post.chosen_format


@admin.register(CalendarEvent)
class CalendarEventAdmin(ReadOnly, ModelAdmin):
    list_display = ("kind", "calendar", "number", "at", "correlation_id")
    list_filter = ("kind",)
    list_select_related = ("calendar",)


@admin.register(Callback)
class CallbackAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "event",
        "about",
        "state",
        "tries",
        "response_status",
        "last_error",
        "created_at",
        "sent_at",
    )
    list_filter = ("state", "event")
    search_fields = ("about",)
