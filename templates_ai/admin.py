from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from templates_ai.models import PromptTemplate


@admin.register(PromptTemplate)
class PromptTemplateAdmin(ModelAdmin):
    list_display = ("name", "workspace", "is_active", "updated_at")
    list_filter = ("is_active", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("name", "prompt_text")
    # Activating one means deactivating another, which a form of a single row cannot do.
    readonly_fields = ("is_active",)
