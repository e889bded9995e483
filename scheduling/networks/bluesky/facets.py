"""What in a Bluesky text is a link, a mention or a tag: told by byte offsets in UTF-8."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

LINK = re.compile(r"https?://[^\s<>\"“”]+")
MENTION = re.compile(
    r"(?<![\w@.])@((?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63})",
    re.ASCII,
)
TAG = re.compile(r"(?<![\w#])#(\w*[^\W\d_]\w*)")
TRAILING = ".,;:!?'\"’”»)]"
LONGEST_TAG = 64
KIND = "app.bsky.richtext.facet"

Span = tuple[int, int]


def facets_of(text: str, did_of: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """Facets in the order of the text. `did_of` finds the account behind a handle; an
    unknown one stays plain.
    """
    links = list(_links(text))
    features = list(links)
    for span, handle in _outside(links, MENTION.finditer(text)):
        if did := did_of(handle):
            features.append((span, {"$type": f"{KIND}#mention", "did": did}))
    for span, tag in _outside(links, TAG.finditer(text)):
        if len(tag) <= LONGEST_TAG:
            features.append((span, {"$type": f"{KIND}#tag", "tag": tag}))
    features.sort(key=itemgetter(0))
    return [_facet(text, span, feature) for span, feature in features]


def _links(text: str) -> Iterator[tuple[Span, dict[str, Any]]]:
    for match in LINK.finditer(text):
        uri = _without_trailing(match[0])
        span = (match.start(), match.start() + len(uri))
        yield span, {"$type": f"{KIND}#link", "uri": uri}


def _without_trailing(uri: str) -> str:
    """What ends the sentence is no part of the address, but a bracket that was opened
    in it is.
    """
    while uri and uri[-1] in TRAILING:
        if uri[-1] == ")" and uri.count("(") >= uri.count(")"):
            break
        uri = uri[:-1]
    return uri


def _outside(
    links: list[tuple[Span, dict[str, Any]]], matches: Iterator[re.Match[str]]
) -> Iterator[tuple[Span, str]]:
    """The matches that begin in no link, with the word that each caught."""
    for match in matches:
        if not any(start <= match.start() < end for (start, end), _ in links):
            yield match.span(), match[1]


def _facet(text: str, span: Span, feature: dict[str, Any]) -> dict[str, Any]:
    start, end = span
    index = {
        "byteStart": len(text[:start].encode()),
        "byteEnd": len(text[:end].encode()),
    }
    return {"index": index, "features": [feature]}
