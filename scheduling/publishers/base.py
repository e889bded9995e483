"""What a publisher is given, what it may answer, and what it must promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Job:
    """One post as it is to go out. `dedupe_key` is equal over all tries of one publication."""

    post_id: UUID
    account_id: UUID
    platform: str
    title: str
    text: str
    link: str
    dedupe_key: str


@dataclass(frozen=True)
class Published:
    """It is live."""

    external_id: str
    url: str = ""


@dataclass(frozen=True)
class Retry:
    """It did not go out, trying again may help; `after` in seconds where the platform named a wait."""

    reason: str
    after: float | None = None


@dataclass(frozen=True)
class Refused:
    """It did not go out and never will as it is."""

    reason: str


@dataclass(frozen=True)
class Uncertain:
    """It was sent, and nobody knows whether it went out."""

    reason: str


Outcome = Published | Retry | Refused | Uncertain


class Publisher(Protocol):
    """A destination. Before `publish` is called the attempt is marked as sending, so it may be cut off anywhere."""

    name: str

    def publish(self, job: Job) -> Outcome:
        """Send the post. An exception counts as Uncertain: the call may have got through."""
        ...

    def resolve(self, job: Job) -> Outcome:
        """Find out what became of an earlier try: Published, Retry (it never arrived) or Uncertain (cannot tell)."""
        ...
