"""Two people on one thing: what each of them saw of it, and what becomes of the change
that comes second.

1. Who reads a thing gets a note of what it said: a page a digest of each field, a
   program one digest of all of them (`ETag`).
2. The note comes back with the change. Whoever writes has locked the row and asks the
   note what may be written (`settle`), before anything is.
3. A field that only one of the two has changed is theirs alone. Where both changed the
   same field nothing is written, and the second is told (`Overtaken`). A program is told
   whenever anything has changed (`Outdated`).

Digests are of what a value means, not of how it was typed: ends of lines, blanks around a
text and ways to write a number make no difference, and empty is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db.models import Model
from django.utils.crypto import salted_hmac

from common.errors import Outdated, Overtaken
from common.mappings import Record, Values

DIGEST_SIGNS = 16
EMPTY: tuple[Any, ...] = (None, "", [], (), {})
ANY = "*"


class Expected(Protocol):
    """What somebody knows of a thing that they change."""

    def settle(self, now: Values, mine: Values) -> Values:
        """Those of the changes that are to be written to a thing that says `now`.
        Raises Overtaken where somebody else's would be lost.
        """


def digest_of(value: Any) -> str:
    """A short text that is the same for values that mean the same.

    It is keyed: a page carries digests of secrets, which must not be found by trying.
    """
    text = json.dumps(_plain(value), sort_keys=True)
    digest = salted_hmac("common.edits", text, algorithm="sha256")
    return digest.hexdigest()[:DIGEST_SIGNS]


def digests_of(values: Record) -> dict[str, str]:
    """The digest of each value, by its name."""
    return {name: digest_of(value) for name, value in values.items()}


def etag_of(values: Record) -> str:
    """The version of a thing that says this, as the header `ETag` has it."""
    return f'"{digest_of(digests_of(values))}"'


def _plain(value: Any) -> Any:
    if value in EMPTY:
        return ""
    match value:
        case bool():
            return value
        case str():
            return value.replace("\r\n", "\n").strip()
        case int() | float() | Decimal():
            return format(Decimal(str(value)).normalize(), "f")
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Model():
            return str(value.pk)
        case list() | tuple():
            return [_plain(part) for part in value]
        case dict():
            return {str(name): _plain(part) for name, part in value.items()}
    return str(value)


@dataclass
class Seen:
    """What somebody saw of a thing when its form was opened.

    digests: of each value, by its name.
    absent: the digest of what is not among them.
    left: names of what they leave as the others have it.
    needs_all: whether they must have seen all that they write about: the change lets the
    thing go out, or its values only make sense together.
    """

    digests: Record = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    needs_all: bool = False
    absent: str = field(default_factory=lambda: digest_of(None))

    @classmethod
    def read(cls, text: str, left: Iterable[str] = ()) -> Seen:
        """What `str` made of it. Nothing was seen in a text that cannot be read: then
        no difference passes unnoticed.
        """
        try:
            digests = json.loads(text)
        except ValueError:
            digests = None
        if not isinstance(digests, dict):
            return cls(left=frozenset(left), absent="")
        return cls(digests, frozenset(left))

    def __str__(self) -> str:
        return json.dumps(self.digests, separators=(",", ":"))

    def settle(self, now: Values, mine: Values) -> Values:
        """My changes without those that only others have made. Raises Overtaken."""
        changed = [name for name in mine if self._was_changed(name, now.get(name))]
        same = [name for name in changed if self._is_same(name, now, mine)]
        kept = self.left.union(same)
        changes = {name: value for name, value in mine.items() if name not in kept}
        clashes = tuple(name for name in changed if name not in kept)
        unread = [name for name in same if self._is_unread(name, now, mine)]
        if clashes or (self.needs_all and unread):
            raise Overtaken(now, changes, clashes)
        return changes

    def _was_changed(self, name: str, value: Any) -> bool:
        was_changed: bool = digest_of(value) != self._digest(name)
        return was_changed

    def _digest(self, name: str) -> Any:
        return self.digests.get(name, self.absent)

    def _is_same(self, name: str, now: Values, mine: Values) -> bool:
        """Whether nobody objects to what others made of it: it was not touched, or is
        what would have been written anyway.
        """
        return digest_of(mine[name]) in (self._digest(name), digest_of(now.get(name)))

    def _is_unread(self, name: str, now: Values, mine: Values) -> bool:
        """Whether it stays as others have it without having been looked at."""
        is_same = digest_of(mine[name]) == digest_of(now.get(name))
        return name not in self.left and not is_same


@dataclass(frozen=True)
class Version:
    """What a program has named in `If-Match`: versions of the whole thing, or any."""

    etags: frozenset[str]

    @classmethod
    def read(cls, header: str) -> Version:
        """A proxy that compresses answers marks their versions as weak; they are the
        same.
        """
        names = (name.strip().removeprefix("W/") for name in header.split(","))
        return cls(frozenset(names))

    def settle(self, now: Values, mine: Values) -> Values:
        """The changes as they are. Raises Outdated for a thing of another version."""
        if self.etags.isdisjoint({ANY, etag_of(now)}):
            raise Outdated(now, mine)
        return mine
