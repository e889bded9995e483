"""Reading what an engine answered. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from templates_ai.rendering import TURNS, plain

LONGEST_ANSWER = 100_000
FENCE = re.compile(r"```(?:json)?\s*(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
NOT_IN_TAGS = re.compile(r"\W+")


class Unreadable(Exception):
    """The answer holds no title and no caption."""


@dataclass(frozen=True)
class Draft:
    """What can become content: title, caption, hashtags with their sign."""

    title: str
    caption: str
    hashtags: tuple[str, ...] = ()

    def text(self, link: str = "") -> str:
        """Caption, hashtags and link as they are sent, a blank line between them."""
        return "\n\n".join(
            part for part in (self.caption, " ".join(self.hashtags), link) if part
        )


def read_answer(text: str) -> Draft:
    """The draft in an answer: bare JSON, JSON in a fence or between sentences, or JSON
    that breaks off.

    Raises Unreadable.
    """
    text = text[:LONGEST_ANSWER]
    fenced = FENCE.search(text)
    found = _object_in(fenced[1] if fenced else text)
    draft = Draft(
        plain(_text(found.get("title"))),
        lines(_text(found.get("caption") or found.get("description"))),
        hashtags_of(found.get("hashtags") or found.get("tags")),
    )
    if not draft.title and not draft.caption:
        raise Unreadable("The answer holds neither title nor caption.")
    return draft


def _object_in(text: str) -> dict[str, Any]:
    start = text.find("{")
    if start < 0:
        raise Unreadable("The answer is not JSON.")
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text[start:])
    except RecursionError as error:
        raise Unreadable("The answer is nested too deeply.") from error
    except ValueError:
        return _mended(text[start:])
    return found if isinstance(found, dict) else {}


def _mended(text: str) -> dict[str, Any]:
    """The pairs of an object that came whole, when it breaks off or is malformed later on."""
    found: dict[str, Any] = {}
    decoder = json.JSONDecoder(strict=False)
    for key in re.finditer(r'"(title|caption|description|hashtags|tags)"\s*:\s*', text):
        try:
            value, _ = decoder.raw_decode(text[key.end() :])
        except (ValueError, RecursionError):
            continue
        found.setdefault(key[1], value)
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def lines(text: str) -> str:
    """Text of several lines without control characters other than line ends."""
    kept = (
        c
        for c in text.replace("\r\n", "\n")
        if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"}
    )
    return "".join(c for c in kept if c not in TURNS).strip()


def hashtags_of(value: Any) -> tuple[str, ...]:
    """Hashtags from a list or from one string, each once, with one sign in front."""
    parts = (
        value.replace(",", " ").split()
        if isinstance(value, str)
        else value
        if isinstance(value, list)
        else []
    )
    words = (NOT_IN_TAGS.sub("", part) for part in parts if isinstance(part, str))
    once: dict[str, str] = {}
    for word in words:
        if word:
            once.setdefault(word.lower(), f"#{word}")
    return tuple(once.values())
