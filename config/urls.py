"""Every address of the product; each app names its own doors."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)

from common.stylesheet import stylesheet
from config import views
from config.health import health

admin.autodiscover()

urlpatterns = [
    path("", views.front, name="home"),
    path("health", health, name="health"),
    path("style-<slug:name>.css", stylesheet, name="stylesheet"),
    path("search", views.search, name="search"),
    path("form-token", views.form_token, name="form-token"),
    path("sheets", views.sheets, name="sheets"),
    path("favicon.ico", views.favicon),
    path("dashboard", RedirectView.as_view(pattern_name="home")),
    path("dashboard/schedule", RedirectView.as_view(pattern_name="schedule")),
    path("dashboard/ai-config", RedirectView.as_view(pattern_name="ai-templates")),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="openapi"), name="docs"),
    path("redoc", SpectacularRedocView.as_view(url_name="openapi"), name="redoc"),
    path("admin/", admin.site.urls),
    path("", include("workspaces.urls")),
    path("", include("scheduling.urls")),
    path("", include("templates_ai.urls")),
    path("", include("calendars.urls")),
    path("", include("fillplanner.urls")),
]

handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"
