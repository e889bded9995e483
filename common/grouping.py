"""What belongs together, by what it has in common."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Part = TypeVar("Part")


def grouped(pairs: Iterable[tuple[Key, Part]]) -> dict[Key, list[Part]]:
    """The parts of each key in the order in which they came; keys as they came first."""
    groups: dict[Key, list[Part]] = {}
    for key, part in pairs:
        groups.setdefault(key, []).append(part)
    return groups
