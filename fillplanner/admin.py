"""Staff pages of plans: everything is written by the planner, so nothing is edited here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, StackedInline

from fillplanner.models import Plan, PlanResult


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
    fields = (
        "owner", "name", "strategy", "state", "lots_count", "config", "start_time", "created_at", "started_at",
        "completed_at", "percent", "worker", "fence", "lease_until", "error_message",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
