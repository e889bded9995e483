"""What people do with a file of posts: send it, name its columns, have it placed, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.cells import plain
from common.doorbell import ring
from common.errors import Conflict, InvalidInput
from common.mappings import Values
from common.tables import Table, guess_columns, read_table
from common.transitions import advance
from scheduling import events
from scheduling.access import access_import, channels_of
from scheduling.domain import states
from scheduling.imports.foresight import foresee
from scheduling.imports.table import COLUMNS, LIMITS, Row, check_rows
from scheduling.models import ImportedRow, PostImport
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

IMPORT_POSTS = "scheduling.import_posts"

NEEDED = ("channels", "date")
MORE_CELLS = "The row has more cells than the header. Put texts with separators in quotation marks."


@dataclass(frozen=True)
class PostFile:
    """A file of posts: its name, its bytes, and of a workbook the sheet to read, blank
    for the first that holds something.
    """

    name: str
    data: bytes
    sheet: str = ""


def take(
    user: User, workspace: Workspace, file: PostFile, zone: str, *, approved: bool
) -> PostImport:
    """Keep a file to be looked at; nothing is placed yet. Raises InvalidInput for what
    is no table.

    zone: IANA; the clock of times without an offset.
    approved: whether the posts are to be scheduled, and not drafts.
    """
    require_role(user, workspace, Role.EDITOR)
    table = read_table(file.data, LIMITS, file.sheet)
    lines = _lines(table)
    if not lines:
        raise InvalidInput("The file has no rows below its header.")
    run = PostImport.objects.create(
        workspace=workspace,
        made_by=user,
        file_name=file.name[:200],
        zone=zone,
        approved=approved,
        columns=table.titles,
        numbers=[number for number, _ in lines],
        cells=[cells for _, cells in lines],
        places=guess_columns(table.titles, COLUMNS).places,
        sheet=table.sheet[:255],
        sheets=list(table.sheets),
    )
    audit.record(
        user,
        "sent",
        run.topic,
        workspace=workspace,
        after={"file": run.file_name, "rows": len(lines)},
    )
    return run


def _lines(table: Table) -> list[tuple[int, list[str]]]:
    """Numbers and texts of the rows, all at least as wide as the header."""
    width = len(table.titles)
    lines = []
    for number, cells in table.rows:
        texts = [plain(cell) for cell in cells]
        lines.append((number, texts + [""] * (width - len(texts))))
    return lines


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
    """Every row of the file with what is wrong with it, by the columns as they are named
    now, and with what its placing would be refused for.
    """
    accounts = list(channels_of(user, run.workspace))
    rows = check_rows(run.lines, run.places, accounts, run.zone, timezone.now())
    width = len(run.columns)
    for row, (_, cells) in zip(rows, run.lines, strict=True):
        if any(cells[width:]):
            row.errors.append(MORE_CELLS)
    foresee(run.workspace, rows, approved=run.approved)
    return rows


def start(user: User, run_id: UUID) -> PostImport:
    """Have a worker place the rows without errors; the others are left out.

    Raises InvalidInput when a needed column has no name or no row is right, Conflict
    once it was started.
    """
    run = access_import(user, run_id, Role.EDITOR)
    if run.state != states.DRAFT:
        raise Conflict("This import was started already.")
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
        changes: Values = {"ended_at": timezone.now(), "lease_until": None}
        advance(
            PostImport.objects.filter(pk=run.pk),
            states.IMPORT,
            states.CANCELED,
            **changes,
        )
        audit.record(user, "canceled", run.topic, workspace=run.workspace)
        events.import_changed(run)
    return access_import(user, run_id)
