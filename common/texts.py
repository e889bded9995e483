"""Text that people and programs send, made the same at every door.

`clean` is what pages, the programming interface, tables, engines, watch folders and the
admin do with each text once, before anything else reads it. So what is counted, kept,
sent and fed is the same text, whichever way it came.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

LINE_END = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# Control characters that nobody sees, byte order marks, and what Unicode says
# is no character. NUL is not among them: fields
# refuse it, as what has one is rarely text.
UNSEEN = re.compile(r"[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
# Composing would put other signs in their place: variants that names are written with.
NOT_COMPOSED = "\uf900-\ufaff\U0002f800-\U0002fa1f"
COMPOSED_PARTS = re.compile(f"[^{NOT_COMPOSED}]+")
UNPRINTED = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))
# They count as letters and signs, yet leave no mark on paper.
BLANK_SIGNS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufe0e\ufe0f")
NUL = "\x00"


def clean(text: str) -> str:
    """The text with `\\n` for every line end (CRLF, CR, U+2028 and the like), accents
    composed with their letters (NFC), and without control characters other than tabs,
    and without byte order marks. What nobody would see anything of is no text: zero-width
    characters alone come out as an empty one.
    """
    if text.isascii() and text.isprintable():
        return text
    seen = UNSEEN.sub("", LINE_END.sub("\n", text))
    is_empty = not (seen.isspace() or NUL in seen or is_visible(seen))
    return "" if is_empty else COMPOSED_PARTS.sub(_composed, seen)


def _composed(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match[0])


def clean_all(value: Any) -> Any:
    """A JSON value with each of its texts clean; names of members stay as they are."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_all(item) for item in value]
    if isinstance(value, dict):
        return {name: clean_all(item) for name, item in value.items()}
    return value


def folded(text: str) -> str:
    """The text for comparing and searching: without differences of case, of width
    (`Ｈ２Ｏ` is `h2o`), and of how accents are written.
    """
    compatible = unicodedata.normalize("NFKC", text)
    return unicodedata.normalize("NFKC", compatible.casefold())


def is_visible(text: str) -> bool:
    """Whether a reader sees anything of it: not for blanks and zero-width characters."""
    return any(
        unicodedata.category(sign) not in UNPRINTED and sign not in BLANK_SIGNS
        for sign in text
    )
