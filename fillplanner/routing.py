from __future__ import annotations

from django.urls import path

from fillplanner.live.consumers import PageSocket, PlanSocket

urlpatterns = [
    path("ws/plans", PageSocket.as_asgi()),
    path("api/v1/ws", PlanSocket.as_asgi()),
]
