"""Prompt text with variables: substitution by name, so that literal braces survive. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

VARIABLES = {
    "filename": "The name of the media file",
    "game_context": "What the media shows, in a few words",
    "platform": "Where the post will appear",
    "format": "Its kind there, such as a reel or a story",
    "channel": "The name of the channel",
    "audience": "Whom it is for",
    "tone": "How it should sound",
    "link": "Where it leads",
    "language": "The language to write in",
    "date": "The day it appears",
}
VARIABLE = re.compile(r"\{([a-z][a-z_]*)\}")
OPENING = "⟦"
CLOSING = "⟧"
NOT_GIVEN = "(not given)"
# Marks that turn the reading direction around: they can make a text look like another one.
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def unknown_variables(text: str) -> list[str]:
    """Names in braces that no value exists for, in order of appearance; JSON braces are
    not names.
    """
    return list(
        dict.fromkeys(name for name in VARIABLE.findall(text) if name not in VARIABLES)
    )


def render(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; a name without a value stays as it is written."""
    return VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


def plain(text: str) -> str:
    """One line without control characters, lone surrogates and marks that turn the
    reading direction around.
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    return " ".join("".join(filter(is_plain, spaced)).split())


def is_plain(character: str) -> bool:
    """Whether it is no control character, lone surrogate, or mark that turns the
    reading direction around.
    """
    is_control = unicodedata.category(character) in {"Cc", "Cs"}
    return not is_control and character not in TURNS


def in_braces(names: Iterable[str]) -> str:
    """The names as they stand in a prompt, with commas between them."""
    return ", ".join(f"{{{name}}}" for name in names)


def as_data(text: str) -> str:
    """A value between marks that it cannot contain itself, so that an engine can tell
    it from instructions.
    """
    cleaned = plain(text.replace(OPENING, "[").replace(CLOSING, "]"))
    return f"{OPENING}{cleaned}{CLOSING}" if cleaned else NOT_GIVEN


def prompt_of(text: str, values: Mapping[str, str]) -> str:
    """What an engine is asked: every variable replaced, each value marked as data."""
    return render(text, {name: as_data(values.get(name, "")) for name in VARIABLES})
