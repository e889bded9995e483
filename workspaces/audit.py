"""Writing and verifying the audit trail."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from common.mappings import Values
from workspaces.models import AuditEntry, AuditHead, User, Workspace

EVERYWHERE = "installation"
BATCH = 500


@dataclass(frozen=True)
class Break:
    """A place where a chain does not hold."""

    chain: str
    number: int
    reason: str


def digest(entry: AuditEntry) -> str:
    """HMAC-SHA256 over everything the entry says and the digest before it.

    The key comes from the installation's secrets: whoever can only write to the
    database cannot forge a chain. Set AUDIT_KEY apart from SECRET_KEY to be able to
    change the latter.
    """
    text = json.dumps(_signed(entry), sort_keys=True, cls=DjangoJSONEncoder)
    return hmac.new(_key(), text.encode(), hashlib.sha256).hexdigest()


def _signed(entry: AuditEntry) -> list[Any]:
    """What the digest is of."""
    return [
        entry.chain,
        entry.number,
        entry.at.isoformat(),
        entry.actor_name,
        entry.action,
        entry.thing,
        entry.before,
        entry.after,
        entry.previous,
    ]


def _key() -> bytes:
    secret = settings.AUDIT_KEY or settings.SECRET_KEY
    return hashlib.sha256(b"slotline audit trail" + secret.encode()).digest()


@dataclass(frozen=True)
class Entry:
    """What is noted about one thing: its values before and after, those that matter."""

    action: str
    thing: str
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)


def record(
    actor: User | None,
    action: str,
    thing: str,
    *,
    workspace: Workspace | None = None,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """Add an entry to the workspace's chain, in the caller's transaction: no change
    without its entry.
    """
    entry = Entry(action, thing, before or {}, after or {})
    record_all(actor, workspace, [entry])


@transaction.atomic(savepoint=False)
def record_all(
    actor: User | None, workspace: Workspace | None, entries: Sequence[Entry]
) -> None:
    """As `record`, for many things at once: three queries however many there are."""
    if not entries:
        return
    chain = f"workspace:{workspace.pk}" if workspace else EVERYWHERE
    head = _locked_head(chain)
    rows = []
    for entry in entries:
        row = AuditEntry(
            chain=chain,
            number=head.length + 1,
            at=timezone.now(),
            actor=actor,
            actor_name=actor.username if actor else "system",
            workspace=workspace,
            action=entry.action,
            thing=entry.thing,
            before=plain(entry.before),
            after=plain(entry.after),
            previous=head.digest,
        )
        row.digest = digest(row)
        head.length = row.number
        head.digest = row.digest
        rows.append(row)
    AuditEntry.objects.bulk_create(rows, batch_size=BATCH)
    AuditHead.objects.filter(chain=chain).update(length=head.length, digest=head.digest)


def _locked_head(chain: str) -> AuditHead:
    """The chain's head, ours until the transaction ends; a new one where there is none."""
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(chain=chain).first()
    if head is None:
        AuditHead.objects.get_or_create(chain=chain)
        head = heads.get(chain=chain)
    return head


def plain(values: Values) -> Values:
    """Values as they will come back from the database, so that a digest made now still
    fits then.
    """
    as_stored: Values = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return as_stored


def verify() -> Iterator[Break]:
    """Every place where an entry was changed, removed, added or reordered outside of `record`."""
    for head in AuditHead.objects.order_by("chain"):
        yield from verify_chain(head)
    yield from _orphans()


def _orphans() -> Iterator[Break]:
    """Every entry of a chain that has no head."""
    orphans = AuditEntry.objects.exclude(chain__in=AuditHead.objects.values("chain"))
    for entry in orphans.order_by("chain", "number"):
        yield Break(entry.chain, entry.number, "belongs to no chain")


def verify_chain(head: AuditHead) -> Iterator[Break]:
    """Where a chain of entries is broken: one is missing, changed or does not follow,
    or the end differs from what was noted apart.
    """
    expected = 1
    previous = ""
    entries = AuditEntry.objects.filter(chain=head.chain).order_by("number")
    for entry in entries.iterator():
        if entry.number != expected:
            yield Break(head.chain, expected, "is missing")
        elif entry.previous != previous:
            yield Break(head.chain, entry.number, "does not follow the entry before it")
        if not hmac.compare_digest(entry.digest, digest(entry)):
            yield Break(head.chain, entry.number, "was changed")
        expected = entry.number + 1
        previous = entry.digest
    if (expected - 1, previous) != (head.length, head.digest):
        yield Break(
            head.chain, expected, "the end of the chain was cut off or replaced"
        )


class Broken(Exception):
    """A chain does not hold, so nothing of it may be signed anew; the text says where."""


@transaction.atomic
def replace_name(names: Collection[str], new: str) -> int:
    """Write `new` wherever entries say one of these names, and sign the chains anew;
    how many entries changed.

    For somebody whose data are deleted. Raises Broken before it changes a chain that
    does not hold: what was tampered with must not be covered up.
    """
    changed = 0
    for head in AuditHead.objects.select_for_update().order_by("chain"):
        if fault := next(verify_chain(head), None):
            raise Broken(f"Entry {fault.number} of {fault.chain} {fault.reason}.")
        changed += _renamed(head, frozenset(names), new)
    return changed


def _renamed(head: AuditHead, names: frozenset[str], new: str) -> int:
    changed = 0
    previous = ""
    entries = AuditEntry.objects.filter(chain=head.chain).order_by("number")
    for entry in entries.iterator():
        before = (entry.actor_name, entry.before, entry.after)
        after = tuple(_without(value, names, new) for value in before)
        entry.actor_name, entry.before, entry.after = after
        changed += after != before
        if changed:
            entry.previous = previous
            entry.digest = digest(entry)
            entry.save()
        previous = entry.digest
    AuditHead.objects.filter(chain=head.chain).update(digest=previous)
    return changed


def _without(value: Any, names: frozenset[str], new: str) -> Any:
    if isinstance(value, str):
        return new if value in names else value
    if isinstance(value, list):
        return [_without(part, names, new) for part in value]
    if isinstance(value, dict):
        return {key: _without(part, names, new) for key, part in value.items()}
    return value
