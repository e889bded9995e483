"""Every page against axe-core's rules, in both themes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from demo_site import addresses, sign_in
from playwright.sync_api import BrowserContext

GRAVE = ("serious", "critical")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_shuts_anybody_out(site: str, window: BrowserContext, theme: str) -> None:
    page, axe, found = window.new_page(), Axe(), []
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    sign_in(page, site)
    for address in addresses():
        page.goto(site + address)
        for rule in axe.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]:
            if rule["impact"] in GRAVE:
                found.append(f"{address}: {rule['id']}: {rule['nodes'][0]['html'][:160]} ({len(rule['nodes'])})")
    assert found == []
