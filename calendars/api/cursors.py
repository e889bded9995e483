"""Pages that stay in place while rows are added: a page begins after the last row of
the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet

from calendars.api.doors import bad_parameter
from common.errors import InvalidInput
from common.zones import parse_instant

SALT = "calendars.page"


@dataclass(frozen=True)
class Order:
    """Fields of the query, the last of them unique, all in one direction."""

    name: str
    fields: tuple[str, ...]
    descending: bool = False

    def page(
        self, rows: QuerySet[Any], token: str | None, size: int
    ) -> tuple[list[Any], str | None]:
        """The rows after the token's, at most `size`, and the token of the next page:
        None when there is none.

        Raises InvalidInput for a token that is not ours, or is of another order.
        """
        if token:
            rows = rows.filter(self._after(self._read(token)))
        # One more shows whether another page follows.
        ordered = list(self._in_order(rows)[: size + 1])
        page = ordered[:size]
        has_next = len(ordered) > size
        return page, self._write(page[-1]) if has_next else None

    def _in_order(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows by these fields, all of them up or all down."""
        sign = "-" if self.descending else ""
        return rows.order_by(*(f"{sign}{field}" for field in self.fields))

    def _after(self, values: list[Any]) -> Q:
        """Beyond the first field, or level with it and beyond the second, and so on."""
        lookup = "lt" if self.descending else "gt"
        beyond = Q()
        level = Q()
        for field, value in zip(self.fields, values, strict=True):
            beyond |= level & Q(**{f"{field}__{lookup}": value})
            level &= Q(**{field: value})
        return beyond

    def _write(self, row: Any) -> str:
        values = [plain(getattr(row, field)) for field in self.fields]
        return signing.dumps([self.name, self.descending, values], salt=SALT)

    def _read(self, token: str) -> list[Any]:
        """The values of the row after which the page begins."""
        try:
            name, descending, values = signing.loads(token, salt=SALT)
        except (signing.BadSignature, ValueError):
            raise bad_token("This page token is not one of ours.") from None
        if (name, descending) != (self.name, self.descending):
            raise bad_token("This page token is of another order.")
        return [typed(value) for value in values]


def bad_token(message: str) -> InvalidInput:
    """What is raised for a token that is none of this list's."""
    return bad_parameter("page_token", message)


def plain(value: Any) -> int | str:
    """A field's value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def typed(value: int | str) -> Any:
    """The same value as the query wants it."""
    if isinstance(value, str) and "T" in value:
        return parse_instant(value)
    return value
