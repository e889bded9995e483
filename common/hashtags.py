"""Hashtags, made the same way wherever they come from."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from common.texts import clean, folded

BETWEEN = re.compile(r"[\s,;#＃、，；]+")
# Beside letters, their accents and digits: joiners, and signs that are written inside words.
IN_WORDS = frozenset(
    "_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003"
    "\u0f0b\u0f0c\u00b7"
)


def hashtags_of(value: Any) -> list[str]:
    """Hashtags without their sign, each once, from a list of texts or one text with
    blanks, commas or signs between them.

    What networks end a hashtag at is left out: `#rock'n'roll` is `rocknroll`. What has
    neither letter nor digit is none.
    """
    texts = [value] if isinstance(value, str) else value
    parts = [
        part
        for text in (texts if isinstance(texts, list | tuple) else [])
        if isinstance(text, str)
        for part in BETWEEN.split(clean(text))
    ]
    tags: dict[str, str] = {}
    for part in parts:
        word = "".join(sign for sign in part if is_in_hashtag(sign))
        if any(map(str.isalnum, word)):
            tags.setdefault(folded(word), word)
    return list(tags.values())


def is_in_hashtag(sign: str) -> bool:
    """Whether networks take a character as part of a hashtag, in any script."""
    return is_letter(sign) or unicodedata.category(sign) == "Nd" or sign in IN_WORDS


def is_letter(sign: str) -> bool:
    """A letter of any script, or an accent on one."""
    return unicodedata.category(sign)[0] in "LM"
