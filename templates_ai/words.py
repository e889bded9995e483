"""Words that tell something, out of texts that people give. Pure."""

from __future__ import annotations

import re

from templates_ai.rendering import CLOSING, OPENING, plain

# Small words of English: they tell nothing of what a text is about.
SMALL_WORDS = (
    "a an and are as at be by for from in is it of on one or our the their this to we "
    "with you your"
)
SMALL = frozenset(SMALL_WORDS.split())
SHORTEST = 3
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
DATA = re.compile(f"{OPENING}[^{CLOSING}]*{CLOSING}")
COUNT = re.compile(r"\b(\d{1,2})(?:\s*(?:to|-|–|or)\s*(\d{1,2}))?\s+hashtags?\b", re.I)
NONE = re.compile(r"\b(?:no|without|zero)\s+hashtags?\b", re.I)
TAG = re.compile(r"#(\w+)")


def telling_words(text: str) -> list[str]:
    """The words of a text, each once, without the small ones."""
    found: dict[str, str] = {}
    for word in WORD.findall(plain(text)):
        if len(word) >= SHORTEST and word.lower() not in SMALL:
            found.setdefault(word.lower(), word)
    return list(found.values())


def hashtags_asked(prompt: str) -> int | None:
    """The most hashtags that a prompt asks for; None where it says nothing of them."""
    own_words = DATA.sub("", prompt)
    if NONE.search(own_words):
        return 0
    counts = COUNT.search(own_words)
    return int(counts[2] or counts[1]) if counts else None


def hashtags_named(prompt: str) -> list[str]:
    """The hashtags that stand in a prompt itself."""
    return TAG.findall(DATA.sub("", prompt))
