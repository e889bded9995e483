"""People who open a page of the product in a browser."""

from __future__ import annotations

from django.conf import settings
from django.test import Client
from patience import PAGE_MILLISECONDS
from playwright.sync_api import Page

from workspaces.models import User


def visit(page: Page, site: str, path: str = "/", name: str = "editor") -> None:
    """Come to a page as somebody who is signed in, and wait until its scripts listen
    and its live line stands.
    """
    page.set_default_timeout(PAGE_MILLISECONDS)
    client = Client()
    client.force_login(User.objects.get(username=name))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}]
    )
    page.goto(f"{site}{path}")
    settle(page)


def settle(page: Page) -> None:
    """Wait until the scripts of the page listen and its live line stands."""
    page.locator("html[data-ready] #live[data-live-state=connected]").wait_for()
