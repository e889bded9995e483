"""Forms as a browser would send them back."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

CHOSEN = ("checkbox", "radio")


def sent_back(markup: str) -> dict[str, Any]:
    """Every field in a piece of a page, unchanged: lists of texts, but one text for a
    text area or a list to choose one of.
    """
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", markup):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if given.get("type") not in CHOSEN or " checked" in tag:
            usual = "on" if given.get("type") == "checkbox" else ""
            found.setdefault(given["name"], []).append(
                unescape(given.get("value", usual))
            )
    for name, text in re.findall(
        r'<textarea name="(\w+)"[^>]*>\n?(.*?)</textarea>', markup, re.S
    ):
        found[name] = unescape(text)
    for name, options in re.findall(
        r'<select[^>]* ?name="(\w+)"[^>]*>(.*?)</select>', markup, re.S
    ):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        found[name] = (
            (chosen.group(1) if chosen.group(1) is not None else chosen.group(2))
            if chosen
            else ""
        )
    return found
