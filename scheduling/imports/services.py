"""What people do with a file of posts: send it, name its columns, have it placed, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.doorbell import ring
from common.errors import Conflict, InvalidInput
from common.transitions import advance
from scheduling import events
from scheduling.access import access_import, channels_of
from scheduling.domain import states
from scheduling.imports.table import COLUMNS, Row, check_rows, guess, read_table
from scheduling.models import ImportedRow, PostImport
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

IMPORT_POSTS = "scheduling.import_posts"

NEEDED = ("channels", "date")


def take(
    user: User,
    workspace: Workspace,
    name: str,
    data: bytes,
    zone: str,
    *,
    approved: bool,
) -> PostImport:
    """Keep a file to be looked at; nothing is placed yet. Raises InvalidInput for what
    is no table.
    """
    require_role(user, workspace, Role.EDITOR)
    columns, cells = read_table(data)
    run = PostImport.objects.create(
        workspace=workspace,
        made_by=user,
        file_name=name[:200],
        zone=zone,
        approved=approved,
        columns=columns,
        cells=cells,
        places=guess(columns),
    )
    audit.record(
        user,
        "sent",
        run.topic,
        workspace=workspace,
        after={"file": run.file_name, "rows": len(cells)},
    )
    return run


def name_columns(user: User, run_id: UUID, places: Mapping[str, int]) -> PostImport:
    """Say which column is what. Raises InvalidInput for a column that is not there,
    Conflict once it was started.
    """
    run = access_import(user, run_id, Role.EDITOR)
    for what, place in places.items():
        if what not in COLUMNS or not 0 <= place < len(run.columns):
            raise InvalidInput("There is no such column.")
    unstarted = PostImport.objects.filter(pk=run.pk, state=states.DRAFT)
    if not unstarted.update(places=dict(places)):
        raise Conflict("This import was started already.")
    return access_import(user, run_id)


def checked(user: User, run: PostImport) -> list[Row]:
    """Every row of the file with what is wrong with it, by the columns as they are named now."""
    accounts = list(channels_of(user, run.workspace))
    return check_rows(run.cells, run.places, accounts, run.zone, timezone.now())


def start(user: User, run_id: UUID) -> PostImport:
    """Have a worker place the rows without errors; the others are left out.

    Raises InvalidInput when a needed column has no name or no row is right, Conflict
    once it was started.
    """
    run = access_import(user, run_id, Role.EDITOR)
    if missing := [name for name in NEEDED if name not in run.places]:
        raise InvalidInput(f"Say which column has the {' and the '.join(missing)}.")
    rows = [
        ImportedRow(run=run, number=row.number, values=row.as_json())
        for row in checked(user, run)
        if not row.errors
    ]
    if not rows:
        raise InvalidInput("No row can be imported; see what is wrong with each.")
    with transaction.atomic():
        # Whoever moves the state first has started it, and only then are there rows.
        advance(PostImport.objects.filter(pk=run.pk), states.IMPORT, states.PENDING)
        ImportedRow.objects.bulk_create(rows, batch_size=500)
        audit.record(
            user,
            "started",
            run.topic,
            workspace=run.workspace,
            after={"rows": len(rows)},
        )
        ring(IMPORT_POSTS, str(run.pk))
        events.import_changed(run)
    return access_import(user, run_id)


def cancel(user: User, run_id: UUID) -> PostImport:
    """End an import; what was placed stays. Raises Conflict when it has ended."""
    run = access_import(user, run_id, Role.EDITOR)
    with transaction.atomic():
        changes: dict[str, Any] = {"ended_at": timezone.now(), "lease_until": None}
        advance(
            PostImport.objects.filter(pk=run.pk),
            states.IMPORT,
            states.CANCELED,
            **changes,
        )
        audit.record(user, "canceled", run.topic, workspace=run.workspace)
        events.import_changed(run)
    return access_import(user, run_id)
