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
        sign = "-" if self.descending else ""
        order = [f"{sign}{field}" for field in self.fields]
        page = list(rows.order_by(*order)[: size + 1])
        next_token = self._write(page[size - 1]) if len(page) > size else None
        return page[:size], next_token

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
        try:
            name, descending, values = signing.loads(token, salt=SALT)
        except (signing.BadSignature, ValueError):
            raise bad_parameter(
                "page_token", "This page token is not one of ours."
            ) from None
        if (name, descending) != (self.name, self.descending):
            raise bad_parameter("page_token", "This page token is of another order.")
        return [parse_instant(value) if is_moment(value) else value for value in values]


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def is_moment(value: Any) -> bool:
    return isinstance(value, str) and "T" in value
