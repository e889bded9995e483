"""What in a Bluesky text is a link, a mention or a tag: told by byte offsets in UTF-8."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from common.mappings import JsonObject
from scheduling.domain.platforms.tags import hashtags_in

LINK = re.compile(r"https?://[^\s<>\"“”]+")
MENTION = re.compile(
    r"(?<![\w@.])@((?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63})",
    re.ASCII,
)
TRAILING = ".,;:!?'\"’”»)]"
LONGEST_TAG = 64
KIND = "app.bsky.richtext.facet"


@dataclass(frozen=True)
class Feature:
    """What the characters [start, end) of a text are, in the words of Bluesky's lexicon
    `app.bsky.richtext.facet`.
    """

    start: int
    end: int
    words: dict[str, str]

    def facet(self, text: str) -> JsonObject:
        """The same as the record of a post has it."""
        index = {
            "byteStart": _byte(text, self.start),
            "byteEnd": _byte(text, self.end),
        }
        return {"index": index, "features": [self.words]}


def _byte(text: str, place: int) -> int:
    return len(text[:place].encode())


def facets_of(text: str, did_of: Callable[[str], str | None]) -> list[JsonObject]:
    """Facets in the order of the text. `did_of` finds the account behind a handle; an
    unknown one stays plain.
    """
    links = list(_links(text))
    features = [*links, *_mentions(text, links, did_of), *_tags(text, links)]
    features.sort(key=attrgetter("start", "end"))
    return [feature.facet(text) for feature in features]


def _links(text: str) -> Iterator[Feature]:
    for match in LINK.finditer(text):
        uri = _without_trailing(match[0])
        end = match.start() + len(uri)
        yield Feature(match.start(), end, {"$type": f"{KIND}#link", "uri": uri})


def _without_trailing(uri: str) -> str:
    """What ends the sentence is no part of the address, but a bracket that was opened
    in it is.
    """
    while uri and uri[-1] in TRAILING:
        is_balanced = uri.count("(") >= uri.count(")")
        if uri[-1] == ")" and is_balanced:
            break
        uri = uri[:-1]
    return uri


def _mentions(
    text: str, links: Sequence[Feature], did_of: Callable[[str], str | None]
) -> Iterator[Feature]:
    for match in MENTION.finditer(text):
        if not _is_outside(links, match.start()):
            continue
        if did := did_of(match[1]):
            words = {"$type": f"{KIND}#mention", "did": did}
            yield Feature(match.start(), match.end(), words)


def _tags(text: str, links: Sequence[Feature]) -> Iterator[Feature]:
    for start, end in hashtags_in(text):
        tag = text[start + 1 : end]
        if text[start - 1 : start] == "#":
            continue
        if len(tag) <= LONGEST_TAG and _is_outside(links, start):
            yield Feature(start, end, {"$type": f"{KIND}#tag", "tag": tag})


def _is_outside(links: Sequence[Feature], place: int) -> bool:
    return not any(link.start <= place < link.end for link in links)
