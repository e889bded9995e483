"""Where the addresses of a text are, as X finds them: with `https://` or without, in any
script, without the full stop that ends the sentence.

The rules are those of X's own library, twitter-text 3, whose conformance data they pass
(`python -m benchmarks.counting FOLDER`). A text is read once from left to right: no text
takes longer than its length allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from publicsuffixlist import PSLFILE

SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
TURNS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
NEVER = "\ufffe\ufeff\uffff"
PUNCTUATION = r"!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$"
ACCENTED = (
    "\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268"
    "\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
CYRILLIC = "\u0400-\u04ff"
# What may stand in a name between its dots, and inside of which also - and _.
NAME = f"[^{PUNCTUATION}{SPACES}{TURNS}{NEVER}]"
LONGEST_NAME = 63
LABEL = re.compile(rf"(?:{NAME}|[_-]){{1,{LONGEST_NAME}}}")
BARE_LABEL = re.compile(rf"[a-z0-9{ACCENTED}-]{{1,{LONGEST_NAME}}}", re.IGNORECASE)
# An address begins after anything but these.
NOT_AFTER = f"[A-Za-z0-9@＠$#＃{NEVER}]"
START = re.compile(
    rf"(?<!{NOT_AFTER})https?://"
    rf"|(?<!{NOT_AFTER})(?<![-_./{ACCENTED}])[a-z0-9{ACCENTED}-]++(?=\.)",
    re.IGNORECASE,
)
ENDS_ENDING = re.compile(r"[0-9a-zA-Z@+-]")
ASCII_NAME = re.compile(r"[0-9a-zA-Z-]+")
PATH = rf"[a-z{CYRILLIC}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{ACCENTED}]"
IN_BRACKETS = rf"\((?:{PATH}+|{PATH}*\({PATH}+\){PATH}*)\)"
PATH_PARTS = re.compile(rf"/(?:{IN_BRACKETS}|{PATH})*", re.IGNORECASE)
PATH_END = re.compile(rf"[+\-a-z{CYRILLIC}0-9=_#/{ACCENTED})]", re.IGNORECASE)
QUERY = re.compile(
    r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]", re.IGNORECASE
)
PORT = re.compile(r":[0-9]+")
# X's own short addresses end where their letters end.
SHORT = re.compile(
    r"https?://t\.co/([a-z0-9]+)(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?",
    re.IGNORECASE,
)
LONGEST_SHORT = 40
LONGEST_ENDING = 24
LAST_OFFICIAL = "// ===END ICANN DOMAINS==="


class Span(NamedTuple):
    """The characters [start, end) of a text."""

    start: int
    end: int


def addresses_in(text: str, bare: bool = True) -> Iterator[Span]:
    """The addresses of a text, in its order.

    bare: also those without `http://` or `https://`, which some networks leave alone.
    """
    place = 0
    while match := START.search(text, place):
        has_scheme = match[0].endswith("://")
        if has_scheme:
            span = _with_scheme(text, match)
        else:
            span = _bare(text, match.start()) if bare else None
        place = span.end if span else match.end()
        if span and not _is_too_long(text[span.start : span.end]):
            yield span


def _with_scheme(text: str, match: re.Match[str]) -> Span | None:
    end = _domain_end(text, match.end(), LABEL, "_-")
    if end is None:
        return None
    span = Span(match.start(), _rest_end(text, end))
    short = SHORT.match(text, *span)
    return Span(span.start, short.end()) if short else span


def _bare(text: str, start: int) -> Span | None:
    end = _domain_end(text, start, BARE_LABEL, "-")
    return Span(start, _rest_end(text, end)) if end else None


def _is_too_long(address: str) -> bool:
    """Whether it is one of X's own with more letters than those have."""
    short = SHORT.match(address)
    return bool(short) and len(short[1]) > LONGEST_SHORT  # type: ignore[index]


def _domain_end(
    text: str, start: int, label: re.Pattern[str], not_at_ends: str
) -> int | None:
    """Where the longest domain that begins here ends: names with dots between them, the
    last of which is an ending that exists. None where there is none.
    """
    end = None
    names: list[str] = []
    place = start
    while True:
        if names and (ending := _ending_at(text, place)):
            end = place + ending if _is_host(names) else end
        match = label.match(text, place)
        name = match[0] if match else ""
        dot = place + len(name)
        is_name = name and name.strip(not_at_ends) == name
        if not is_name or text[dot : dot + 1] != ".":
            return end
        names.append(name)
        place = dot + 1


def _is_host(names: Sequence[str]) -> bool:
    """Whether these names may stand before an ending: the last one without _, each of
    them short enough for the name system.
    """
    return "_" not in names[-1] and all(map(_is_short, names))


def _is_short(name: str) -> bool:
    if name.isascii():
        return True
    encoded = name.lower().encode("punycode", "replace")
    return not name.startswith("xn--") and len(encoded) + len("xn--") <= LONGEST_NAME


def _ending_at(text: str, place: int) -> int:
    """How many characters the ending has that stands here; 0 for none."""
    match = ASCII_NAME.match(text, place)
    if match and match[0].lower().startswith("xn--"):
        return len(match[0])
    if match:
        name = match[0].partition("-")[0]
        follower = text[place + len(name) : place + len(name) + 1]
        stands_alone = not ENDS_ENDING.match(follower)
        return len(name) if stands_alone and name.lower() in endings() else 0
    return _other_ending_at(text, place)


def _other_ending_at(text: str, place: int) -> int:
    """As `_ending_at`, of an ending in another script: words follow it without a blank,
    so the longest one counts.
    """
    for length in range(LONGEST_ENDING, 0, -1):
        name = text[place : place + length]
        follower = text[place + length : place + length + 1]
        if not ENDS_ENDING.match(follower) and name.lower() in endings():
            return len(name)
    return 0


def _rest_end(text: str, place: int) -> int:
    """Where port, path and query end that follow a domain."""
    if port := PORT.match(text, place):
        place = port.end()
    if path := PATH_PARTS.match(text, place):
        place = _path_end(text, path)
    query = QUERY.match(text, place)
    return query.end() if query else place


def _path_end(text: str, path: re.Match[str]) -> int:
    """Without the signs at its end that rather belong to the sentence."""
    end = path.end()
    while end > path.start() and not PATH_END.match(text, end - 1):
        end -= 1
    return end


@cache
def endings() -> frozenset[str]:
    """The top-level domains there are, such as `com` and `みんな`: the last names of the
    Public Suffix List's rules.
    """
    lines = Path(PSLFILE).read_text("utf-8").partition(LAST_OFFICIAL)[0].splitlines()
    rules = (line for line in lines if line and not line.startswith("//"))
    return frozenset(rule.rpartition(".")[2].lower() for rule in rules)
