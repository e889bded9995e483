"""How long a text is, in the unit that a platform counts in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from wcwidth import iter_graphemes

from scheduling.domain.platforms.addresses import addresses_in

ADDRESS_LENGTH = 23
# The code points that X counts once; every other counts twice.
X_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
EMOJI_STYLE = "\ufe0f"
KEYCAP = "\u20e3"
# Somebody on another server: of the name only the part before the server counts on Mastodon.
FAR_MENTION = re.compile(r"(?<![\w/])(@[\w.-]+)@[\w.-]+\w")
# A hash that begins a hashtag is left as it is, any other reserved character gets a backslash.
LINKEDIN_RESERVED = re.compile(r"[|{}@\[\]()<>\\*_~]|#(?!\w)")


def characters(text: str) -> int:
    """Code points."""
    return len(text)


def utf16(text: str) -> int:
    """Code units of UTF-16, as JavaScript counts: most emoji are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_bytes(text: str) -> int:
    """Bytes of UTF-8; half a surrogate pair counts three."""
    return len(text.encode("utf-8", "surrogatepass"))


def graphemes(text: str) -> int:
    """What a reader calls characters: a family emoji is one."""
    return sum(1 for _ in iter_graphemes(text))


def x_weighted(text: str) -> int:
    """X's rule: addresses 23, with `https://` or without, emoji 2, light code points 1,
    others 2, after composing accents.
    """
    rest, addresses = _without_addresses(unicodedata.normalize("NFC", text))
    return sum(map(_x_weight, iter_graphemes(rest))) + addresses


def _without_addresses(text: str, bare: bool = True) -> tuple[str, int]:
    """The text with a line break for each address, and what the addresses count beyond
    the 1 of a line break.

    bare: also of addresses without `https://`.
    """
    spans = list(addresses_in(text, bare))
    ends = [0, *(span.end for span in spans)]
    starts = [*(span.start for span in spans), len(text)]
    between = (text[end:start] for end, start in zip(ends, starts, strict=True))
    return "\n".join(between), len(spans) * (ADDRESS_LENGTH - 1)


def _x_weight(cluster: str) -> int:
    if len(cluster) > 1 and _is_emoji(cluster):
        return 2
    return sum(1 if _is_light(ord(sign)) else 2 for sign in cluster)


def _is_emoji(cluster: str) -> bool:
    return (
        EMOJI_STYLE in cluster
        or KEYCAP in cluster
        or unicodedata.category(cluster[0]) == "So"
    )


def _is_light(code_point: int) -> bool:
    return any(low <= code_point <= high for low, high in X_LIGHT)


def mastodon(text: str) -> int:
    """Graphemes; an address counts 23 and a mention without its server."""
    rest, addresses = _without_addresses(text, bare=False)
    return graphemes(FAR_MENTION.sub(r"\1", rest)) + addresses


def linkedin(text: str) -> int:
    """Characters after reserved ones have got their backslash."""
    return len(text) + len(LINKEDIN_RESERVED.findall(text))


UNITS: dict[str, tuple[Callable[[str], int], str]] = {
    "characters": (characters, "characters"),
    "utf16": (utf16, "characters, emoji counting two"),
    "bytes": (utf8_bytes, "bytes"),
    "graphemes": (graphemes, "characters"),
    "x": (x_weighted, "characters as X counts them"),
    "mastodon": (mastodon, "characters as Mastodon counts them"),
    "linkedin": (linkedin, "characters as LinkedIn counts them"),
}
