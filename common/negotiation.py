"""What programs are answered in."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation


class JsonForAll(DefaultContentNegotiation):
    """What a caller accepts of what the door has; the door's first kind, JSON, where
    that is nothing. A caller that can do nothing with it loses no more than by a 406.
    """

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        """The renderer, and the media type that it is asked for by."""
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            first = renderers[0]
            return first, first.media_type
