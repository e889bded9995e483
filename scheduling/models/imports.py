"""Imports of posts from a table that somebody sent."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from common.runs import OPEN, LeasedRun
from common.transitions import known_state
from scheduling.domain import states
from scheduling.models.groups import PostGroup
from workspaces.models import User, Workspace


class PostImport(LeasedRun):
    """A file of posts: looked at first, with its columns named by a person, then placed
    row by row by a worker.

    `columns` are the titles, `cells` the rows below them, and `numbers` what a
    spreadsheet shows beside those; `places` says in which column what stands. Of a
    workbook `sheet` was read, one of `sheets`. Times without an offset are on the clock
    of `zone`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="post_imports"
    )
    made_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    file_name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64)
    approved = models.BooleanField("schedule at once", default=False)
    columns = models.JSONField(default=list)
    cells = models.JSONField(default=list)
    numbers = models.JSONField(default=list)
    sheet = models.CharField(max_length=255, blank=True)
    sheets = models.JSONField(default=list)
    places = models.JSONField(default=dict)
    state = models.CharField(
        max_length=12, default=states.IMPORT.initial, editable=False
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.IMPORT, "post_import_state_known")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["workspace", "-created_at"], name="post_import_newest"
            ),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=OPEN),
                name="post_import_open",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def topic(self) -> str:
        """What pages that show it listen for."""
        return f"import:{self.pk}"

    @property
    def lines(self) -> list[tuple[int, list[str]]]:
        """The rows with their numbers; imports of older versions counted from 2."""
        numbers = self.numbers or range(2, len(self.cells) + 2)
        return list(zip(numbers, self.cells, strict=True))


class ImportedRow(models.Model):
    """One row that was to be placed, what it asked for, and what became of it; `note`
    is for people.
    """

    run = models.ForeignKey(PostImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    state = models.CharField(
        max_length=12, default=states.IMPORTED_ROW.initial, editable=False
    )
    group = models.ForeignKey(
        PostGroup, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[Any]] = [
            known_state(states.IMPORTED_ROW, "imported_row_state_known"),
            models.UniqueConstraint(fields=["run", "number"], name="imported_row_once"),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of {self.run_id}"
