"""Hashtags and mentions of a text, in every script.

The rules are those of X's own library, twitter-text 3; other networks that find tags in
texts differ in rare signs only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from common.hashtags import is_in_hashtag, is_letter
from scheduling.domain.platforms.addresses import ACCENTED, Span, addresses_in

HASH = re.compile("[#＃]")
# They make the sign before them an emoji.
EMOJI_ENDS = frozenset("\ufe0e\ufe0f")
NO_TAG_AFTER = ("\ufe0f", "\u20e3")
ENDS_NO_TAG = re.compile("[#＃]|://")
# Names have at most 15 signs on X and 30 on Instagram.
MENTION = re.compile(
    r"(?:^|(?<=[^a-zA-Z0-9_!#$%&*@＠])|(?<=(?<![a-zA-Z0-9_+~.-])rt))"
    r"[@＠]([a-zA-Z0-9_]{1,30})(?![a-zA-Z0-9_])"
    rf"(?![@＠{ACCENTED}]|://)",
    re.IGNORECASE,
)


def hashtags_in(text: str) -> Iterator[Span]:
    """Each hashtag with its sign, in the order of the text; none within an address."""
    addresses = list(addresses_in(text))
    for match in HASH.finditer(text):
        end = _tag_end(text, match.end())
        span = Span(match.start(), end)
        if _is_tag(text, span) and not _is_within(addresses, span.start):
            yield span


def mentions_in(text: str) -> Iterator[Span]:
    """Each `@name`, in the order of the text; none within an address."""
    addresses = list(addresses_in(text))
    for match in MENTION.finditer(text):
        if not _is_within(addresses, match.start()):
            yield Span(match.start(), match.end())


def _tag_end(text: str, place: int) -> int:
    while place < len(text) and is_in_hashtag(text[place]):
        place += 1
    return place


def _is_tag(text: str, span: Span) -> bool:
    """Whether it stands by itself and has a letter."""
    before = text[span.start - 1 : span.start]
    word = text[span.start + 1 : span.end]
    begins = before in EMOJI_ENDS or not before or not _is_wordlike(before)
    ends = not ENDS_NO_TAG.match(text, span.end) and not word.startswith(NO_TAG_AFTER)
    return begins and ends and any(map(is_letter, word))


def _is_wordlike(sign: str) -> bool:
    return sign == "&" or is_in_hashtag(sign)


def _is_within(spans: Sequence[Span], place: int) -> bool:
    return any(span.start <= place < span.end for span in spans)
