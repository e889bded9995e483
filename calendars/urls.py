from __future__ import annotations

from django.urls import path

from calendars.advice import heat_views, preference_views
from calendars.advice.views import recommendations
from calendars.api.routes import urlpatterns as api
from calendars.campaigns import views as calendars
from calendars.optimiser import views as optimisation
from calendars.results import views as analytics
from calendars.trials import views as trials
from calendars.video_batches import views as bulk_jobs

urlpatterns = [
    *api,
    path("calendars", calendars.listing, name="content-calendars"),
    path("calendars/<uuid:calendar_id>", calendars.detail, name="content-calendar"),
    path(
        "calendars/<uuid:calendar_id>/cancel",
        calendars.cancel,
        name="content-calendar-cancel",
    ),
    path("analytics", analytics.analytics, name="analytics"),
    path("analytics/upload", analytics.upload, name="analytics-upload"),
    path(
        "analytics/measurements.csv",
        analytics.measurements,
        name="analytics-measurements",
    ),
    path("analytics/<slug:table>.csv", analytics.export, name="analytics-export"),
    path("recommendations", recommendations, name="recommendations"),
    path("recommendations/heat", heat_views.heat, name="calendar-heat"),
    path("bulk-jobs", bulk_jobs.bulk_jobs, name="bulk-jobs"),
    path("bulk-jobs/<uuid:run_id>", bulk_jobs.bulk_job, name="bulk-job"),
    path("bulk-jobs/<uuid:run_id>/cancel", bulk_jobs.cancel, name="bulk-job-cancel"),
    path("preferences", preference_views.listing, name="preferences"),
    path(
        "preferences/<int:preferences_id>/forget",
        preference_views.forget,
        name="preferences-forget",
    ),
    path("optimise", optimisation.optimise, name="optimise"),
    path("optimise/<uuid:run_id>", optimisation.optimisation_page, name="optimisation"),
    path("optimise/<uuid:run_id>/apply", optimisation.apply, name="optimisation-apply"),
    path(
        "optimise/<uuid:run_id>/cancel", optimisation.cancel, name="optimisation-cancel"
    ),
    path("trials", trials.listing, name="trials"),
    path("trials/<uuid:trial_id>", trials.trial, name="trial"),
    path("trials/<uuid:trial_id>/start", trials.start, name="trial-start"),
    path("trials/<uuid:trial_id>/stop", trials.stop, name="trial-stop"),
    path("trials/<uuid:trial_id>/adopt", trials.adopt, name="trial-adopt"),
]
