from __future__ import annotations

from django.urls import path

from calendars.api.health import Health
from calendars.api.platforms import Platforms
from calendars.views.analytics import analytics

API = "api/v1/scheduling"

urlpatterns = [
    path("analytics", analytics, name="analytics"),
    path(f"{API}/health", Health.as_view()),
    path(f"{API}/platforms", Platforms.as_view()),
]
