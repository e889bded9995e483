from __future__ import annotations

from django.urls import path

from calendars.api.routes import urlpatterns as api
from calendars.views import preferences
from calendars.views.analytics import analytics
from calendars.views.recommendations import recommendations

urlpatterns = [
    *api,
    path("analytics", analytics, name="analytics"),
    path("recommendations", recommendations, name="recommendations"),
    path("preferences", preferences.listing, name="preferences"),
    path("preferences/<int:preferences_id>/forget", preferences.forget, name="preferences-forget"),
]
