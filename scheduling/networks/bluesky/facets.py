"""What in a Bluesky text is a link, a mention or a tag: told by byte offsets in UTF-8."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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


def facets_of(text: str, did_of: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """Facets in the order of the text. `did_of` finds the account behind a handle; an
    unknown one stays plain.
    """
    links = list(_links(text))
    taken = [span for span, _ in links]
    found = [(span, {"$type": f"{KIND}#link", "uri": uri}) for span, uri in links]
    for match in MENTION.finditer(text):
        did = None if _within(match, taken) else did_of(match[1])
        if did:
            found.append((match.span(), {"$type": f"{KIND}#mention", "did": did}))
    for match in TAG.finditer(text):
        if not _within(match, taken) and len(match[1]) <= LONGEST_TAG:
            found.append((match.span(), {"$type": f"{KIND}#tag", "tag": match[1]}))
    return [
        _facet(text, span, feature)
        for span, feature in sorted(found, key=lambda one: one[0])
    ]


def _links(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    for match in LINK.finditer(text):
        uri = match[0]
        while (
            uri
            and uri[-1] in TRAILING
            and not (uri[-1] == ")" and uri.count("(") >= uri.count(")"))
        ):
            uri = uri[:-1]
        yield (match.start(), match.start() + len(uri)), uri


def _within(match: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    return any(start <= match.start() < end for start, end in spans)


def _facet(text: str, span: tuple[int, int], feature: dict[str, Any]) -> dict[str, Any]:
    start, end = (len(text[:position].encode()) for position in span)
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}
