"""What every text engine is: asked one request, it gives one answer or says why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from templates_ai.answers import Draft
from templates_ai.limits import Limits

CANNOT_BE_USED = "The engine's answer cannot be used:"


@dataclass(frozen=True)
class Ask:
    """One request: the rendered prompt, the facts it was made of, and what was wrong
    with an answer before.

    `others` are titles that were written for the same thing already: the answer should
    be another one. `own_prompt` says that the prompt is somebody's own; `outline` that
    only an engine may write the text, and anybody else an outline of it.
    """

    prompt: str
    values: dict[str, str]
    tags: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    others: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    earlier: str = ""
    own_prompt: bool = False
    outline: bool = False


@dataclass(frozen=True)
class Reply:
    """What came back and what it took."""

    draft: Draft
    text: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    notes: tuple[str, ...] = field(default=())


class EngineFailed(Exception):
    """No usable answer; the text says why, in words fit for the page."""


class Unusable(EngineFailed):
    """An answer came, and no text can be made of it; `spent` is what it said and took."""

    def __init__(self, message: str, spent: Reply) -> None:
        super().__init__(message)
        self.spent = spent


class Engine(Protocol):
    """A source of texts; `name` labels what it made."""

    name: str

    def write(self, ask: Ask) -> Reply:
        """The answer. Raises EngineFailed, which is Unusable where one came."""
        ...
