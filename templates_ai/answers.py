"""Reading what an engine answered. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from common import hashtags
from common.mappings import JsonObject
from common.texts import clean
from templates_ai.rendering import CLOSING, OPENING, is_plain, plain

LONGEST_ANSWER = 100_000
MARKS = dict.fromkeys(map(ord, OPENING + CLOSING))
# Punctuation and blanks.
BARE = {"P", "Z", "C"}
# What JSON looks like where it is not taken apart.
FORM = re.compile(
    r'"(?:title|caption|description|hashtags|tags)"\s*:|```json', re.IGNORECASE
)
FENCE = re.compile(r"```(?:json)?\s*(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)


class Unreadable(Exception):
    """The answer holds no title and no caption."""


@dataclass(frozen=True)
class Draft:
    """What can become content: title, caption, hashtags with their sign."""

    title: str
    caption: str
    hashtags: tuple[str, ...] = ()

    @property
    def shows_form(self) -> bool:
        """Whether the JSON of the answer shows in what people would read."""
        return FORM.search(f"{self.title}\n{self.caption}") is not None

    def text(self, link: str = "") -> str:
        """Caption, hashtags and link as they are sent, a blank line between them."""
        parts = (self.caption, " ".join(self.hashtags), link)
        return "\n\n".join(part for part in parts if part)


def read_answer(text: str) -> Draft:
    """The draft in an answer: bare JSON, JSON in a fence or between sentences, or JSON
    that breaks off.

    Raises Unreadable.
    """
    draft = _draft_of(_object_in(_unfenced(text[:LONGEST_ANSWER])))
    if not draft.title and not draft.caption:
        raise Unreadable("The answer holds neither title nor caption.")
    return draft


def _unfenced(text: str) -> str:
    """What stands in the first fence, or all of it where there is none."""
    fenced = FENCE.search(text)
    return fenced[1] if fenced else text


def _draft_of(fields: JsonObject) -> Draft:
    """The draft that the pairs of an object make, blank where they are missing."""
    return Draft(
        _worded(plain(_text(fields.get("title")))),
        _worded(lines(_text(_first(fields, "caption", "description")))),
        hashtags_of(_first(fields, "hashtags", "tags")),
    )


def _first(fields: JsonObject, *names: str) -> Any:
    """The first of these that is there and not empty; None for none."""
    return next((fields[name] for name in names if fields.get(name)), None)


def _object_in(text: str) -> JsonObject:
    """The first object in the text, or what of it came whole; empty for other JSON.
    Raises Unreadable.
    """
    start = text.find("{")
    if start < 0:
        raise Unreadable("The answer is not JSON.")
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text[start:])
    except RecursionError as error:
        raise Unreadable("The answer is nested too deeply.") from error
    except ValueError:
        return _mended(text[start:])
    return value if isinstance(value, dict) else {}


def _mended(text: str) -> JsonObject:
    """The pairs of an object that came whole, when it breaks off or is malformed later on."""
    fields: JsonObject = {}
    decoder = json.JSONDecoder(strict=False)
    for key in re.finditer(r'"(title|caption|description|hashtags|tags)"\s*:\s*', text):
        try:
            value, _ = decoder.raw_decode(text[key.end() :])
        except (ValueError, RecursionError):
            continue
        fields.setdefault(key[1], value)
    return fields


def _text(value: Any) -> str:
    """The text, clean; blank for what is none."""
    return clean(value) if isinstance(value, str) else ""


def _worded(text: str) -> str:
    """The text without the marks that data stood between in the prompt; blank where
    that leaves no more than the dots of an example.
    """
    worded = text.translate(MARKS).strip()
    kinds = {unicodedata.category(character)[0] for character in worded}
    return worded if kinds - BARE else ""


def lines(text: str) -> str:
    """Text of several lines without control characters other than line ends."""
    characters = (
        character for character in text if character == "\n" or is_plain(character)
    )
    return "".join(characters).strip()


def hashtags_of(value: Any) -> tuple[str, ...]:
    """As `common.hashtags.hashtags_of`, with their signs."""
    return tuple(f"#{tag}" for tag in hashtags.hashtags_of(value))
