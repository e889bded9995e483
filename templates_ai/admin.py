from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from common.admin import ReadOnly
from templates_ai.models import EngineSettings, Generation, PromptTemplate


@admin.register(PromptTemplate)
class PromptTemplateAdmin(ModelAdmin):
    list_display = ("name", "workspace", "is_active", "updated_at")
    list_filter = ("is_active", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("name", "prompt_text")
    # Activating one means deactivating another, which a form of a single row cannot do.
    readonly_fields = ("is_active",)


@admin.register(EngineSettings)
class EngineSettingsAdmin(ModelAdmin):
    list_display = (
        "workspace",
        "engine",
        "model",
        "daily_tokens",
        "daily_cost",
        "resting_until",
    )
    list_select_related = ("workspace",)
    readonly_fields = ("failures", "resting_until", "has_key")

    @admin.display(description="Has a key", boolean=True)
    def has_key(self, settings: EngineSettings) -> bool:
        """Of the key itself nothing is shown."""
        return bool(settings.key)


@admin.register(Generation)
class GenerationAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "made_at",
        "workspace",
        "engine",
        "model",
        "tokens_in",
        "tokens_out",
        "cost",
    )
    list_filter = ("engine", "workspace")
    list_select_related = ("workspace",)
