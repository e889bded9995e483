"""Who may open sockets: this site's own pages, and programs."""

from __future__ import annotations

from typing import Any

from channels.security.websocket import OriginValidator


class PagesAndPrograms(OriginValidator):
    """Lets in whoever names an allowed origin, or none: browsers always say which page
    opens a socket, programs have no page to name and show a token.
    """

    def valid_origin(self, parsed_origin: Any) -> bool:
        """Programs name no origin; pages must name one of ours."""
        return parsed_origin is None or bool(self.validate_origin(parsed_origin))
