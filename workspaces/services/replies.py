"""Doing a keyed request once, however often it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.idempotency import KEPT, checked_key, fingerprint, same_request
from workspaces.models import StoredReply, User, Workspace


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
