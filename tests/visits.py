"""People who open a page of the product in a browser."""

from __future__ import annotations

from urllib.parse import urlencode

from patience import PAGE_MILLISECONDS
from playwright.sync_api import Page

from cast import PASSWORD


def visit(page: Page, site: str, path: str = "/", name: str = "editor", password: str = PASSWORD) -> None:
    """Sign in and be led to a page whose scripts listen and whose live line stands."""
    page.set_default_timeout(PAGE_MILLISECONDS)
    page.goto(f"{site}/login?{urlencode({'next': path})}")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.locator("html[data-ready] #live[data-live-state=connected]").wait_for()
