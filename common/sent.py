"""What a program sent, as far as it is told again where it was refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest

from common.mappings import Values

SOURCES = ("body", "query", "path")
# Whoever reads an answer, or a log of answers, is to find no secret in it.
SECRET = re.compile(r"passw|secret|token|credential|(^|_)key$", re.IGNORECASE)
# Of characters in the names and values of what is told again.
LONGEST = 1000
PLAIN = (str, int, float)


class Sent:
    """The body, the query and the address of a request.

    request: whose body was read already where a place in it is asked for.
    path: what its address names.
    """

    def __init__(self, request: HttpRequest, path: Values) -> None:
        self.request = request
        self.path = path

    def at(self, place: Sequence[str | int]) -> Any:
        """The value at a place, such as `["body", "lots", 0]`; for one that is missing
        what it is missing from. None for secrets, files and what is long; secrets
        within are None too.
        """
        source, *parts = place
        if any(is_secret(part) for part in parts):
            return None
        if source == "path":
            # Addresses name one thing, under a name of ours.
            return next(iter(self.path.values()), None)
        value = self.source(str(source))
        for part in parts:
            try:
                value = value[part]
            except (LookupError, TypeError):
                break
        return without_secrets(value) if is_short(value) else None

    def source(self, name: str) -> Any:
        """All that was sent in the query or the body."""
        if name == "query":
            return self.request.GET.dict()
        data: Any = getattr(self.request, "data", None)
        return data.dict() if hasattr(data, "getlist") else data


def is_secret(name: object) -> bool:
    """Whether what has this name is for nobody's eyes."""
    return SECRET.search(str(name)) is not None


def without_secrets(value: Any) -> Any:
    """A JSON value, None in place of secrets and of what is none."""
    if isinstance(value, dict):
        return {
            name: None if is_secret(name) else without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    return value if isinstance(value, PLAIN) else None


def is_short(value: Any) -> bool:
    """Whether a value may be told again. No more of it is looked at than may be."""
    total = 0
    for length in lengths(value):
        total += length
        if total > LONGEST:
            return False
    return True


def lengths(value: Any) -> Iterator[int]:
    """Of the value's parts, one by one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield len(str(name))
            yield from lengths(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from lengths(inner)
    elif isinstance(value, str):
        yield len(value)
    # Brackets, commas and numbers.
    yield 2
