"""Staff pages of plans, comparisons, config templates and notices: planner and owners
write them, so nothing is edited here.
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from common.admin import NotAdded
from common.errors import Problem
from fillplanner.models import (
    Comparison,
    ConfigTemplate,
    Delivery,
    NoticeTarget,
    Plan,
    PlanResult,
)
from fillplanner.services import comparisons, configs, notices, plans
from workspaces.models import User


class ResultInline(NotAdded, StackedInline):
    model = PlanResult
    can_delete = False
    fields = (
        "makespan",
        "utilization",
        "changeovers",
        "lots_scheduled",
        "window_violations",
        "lower_bound",
        "gap_percent",
        "solver",
        "solver_status",
        "runtime_seconds",
        "kpis",
    )
    readonly_fields = fields


@admin.register(Plan)
class PlanAdmin(NotAdded, ModelAdmin):
    list_display = (
        "name",
        "owner",
        "strategy",
        "state",
        "lots_count",
        "created_at",
        "ended_at",
    )
    list_filter = ("state", "strategy")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    date_hierarchy = "created_at"
    inlines = (ResultInline,)
    actions = ("plan_again", "cancel")
    fields = (
        "owner",
        "name",
        "comparison",
        "strategy",
        "state",
        "lots_count",
        "config",
        "start_time",
        "created_at",
        "started_at",
        "ended_at",
        "percent",
        "worker",
        "fence",
        "lease_until",
        "error",
    )
    readonly_fields = fields

    @admin.action(description="Plan again, for the same owners", permissions=["change"])
    def plan_again(self, request: HttpRequest, chosen: QuerySet[Plan]) -> None:
        """Plan each anew for its owner; what cannot be is told plan by plan."""
        for plan in chosen.select_related("owner"):
            try:
                new = plans.repeat(plan, cast(User, request.user))
            except Problem as problem:
                self.message_user(request, f"{plan}: {problem.message}", messages.ERROR)
            else:
                self.message_user(request, f"{plan}: plan {new.pk} was made.")

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Plan]) -> None:
        """Stop each; what cannot be is told plan by plan."""
        for plan in chosen:
            try:
                plans.stop(plan, cast(User, request.user))
            except Problem as problem:
                self.message_user(request, f"{plan}: {problem.message}", messages.ERROR)
            else:
                self.message_user(request, f"{plan}: cancelled.")

    def has_delete_permission(
        self, request: HttpRequest, obj: Plan | None = None
    ) -> bool:
        """The plans of a comparison are deleted with it."""
        alone = obj is None or obj.comparison_id is None
        return alone and bool(super().has_delete_permission(request, obj))

    def delete_model(self, request: HttpRequest, obj: Plan) -> None:
        plans.remove(obj, cast(User, request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        for plan in queryset:
            plans.remove(plan, cast(User, request.user))


class PartInline(NotAdded, TabularInline):
    model = Plan
    can_delete = False
    show_change_link = True
    fields = ("strategy", "state", "started_at", "ended_at", "error")
    readonly_fields = fields
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        rows: QuerySet[Plan] = super().get_queryset(request).defer("lots", "config")
        return rows


@admin.register(Comparison)
class ComparisonAdmin(NotAdded, ModelAdmin):
    list_display = (
        "name",
        "owner",
        "state",
        "best_strategy",
        "lots_count",
        "created_at",
        "ended_at",
    )
    list_filter = ("state", "best_strategy")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    date_hierarchy = "created_at"
    inlines = (PartInline,)
    actions = ("cancel",)
    fields = (
        "owner",
        "name",
        "strategies",
        "state",
        "best_strategy",
        "lots_count",
        "lots_hash",
        "config",
        "start_time",
        "created_at",
        "started_at",
        "ended_at",
        "error",
    )
    readonly_fields = fields

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Comparison]) -> None:
        """Stop each; what cannot be is told one by one."""
        for comparison in chosen:
            try:
                comparisons.stop(comparison, cast(User, request.user))
            except Problem as problem:
                self.message_user(
                    request, f"{comparison}: {problem.message}", messages.ERROR
                )
            else:
                self.message_user(request, f"{comparison}: cancelled.")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its plans may not be deleted by themselves, but they go with it."""
        listed, counts, refused, protected = super().get_deleted_objects(objs, request)
        return listed, counts, refused - {Plan._meta.verbose_name}, protected

    def delete_model(self, request: HttpRequest, obj: Comparison) -> None:
        comparisons.remove(obj, cast(User, request.user))

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Comparison]
    ) -> None:
        for comparison in queryset:
            comparisons.remove(comparison, cast(User, request.user))


@admin.register(ConfigTemplate)
class ConfigTemplateAdmin(NotAdded, ModelAdmin):
    list_display = ("name", "owner", "is_public", "is_default", "updated_at")
    list_filter = ("is_public", "is_default")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    fields = (
        "owner",
        "name",
        "description",
        "config",
        "is_public",
        "is_default",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields

    def delete_model(self, request: HttpRequest, obj: ConfigTemplate) -> None:
        configs.remove(obj, cast(User, request.user))

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[ConfigTemplate]
    ) -> None:
        for template in queryset:
            configs.remove(template, cast(User, request.user))


@admin.register(NoticeTarget)
class NoticeTargetAdmin(NotAdded, ModelAdmin):
    """Without the secret, and of the address only the host: its path is often one too."""

    list_display = ("owner", "kind", "host", "created_at")
    list_filter = ("kind",)
    list_select_related = ("owner",)
    search_fields = ("owner__username",)
    fields = ("owner", "kind", "host", "events", "created_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[NoticeTarget]:
        rows: QuerySet[NoticeTarget] = super().get_queryset(request)
        return rows.defer("secret")

    @admin.display(description="Host")
    def host(self, target: NoticeTarget) -> str:
        """Where notices go; paths may hold secrets and are not shown."""
        return notices.host_of(target.url)

    def delete_model(self, request: HttpRequest, obj: NoticeTarget) -> None:
        notices.remove(obj, cast(User, request.user))

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[NoticeTarget]
    ) -> None:
        for target in queryset:
            notices.remove(target, cast(User, request.user))


@admin.register(Delivery)
class DeliveryAdmin(NotAdded, ModelAdmin):
    list_display = (
        "event",
        "about",
        "state",
        "tries",
        "response_status",
        "created_at",
        "sent_at",
    )
    list_filter = ("state", "event")
    date_hierarchy = "created_at"
    fields = (
        "key",
        "event",
        "about",
        "body",
        "state",
        "tries",
        "next_try_at",
        "response_status",
        "last_error",
        "created_at",
        "sent_at",
    )
    readonly_fields = fields
