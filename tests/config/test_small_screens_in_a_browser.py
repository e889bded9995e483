"""Every page of the menu as a phone opens it: nothing scrolls sideways but what is meant to, inputs stand on a line."""

from __future__ import annotations

from demo_site import sign_in
from django.urls import reverse
from playwright.sync_api import BrowserContext

from config.menu import MENU

TOO_WIDE = "() => document.documentElement.scrollWidth - innerWidth"
# Rows of a table that become cards have no reason to be wider than their frame.
WIDE_CARDS = """() => [...document.querySelectorAll(".table-wrap:has(> .table-cards)")]
  .filter((wrap) => wrap.scrollWidth > wrap.clientWidth).map((wrap) => wrap.innerText.slice(0, 60))"""
# Of fields beside each other, those whose inputs begin neither at the same height nor in another row.
UNEVEN = """() => [...document.querySelectorAll(".form-grid, .field-row, .filters")].flatMap((row) => {
  const input = "input:not([type=checkbox], [type=hidden]), select";
  const inputs = [...row.children].map((field) => field.querySelector(input));
  const tops = inputs.filter((one) => one?.checkVisibility()).map((one) => one.getBoundingClientRect().top);
  return tops.some((a) => tops.some((b) => b - a > 1 && b - a < 30)) ? [row.innerText.slice(0, 80)] : [];
})"""


def test_the_menus_pages_fit_a_phone(site: str, window: BrowserContext) -> None:
    page, troubles = window.new_page(), []
    sign_in(page, site)
    page.set_viewport_size({"width": 360, "height": 780})
    for entry in (entry for group in MENU for entry in group.entries):
        page.goto(site + reverse(entry.name))
        if over := page.evaluate(TOO_WIDE):
            troubles.append(f"{entry.label} is {over} px too wide")
        for what, script in (("scrolls sideways", WIDE_CARDS), ("has uneven fields", UNEVEN)):
            troubles += [f"{entry.label} {what}: {text}" for text in page.evaluate(script)]
    assert troubles == []
