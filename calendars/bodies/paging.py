"""What lists end with."""

from __future__ import annotations

from typing_extensions import TypedDict


class PageBody(TypedDict):
    """What follows a page."""

    next_page_token: str | None
    """Asks for the next page as `page_token`; null on the last one."""
    page_size: int
    """How many a page has at most."""
