"""What staff may not do by hand in the admin, because only services may or because it is a record of what happened."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


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
