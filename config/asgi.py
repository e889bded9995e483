"""HTTP and WebSocket traffic: Django for the first, the apps' consumers for the second."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
http = get_asgi_application()

# Consumers import models, which exist only once the line above has set Django up.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402

import calendars.routing  # noqa: E402
import fillplanner.routing  # noqa: E402
import scheduling.routing  # noqa: E402
from common.origins import PagesAndPrograms  # noqa: E402

sockets = URLRouter(
    [
        *calendars.routing.urlpatterns,
        *fillplanner.routing.urlpatterns,
        *scheduling.routing.urlpatterns,
    ]
)
application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": PagesAndPrograms(
            AuthMiddlewareStack(sockets),
            [*settings.ALLOWED_HOSTS, *settings.CORS_ALLOWED_ORIGINS],
        ),
    }
)
