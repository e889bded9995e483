"""Doing a keyed request once, however often it is sent.

There are two ways, with one store. What programs ask for is done in one transaction with
keeping its answer (`once`). A page's form may take files and fetch addresses, for which
no transaction should stay open: the first claims the key (`claim`), and others wait for
its answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import Conflict
from common.idempotency import KEPT, checked_key, fingerprint, same_request
from workspaces.models import StoredReply, User, Workspace

# A claim whose process has died is given up after this long.
CLAIM_LASTS = timedelta(minutes=2)
# What was refused once may be right a little later: only those sent together share it.
REFUSAL_LASTS = timedelta(seconds=15)
LOOK_AGAIN_SECONDS = 0.1
MOST_LOOKS = 600


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    replayed: bool = False


def once(
    owner: User | Workspace,
    door: str,
    raw_key: str | None,
    payload: Any,
    act: Callable[[], Reply],
) -> Reply:
    """Run `act` for a new key and keep its answer for 24 hours; repeat the kept answer
    for a known key. Keys are told apart by their owner and by the door.

    The answer is stored in the transaction of the act, so a crash keeps neither. Two
    equal requests at once meet at the unique constraint: the second waits, then gets
    the first one's answer. Raises Conflict when the key comes back with another
    payload, and whatever `act` raises.
    """
    key = checked_key(raw_key)
    if key is None:
        return act()
    mark = fingerprint(payload)
    scope = f"{owner._meta.model_name}:{owner.pk}"
    rows = StoredReply.objects.filter(scope=scope, door=door, key=key)
    rows.filter(created_at__lt=timezone.now() - KEPT).delete()
    try:
        with transaction.atomic():
            keyed = StoredReply.objects.create(
                scope=scope, door=door, key=key, fingerprint=mark
            )
            reply = act()
            StoredReply.objects.filter(pk=keyed.pk).update(
                status=reply.status, body=reply.body
            )
            return reply
    except IntegrityError:
        stored = rows.first()
        if stored is None:
            raise
    same_request(stored.fingerprint, mark)
    return Reply(stored.status or 200, stored.body, replayed=True)


@dataclass(frozen=True)
class Claim:
    """The right to do what a key stands for, until its answer is kept or given up."""

    pk: int

    def keep(self, reply: Reply, *, refused: bool) -> None:
        """Give the answer to those who wait; a refusal only to them."""
        body = {"refused": refused, "answer": reply.body}
        StoredReply.objects.filter(pk=self.pk).update(status=reply.status, body=body)

    def give_up(self) -> None:
        """Let the next one do it."""
        StoredReply.objects.filter(pk=self.pk).delete()


def claim(owner: User | Workspace, door: str, key: str) -> Claim | Reply:
    """A claim for the first who comes with a key, the first one's answer for the others,
    who wait for it.

    Raises Conflict when the first is not done after a minute.
    """
    scope = f"{owner._meta.model_name}:{owner.pk}"
    name = {"scope": scope, "door": door, "key": key}
    for _ in range(MOST_LOOKS):
        stored = StoredReply.objects.filter(**name).first()
        if stored is not None and _is_over(stored):
            stored.delete()
            stored = None
        if stored is None:
            row = _first(name)
            if row is not None:
                return Claim(row.pk)
        elif stored.status is not None:
            answer = dict(stored.body or {}).get("answer")
            return Reply(stored.status, answer, replayed=True)
        time.sleep(LOOK_AGAIN_SECONDS)
    raise Conflict(
        "This form was sent before and is still being worked on. Look again in a minute."
    )


def _first(name: dict[str, str]) -> StoredReply | None:
    """The row that stands for the claim; None where somebody else was first."""
    try:
        with transaction.atomic():
            return StoredReply.objects.create(**name)
    except IntegrityError:
        return None


def _is_over(stored: StoredReply) -> bool:
    """Whether a claim or an answer holds no longer."""
    age = timezone.now() - stored.created_at
    if stored.status is None:
        return age > CLAIM_LASTS
    was_refused = dict(stored.body or {}).get("refused", False)
    return age > (REFUSAL_LASTS if was_refused else KEPT)
