"""Reading what an engine answered, and holding it to a platform's limits. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

from templates_ai.rendering import TURNS, plain

LONGEST_ANSWER = 100_000
FENCE = re.compile(r"```(?:json)?\s*(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
NOT_IN_TAGS = re.compile(r"\W+")
ELLIPSIS = "…"


class Unreadable(Exception):
    """The answer holds no title and no caption."""


@dataclass(frozen=True)
class Draft:
    """What can become content: title, caption, hashtags with their sign."""

    title: str
    caption: str
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """How long things may be, and how many hashtags there should be; zero for none asked."""

    title: int = 100
    caption: int = 2200
    fewest_hashtags: int = 10
    most_hashtags: int = 15


def read_answer(text: str) -> Draft:
    """The draft in an answer: bare JSON, JSON in a fence or between sentences, or JSON that breaks off.

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
    kept = (c for c in text.replace("\r\n", "\n") if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "".join(c for c in kept if c not in TURNS).strip()


def hashtags_of(value: Any) -> tuple[str, ...]:
    """Hashtags from a list or from one string, each once, with one sign in front."""
    parts = value.replace(",", " ").split() if isinstance(value, str) else value if isinstance(value, list) else []
    words = (NOT_IN_TAGS.sub("", part) for part in parts if isinstance(part, str))
    once: dict[str, str] = {}
    for word in words:
        if word:
            once.setdefault(word.lower(), f"#{word}")
    return tuple(once.values())


def violations(draft: Draft, limits: Limits) -> tuple[str, ...]:
    """What is wrong with the draft, as sentences an engine can act on."""
    count = len(draft.hashtags)
    checks = (
        (not draft.title, "The title is empty."),
        (not draft.caption, "The caption is empty."),
        (len(draft.title) > limits.title, f"The title is longer than {limits.title} characters."),
        (len(draft.caption) > limits.caption, f"The caption is longer than {limits.caption} characters."),
        (count < limits.fewest_hashtags, f"Give at least {limits.fewest_hashtags} hashtags."),
        (count > limits.most_hashtags, f"Give at most {limits.most_hashtags} hashtags."),
    )
    return tuple(sentence for wrong, sentence in checks if wrong)


def trimmed(draft: Draft, limits: Limits) -> Draft:
    """The draft cut to the limits; an ellipsis shows where."""
    return replace(
        draft,
        title=cut(draft.title, limits.title),
        caption=cut(draft.caption, limits.caption),
        hashtags=draft.hashtags[: limits.most_hashtags],
    )


def cut(text: str, most: int) -> str:
    """At most so many characters, ending at a word where there is one near the end."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    word = head.rsplit(None, 1)[0]
    return (word if len(word) > len(head) * 0.8 else head).rstrip() + ELLIPSIS
