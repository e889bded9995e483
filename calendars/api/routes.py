from __future__ import annotations

from django.urls import path

from calendars.api import (
    analytics,
    assignments,
    bulk_jobs,
    calendar,
    health,
    optimise,
    performance,
    platforms,
    preferences,
    recommendations,
    trials,
)

ROOT = "api/v1/scheduling/"

urlpatterns = [
    path(f"{ROOT}health", health.Health.as_view()),
    path(f"{ROOT}platforms", platforms.Platforms.as_view()),
    path(f"{ROOT}calendar", calendar.Calendars.as_view()),
    path(f"{ROOT}calendar/<str:calendar_id>", calendar.OneCalendar.as_view()),
    path(f"{ROOT}calendar/<str:calendar_id>/cancel", calendar.Cancel.as_view()),
    path(
        f"{ROOT}schedule-assignments",
        assignments.ScheduleAssignments.as_view(),
    ),
    path(f"{ROOT}recommended-slots", trials.RecommendedSlots.as_view()),
    path(f"{ROOT}callbacks/secret", calendar.Secret.as_view()),
    path(f"{ROOT}recommendations", recommendations.Recommendations.as_view()),
    path(f"{ROOT}optimize", optimise.Optimize.as_view()),
    path(f"{ROOT}optimize/<str:wire_id>", optimise.Optimization.as_view()),
    path(f"{ROOT}optimize/<str:wire_id>/apply", optimise.Apply.as_view()),
    path(f"{ROOT}optimize/<str:wire_id>/cancel", optimise.CancelOptimization.as_view()),
    path(f"{ROOT}analytics", analytics.Analytics.as_view()),
    path(f"{ROOT}bulk-jobs", bulk_jobs.BulkJobs.as_view()),
    path(f"{ROOT}bulk-jobs/<str:wire_id>", bulk_jobs.OneBulkJob.as_view()),
    path(f"{ROOT}bulk-jobs/<str:wire_id>/cancel", bulk_jobs.CancelBulkJob.as_view()),
    path(f"{ROOT}trials", trials.Trials.as_view()),
    path(f"{ROOT}trials/<str:wire_id>", trials.OneTrial.as_view()),
    path(f"{ROOT}trials/<str:wire_id>/start", trials.TrialStart.as_view()),
    path(f"{ROOT}trials/<str:wire_id>/stop", trials.TrialStop.as_view()),
    path(f"{ROOT}trials/<str:wire_id>/adopt", trials.TrialAdopt.as_view()),
    path(f"{ROOT}kpi-events", performance.KpiEvents.as_view()),
    path(f"{ROOT}preferences", preferences.PreferencesOf.as_view()),
    path(
        f"{ROOT}preferences/<int:preferences_id>", preferences.OnePreferences.as_view()
    ),
]
