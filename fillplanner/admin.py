"""Staff pages of plans, config templates and notices: planner and owners write them, so nothing is edited here."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, StackedInline

from common.errors import Problem
from fillplanner.models import ConfigTemplate, Delivery, NoticeTarget, Plan, PlanResult
from fillplanner.services import configs, notices, plans
from workspaces.models import User


class ResultInline(StackedInline):
    model = PlanResult
    can_delete = False
    fields = (
        "makespan", "utilization", "changeovers", "lots_scheduled", "window_violations", "lower_bound", "gap_percent",
        "solver", "solver_status", "runtime_seconds", "kpis",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    list_display = ("name", "owner", "strategy", "state", "lots_count", "created_at", "completed_at")
    list_filter = ("state", "strategy")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    date_hierarchy = "created_at"
    inlines = (ResultInline,)
    actions = ("plan_again", "cancel")
    fields = (
        "owner", "name", "strategy", "state", "lots_count", "config", "start_time", "created_at", "started_at",
        "completed_at", "percent", "worker", "fence", "lease_until", "error_message",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Plan again, for the same owners", permissions=["change"])
    def plan_again(self, request: HttpRequest, chosen: QuerySet[Plan]) -> None:
        for plan in chosen.select_related("owner"):
            try:
                made = plans.repeat(plan, cast(User, request.user))
            except Problem as problem:
                self.message_user(request, f"{plan}: {problem.message}", messages.ERROR)
            else:
                self.message_user(request, f"{plan}: plan {made.pk} was made.")

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Plan]) -> None:
        for plan in chosen:
            try:
                plans.stop(plan, cast(User, request.user))
            except Problem as problem:
                self.message_user(request, f"{plan}: {problem.message}", messages.ERROR)
            else:
                self.message_user(request, f"{plan}: cancelled.")

    def delete_model(self, request: HttpRequest, obj: Plan) -> None:
        plans.remove(obj, cast(User, request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        for plan in queryset:
            plans.remove(plan, cast(User, request.user))


@admin.register(ConfigTemplate)
class ConfigTemplateAdmin(ModelAdmin):
    list_display = ("name", "owner", "is_public", "is_default", "updated_at")
    list_filter = ("is_public", "is_default")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    fields = ("owner", "name", "description", "config", "is_public", "is_default", "created_at", "updated_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: ConfigTemplate) -> None:
        configs.remove(obj, cast(User, request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ConfigTemplate]) -> None:
        for template in queryset:
            configs.remove(template, cast(User, request.user))


@admin.register(NoticeTarget)
class NoticeTargetAdmin(ModelAdmin):
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
        return notices.host_of(target.url)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: NoticeTarget) -> None:
        notices.remove(obj, cast(User, request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[NoticeTarget]) -> None:
        for target in queryset:
            notices.remove(target, cast(User, request.user))


@admin.register(Delivery)
class DeliveryAdmin(ModelAdmin):
    list_display = ("event", "about", "state", "tries", "response_status", "created_at", "sent_at")
    list_filter = ("state", "event")
    date_hierarchy = "created_at"
    fields = (
        "key", "event", "about", "body", "state", "tries", "next_try_at", "response_status", "last_error",
        "created_at", "sent_at",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
