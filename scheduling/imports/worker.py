"""Placing the rows of an import, one transaction each, so that a run picked up again
goes on where it was.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from common.errors import Problem
from common.runs import Lost, Work
from common.transitions import try_advance
from scheduling.domain import states
from scheduling.events import import_changed, import_progressed
from scheduling.models import ContentItem, ImportedRow, PostImport
from scheduling.posts.place import Order, Placement, put

log = structlog.get_logger(__name__)

# After this long a worker lets others have their turn.
TURN_SECONDS = 60.0


def lease(_: PostImport) -> timedelta:
    """How long a worker may be silent at an import."""
    return timedelta(seconds=settings.IMPORT_LEASE_SECONDS)


WORK = Work(PostImport, states.IMPORT, lease, import_changed)


def run(run_id: UUID, worker: str) -> bool:
    """Claim an import and place rows for at most a minute. Returns whether rows are
    left for which to ring again.
    """
    claimed = WORK.claim(run_id, worker, "workspace", "made_by")
    if claimed is None:
        return False
    try:
        return place_rows(claimed, time.monotonic() + TURN_SECONDS)
    except Lost:
        log.info("import_lost", run=str(run_id), fence=claimed.fence)
    return False


def place_rows(claimed: PostImport, until: float) -> bool:
    """Each waiting row in order of the file. Raises Lost."""
    total = claimed.rows.count()
    for row in claimed.rows.filter(state=states.WAITING):
        WORK.keep(claimed)
        if time.monotonic() > until:
            WORK.finish(claimed, states.PENDING)
            return True
        place_row(claimed, row)
        done = claimed.rows.exclude(state=states.WAITING).count()
        import_progressed(claimed, done, total)
    WORK.finish(claimed, states.COMPLETED)
    return False


def place_row(claimed: PostImport, row: ImportedRow) -> None:
    """The row's posts, with the word that they are there, or the reason why not. Raises Lost."""
    try:
        with transaction.atomic():
            WORK.keep(claimed)
            placement = _placed(claimed, row)
            note = " ".join(placement.warnings)
            _record(row, states.PLACED, group=placement.group, note=note)
    except Problem as problem:
        reason = problem.message.removeprefix("Nothing was planned. ")
        with transaction.atomic():
            WORK.keep(claimed)
            _record(row, states.REFUSED, note=reason)


def _placed(claimed: PostImport, row: ImportedRow) -> Placement:
    values = row.values
    channel_ids = [UUID(text) for text in values["channels"]]
    accounts = list(claimed.workspace.channel_accounts.filter(pk__in=channel_ids))
    words = {name: values[name] for name in ("title", "caption", "hashtags", "link")}
    owner = claimed.made_by.username if claimed.made_by else ""
    item = ContentItem.objects.create(workspace=claimed.workspace, owner=owner, **words)
    order = Order(
        item.pk,
        tuple(account.pk for account in accounts),
        datetime.fromisoformat(values["at"]),
        approved=claimed.approved,
        unconnected=True,
    )
    return put(claimed.made_by, claimed.workspace, accounts, item, order)


def _record(row: ImportedRow, state: str, **facts: Any) -> None:
    this_row = ImportedRow.objects.filter(pk=row.pk)
    if not try_advance(this_row, states.IMPORTED_ROW, state, **facts):
        raise Lost
