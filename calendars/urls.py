from __future__ import annotations

from django.urls import path

from calendars.views.analytics import analytics

urlpatterns = [path("analytics", analytics, name="analytics")]
