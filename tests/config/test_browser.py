"""A real browser against the whole application served by this process."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from cast import PASSWORD
from workspaces.models import User


@pytest.mark.services
def test_a_browser_signs_in_and_meets_no_error(
    asgi_server: str, manager: User, page: Page
) -> None:
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            answer.status >= 400 and troubles.append(f"{answer.status} {answer.url}")
        ),
    )
    page.goto(f"{asgi_server}/login")
    page.fill("[name=username]", manager.username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page).to_have_url(f"{asgi_server}/")
    expect(page.locator("link[rel=stylesheet]").first).to_be_attached()
    assert troubles == []
