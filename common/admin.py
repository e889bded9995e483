"""What admins share: what staff may not do by hand, and doing things through services; exports."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from common.errors import Problem
from common.spreadsheets import safe


class NotAdded:
    """Made by services only. A mixin for admins and inlines of the admin."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NotEdited(NotAdded):
    """A record; it may be deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(NotEdited):
    """A record that stays."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Exported:
    """Lists of which chosen rows can be had as a CSV file: the columns that the list shows."""

    @admin.action(description="Export as CSV")
    def export_as_csv(
        self, request: HttpRequest, chosen: QuerySet[Any]
    ) -> HttpResponse:
        """The chosen rows with the columns of the list; no cell begins a formula."""
        names = self.list_display  # type: ignore[attr-defined]
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = (
            f'attachment; filename="{chosen.model._meta.model_name}.csv"'
        )
        writer = csv.writer(response)
        writer.writerow(names)
        for row in chosen:
            writer.writerow([safe(str(getattr(row, name))) for name in names])
        return response


def through(
    own: Any,
    request: HttpRequest,
    chosen: Iterable[Any],
    service: Callable[[Any, Any], Any],
    message: str,
) -> None:
    """Do it to each row by the service, as the person at the admin: it refuses whoever
    has no part in the workspace.
    """
    done = 0
    for row in chosen:
        try:
            service(request.user, row.pk)
            done += 1
        except Problem as problem:
            own.message_user(request, f"{row}: {problem.message}", messages.ERROR)
    if done:
        own.message_user(request, f"{message}: {done}.")
