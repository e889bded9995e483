"""What a publisher is given, what it may answer, and what it must promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from common.secrets import Sealed


@dataclass(frozen=True)
class Job:
    """One post as it is to go out. `dedupe_key` is equal over all tries of one publication.

    `endpoint` and `credential` are the channel's; `sent_at` is when the try that is asked about began to send.
    """

    post_id: UUID
    account_id: UUID
    platform: str
    title: str
    text: str
    link: str
    dedupe_key: str
    endpoint: str = ""
    credential: Sealed | None = None
    sent_at: datetime | None = None

    def reveal(self) -> str:
        """The channel's secret, blank where there is none. Raises `common.secrets.Unreadable`."""
        return self.credential.reveal() if self.credential else ""


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
