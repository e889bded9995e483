from __future__ import annotations

from django.urls import path

from fillplanner.api import (
    comparisons,
    configs,
    overview,
    plans,
    repeats,
    strategies,
    webhooks,
)

urlpatterns = [
    path("api/v1/schedule", plans.Schedules.as_view()),
    path("api/v1/schedule/json", plans.JsonSchedules.as_view()),
    path("api/v1/schedule/validate", plans.Validate.as_view()),
    path("api/v1/schedules", plans.ScheduleList.as_view()),
    path("api/v1/schedules/batch", repeats.Batch.as_view()),
    path("api/v1/schedules/stats", overview.Stats.as_view()),
    path("api/v1/schedules/health", overview.Health.as_view()),
    path("api/v1/ws/stats", overview.SocketStats.as_view()),
    path("api/v1/schedule/<str:plan_id>", plans.OneSchedule.as_view()),
    path("api/v1/schedule/<str:plan_id>/export", plans.Export.as_view()),
    path("api/v1/schedule/<str:plan_id>/cancel", repeats.Cancel.as_view()),
    path("api/v1/schedule/<str:plan_id>/rerun", repeats.Rerun.as_view()),
    path("api/v1/schedule/<str:plan_id>/structured", overview.Structured.as_view()),
    path("api/v1/strategies", strategies.Strategies.as_view()),
    path("api/v1/compare", comparisons.Compare.as_view()),
    path("api/v1/compare/<str:comparison_id>", comparisons.OneComparison.as_view()),
    path(
        "api/v1/compare/<str:comparison_id>/cancel",
        comparisons.CancelComparison.as_view(),
    ),
    path("api/v1/comparisons", comparisons.Comparisons.as_view()),
    path("api/v1/notifications", webhooks.Notifications.as_view()),
    path("api/v1/webhooks", webhooks.Webhooks.as_view()),
    path("api/v1/webhooks/<str:webhook_id>", webhooks.OneWebhook.as_view()),
    path("api/v1/webhooks/<str:webhook_id>/deliveries", webhooks.Deliveries.as_view()),
    path("api/v1/webhooks/<str:webhook_id>/test", webhooks.TryWebhook.as_view()),
    path("api/v1/configs", configs.ConfigList.as_view()),
    path("api/v1/config", configs.Configs.as_view()),
    path("api/v1/config/default", configs.Default.as_view()),
    path("api/v1/config/system/default", configs.SystemDefault.as_view()),
    path("api/v1/config/validate", configs.ValidateConfig.as_view()),
    path("api/v1/config/import", configs.ImportConfig.as_view()),
    path("api/v1/config/<str:template_id>", configs.OneConfig.as_view()),
    path("api/v1/config/<str:template_id>/set-default", configs.SetDefault.as_view()),
    path("api/v1/config/<str:template_id>/export", configs.ExportConfig.as_view()),
]
