from __future__ import annotations

from django.urls import path

from calendars.api.routes import urlpatterns as api
from calendars.views.analytics import analytics

urlpatterns = [*api, path("analytics", analytics, name="analytics")]
