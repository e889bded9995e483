from __future__ import annotations

from django.urls import path

from fillplanner.api import plans, strategies

urlpatterns = [
    path("api/v1/schedule", plans.Schedules.as_view()),
    path("api/v1/schedule/json", plans.Schedules.as_view()),
    path("api/v1/schedule/validate", plans.Validate.as_view()),
    path("api/v1/schedules", plans.ScheduleList.as_view()),
    path("api/v1/schedule/<str:plan_id>", plans.OneSchedule.as_view()),
    path("api/v1/schedule/<str:plan_id>/export", plans.Export.as_view()),
    path("api/v1/strategies", strategies.Strategies.as_view()),
]
