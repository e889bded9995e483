"""What a publisher is given, what it may answer, and what it must promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from common.secrets import Sealed
from scheduling.models import MediaFile


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How a channel is reached: its own address, the name it signs in with, its secret or token."""

    endpoint: str = ""
    login: str = ""
    credential: Sealed | None = None

    def reveal(self) -> str:
        """The channel's secret, blank where there is none. Raises `common.secrets.Unreadable`."""
        return self.credential.reveal() if self.credential else ""


@dataclass(frozen=True, kw_only=True)
class Job(Connection):
    """One post as it is to go out. `dedupe_key` is equal over all tries of one
    publication.

    `made_at` is when the post was made, the same on every try; `sent_at` is when the
    try that is asked about began to send; `prepared` is what the publisher itself made
    ready for this try.
    """

    post_id: UUID
    account_id: UUID
    platform: str
    title: str
    text: str
    link: str
    dedupe_key: str
    made_at: datetime
    sent_at: datetime | None = None
    media: tuple[MediaFile, ...] = ()
    prepared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Published:
    """It is live."""

    external_id: str
    url: str = ""


@dataclass(frozen=True)
class Retry:
    """It did not go out, trying again may help; `after` in seconds where the platform
    named a wait.
    """

    reason: str
    after: float | None = None


@dataclass(frozen=True)
class Refused:
    """It did not go out and never will as it is."""

    reason: str


@dataclass(frozen=True)
class SignInRefused(Refused):
    """It did not go out, and nothing of the channel will until it is reconnected: the
    platform no longer accepts its sign-in.
    """


@dataclass(frozen=True)
class Uncertain:
    """It was sent, and nobody knows whether it went out."""

    reason: str


Outcome = Published | Retry | Refused | Uncertain


class Publisher(Protocol):
    """A destination. Before `publish` is called the attempt is marked as sending, so it
    may be cut off anywhere.
    """

    name: str

    def publish(self, job: Job) -> Outcome:
        """Send the post: one request that shows it to the public. An exception counts
        as Uncertain.
        """
        ...

    def resolve(self, job: Job) -> Outcome:
        """Find out what became of an earlier try: Published, Retry (it never arrived)
        or Uncertain (cannot tell).
        """
        ...


@runtime_checkable
class Preparing(Protocol):
    """A publisher that has work to do before the point of no return: signing in,
    uploads, drafts.
    """

    def prepare(self, job: Job) -> tuple[str, ...] | Retry | Refused:
        """What `publish` will find in `job.prepared`. Nothing of it is seen by the
        public; an exception is a Retry.
        """
        ...


@dataclass(frozen=True)
class Verified:
    """The platform knows the channel's sign-in; the account's name and address there,
    and what its own server takes, by the rules of `domain.platforms.rules`.
    """

    name: str
    url: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)


@runtime_checkable
class Verifying(Protocol):
    """A publisher that can ask its platform whether a connection works, without posting
    anything.
    """

    def verify(self, connection: Connection) -> Verified | Retry | Refused:
        """Verified, Refused for a sign-in that does not work, Retry where that cannot
        be told now.
        """
        ...
