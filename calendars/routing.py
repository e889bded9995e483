from __future__ import annotations

from django.urls import path

from calendars.campaigns.consumers import CalendarSocket

urlpatterns = [path("api/v1/scheduling/ws", CalendarSocket.as_asgi())]
