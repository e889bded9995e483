from __future__ import annotations

from django.urls import path

from scheduling.consumers import PageSocket

urlpatterns = [path("ws/scheduling", PageSocket.as_asgi())]
