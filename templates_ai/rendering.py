"""Prompt text with variables: substitution by name, so that literal braces survive. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

VARIABLES = {
    "filename": "The name of the media file",
    "game_context": "What the media shows, in a few words",
}
VARIABLE = re.compile(r"\{([a-z][a-z_]*)\}")


def unknown_variables(text: str) -> list[str]:
    """Names in braces that no value exists for, in order of appearance; JSON braces are not names."""
    return list(dict.fromkeys(name for name in VARIABLE.findall(text) if name not in VARIABLES))


def render(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; a name without a value stays as it is written."""
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)
